"""`velox-tui diff`: two recordings side by side: rates, shares, fill, losses and percentiles.

Percentiles are those of all intervals' histograms merged (from .frames; with the CSV alone they are unknown).
Each line tells both values, the change from A to B, and the spread: the larger interquartile range of the
two recordings' values interval by interval. A change larger than that, so than the width of the middle half
of either's intervals, is marked `beyond`. That describes and proves nothing: intervals that follow each other
are not independent. With fewer than 4 intervals, and for totals, the spread is unknown.

--fail-on compares the change, B minus A: a number in the figure's unit, or with % a share of A's amount.
Names are those that are printed; what is unknown fulfils no condition, and is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from velox_tui.cli.faults import say
from velox_tui.cli.parser import Parser
from velox_tui.cli.verdict import CONDITION_HELD
from velox_tui.errors import UsageError
from velox_tui.recording.compare import Difference, differences
from velox_tui.recording.compare_conditions import Condition, parse
from velox_tui.settings_load import nearest

_EXAMPLES = """examples:
  velox-tui diff before.csv after.csv
  velox-tui diff before.csv after.csv --fail-on 'diff.e2e_p99_ns>10%,diff.ingress_dropped_total>0'
  velox-tui diff a.csv b.csv --fail-on 'diff.output_per_s<-5%,diff.e2e_p50_ns>20us'
  velox-tui diff a.csv b.csv --json | jq '.figures[] | select(.beyond)'

exit codes: 0; 2 usage; 4 a --fail-on condition held; 65 no recording, or damaged; 66 input missing.
"""


def run(arguments: Sequence[str]) -> int:
    """Prints the comparison; 0, or 4 when a condition held."""
    parsed = make_parser().parse(arguments)
    conditions = _conditions(parsed.fail_on)
    from velox_tui.cli import diff_text
    from velox_tui.cli.diff_read import Both
    from velox_tui.cli.progress import ProgressBar

    with ProgressBar() as progress:
        both = Both(parsed.a, parsed.b, lambda error: say(f"left out: {error}"), progress.update)
        found = differences(*both.figures())
    _check_names(conditions, found)
    print(diff_text.as_json(both, found) if parsed.json else diff_text.as_text(both, found), end="")
    held = [text for one in conditions if (text := _held(one, found))]
    for text in held:
        say(text)
    return CONDITION_HELD if held else 0


def make_parser() -> Parser:
    """All flags."""
    parser = Parser(prog="velox-tui diff", description=__doc__, epilog=_EXAMPLES)
    parser.add_argument("a", metavar="A.csv", type=Path, help="a recording, its frames beside it")
    parser.add_argument("b", metavar="B.csv", type=Path, help="another")
    parser.add_argument("--json", action="store_true", help="one object, with every number in full")
    parser.add_argument("--fail-on", metavar="LIST", help="exit code 4 when one of these conditions holds")
    return parser


def _conditions(text: str | None) -> tuple[Condition, ...]:
    try:
        return () if text is None else parse(text)
    except ValueError as error:
        raise UsageError(f"--fail-on: {error}") from None


def _check_names(conditions: Sequence[Condition], found: Sequence[Difference]) -> None:
    names = [one.name for one in found]
    for one in conditions:
        if one.name not in names:
            near = nearest(one.name, names)
            raise UsageError(f"--fail-on: {one.text}: nothing is called {one.name!r}{near}")


def _held(condition: Condition, found: Sequence[Difference]) -> str | None:
    """What to say of a condition that held; of one that cannot be judged it is said here."""
    one = next(one for one in found if one.name == condition.name)
    holds = condition.holds(one)
    if holds is None:
        say(f"{condition.text}: unknown, not judged")
    return f"{condition.text} held: {one.a} to {one.b}" if holds else None
