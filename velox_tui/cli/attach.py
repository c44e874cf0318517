"""`velox-tui attach`: the console, lines or a recording of a pipeline that another process runs.

Watching is read-only and costs the pipeline nothing. When it ends, its last reading stays, and a pipeline
of the same shape that then runs in its place (as the only one, or in the same FILE) is followed: a new
run_id, an event `restarted`, and a recording goes on. The pipeline of a PID has no successor: lines and
recordings end with it, as they do with --until-end; the console stays until it is left.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from velox_tui.cli.effective import effective_settings
from velox_tui.cli.faults import say
from velox_tui.cli.parser import Parser, add_settings
from velox_tui.cli.run import add_views, refuse_contradictions, view_of
from velox_tui.errors import UsageError
from velox_tui.settings import ALERTS, CONSOLE, PIPELINE, RECORDING, TABLE, Settings
from velox_tui.sources.base import Source

_GROUPS = (RECORDING, CONSOLE)
_EXAMPLES = """examples:
  velox-tui attach                            the only pipeline that runs here
  velox-tui attach 4711                       the one that process 4711 runs
  velox-tui attach /dev/shm/velox-0-4711-0.seg --record run.csv --duration 60s
  velox-tui attach --interval 100ms | head    lines, without a terminal
  velox-tui attach --record run.csv           until Ctrl+C, through restarts of the pipeline
  velox-tui attach --record run.csv --until-end

exit codes: 0 left, or the pipeline ended; 2 usage; 3 ledger violated; 4 a --fail-on condition held;
65 no segment; 66 no such pipeline, or several to choose from; 73 output exists or cannot be created;
74 the recording lost rows; 78 bad configuration; 129, 130, 143 a signal cut --duration short.
"""


def run(arguments: Sequence[str]) -> int:
    """Watches until something ends it; the exit code."""
    _refuse_flags_of_a_pipeline(arguments)
    parsed = make_parser().parse(arguments)
    refuse_contradictions(parsed)
    effective = effective_settings(parsed)
    from velox_tui.cli.drive import Order, drive
    from velox_tui.cli.ending import Ending

    view = view_of(parsed)
    follows = not parsed.until_end and not (parsed.target or "").isdigit()

    def attach() -> Source:
        from velox_tui.sources.attached import AttachedSource, find

        return AttachedSource(find(parsed.target))

    def follow(settings: Settings) -> Source:
        from velox_tui.sources.followed import FollowedSource

        if view == "console":
            return FollowedSource(attach)
        return FollowedSource(attach, tell=say)

    words = ("attach", *arguments)
    order = Order(effective, words, parsed.record, parsed.append, parsed.force, view, (*_GROUPS, ALERTS))
    with Ending(with_pipeline=not follows) as ending:
        return drive(order, ending, follow if follows else lambda settings: attach())


def make_parser() -> Parser:
    """All flags."""
    parser = Parser(prog="velox-tui attach", description=__doc__, epilog=_EXAMPLES)
    parser.add_argument("target", metavar="PID|FILE", nargs="?", help="which (default: the only one)")
    parser.add_argument("--config", metavar="FILE", type=Path, help="read this file of settings")
    parser.add_argument("--until-end", action="store_true", help="end with the pipeline; follow no other")
    add_views(parser)
    add_settings(parser, _GROUPS)
    return parser


def _refuse_flags_of_a_pipeline(arguments: Sequence[str]) -> None:
    """UsageError for a flag that would make a pipeline: here it is another's."""
    own = {name for one in TABLE if one.group == PIPELINE for name in (one.flag, f"--no-{one.flag[2:]}")}
    for argument in arguments:
        flag = argument.partition("=")[0]
        if flag in own:
            raise UsageError(f"{flag} is for a pipeline of one's own; velox-tui attach only watches")
