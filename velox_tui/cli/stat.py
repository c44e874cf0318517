"""`velox-tui stat`: one reading of a pipeline that another process runs, as text, JSON or OpenMetrics.

Every word that the pipeline publishes with its unit, label and stage; how old its signs of life are; the
ledger; percentiles since the run began.
"""

from __future__ import annotations

from collections.abc import Sequence

from velox_tui.cli.parser import Parser
from velox_tui.cli.verdict import LEDGER_VIOLATED
from velox_tui.errors import UsageError

_EXAMPLES = """examples:
  velox-tui stat                              the only pipeline that runs here
  velox-tui stat 4711 | grep dropped
  velox-tui stat --json | jq '.words[] | select(.stage == "Ingress")'
  velox-tui stat --openmetrics

exit codes: 0; 2 usage; 3 ledger violated; 65 no segment; 66 no such pipeline, or several to choose from.
"""


def run(arguments: Sequence[str]) -> int:
    """Prints one reading; 0, or 3 when its ledger is not exact."""
    parsed = make_parser().parse(arguments)
    if parsed.json and parsed.openmetrics:
        raise UsageError("--json and --openmetrics exclude each other")
    from velox_tui.cli.stat_text import as_json, as_text
    from velox_tui.exporters import openmetrics
    from velox_tui.sources.attached import AttachedSource, find
    from velox_tui.telemetry.snapshot import of_reading

    source = AttachedSource(find(parsed.target))
    try:
        snapshot = of_reading(source.read())
    finally:
        source.release()
    render = as_json if parsed.json else openmetrics.render if parsed.openmetrics else as_text
    print(render(snapshot), end="")
    ledger = snapshot.sample.ledger
    return LEDGER_VIOLATED if ledger is not None and ledger.residual else 0


def make_parser() -> Parser:
    """All flags."""
    parser = Parser(prog="velox-tui stat", description=__doc__, epilog=_EXAMPLES)
    parser.add_argument("target", metavar="PID|FILE", nargs="?", help="which (default: the only one)")
    parser.add_argument("--json", action="store_true", help="one object")
    parser.add_argument("--openmetrics", action="store_true", help="what Prometheus reads")
    return parser
