"""`velox-tui attach`: the console, lines or a recording of a pipeline that another process runs.

Watching is read-only and costs the pipeline nothing; when its process ends, its last reading stays.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from velox_tui.cli.parser import Parser, add_settings, given
from velox_tui.cli.run import add_views, refuse_contradictions, view_of
from velox_tui.errors import UsageError
from velox_tui.settings import ALERTS, CONSOLE, PIPELINE, RECORDING, TABLE, Settings
from velox_tui.settings_load import load
from velox_tui.sources.base import Source

_GROUPS = (RECORDING, CONSOLE)
_EXAMPLES = """examples:
  velox-tui attach                            the only pipeline that runs here
  velox-tui attach 4711                       the one that process 4711 runs
  velox-tui attach /dev/shm/velox-0-4711-0.seg --record run.csv --duration 60s
  velox-tui attach --interval 100ms | head    lines, without a terminal

exit codes: those of velox-tui; 66: there is no such pipeline, or several to choose from.
"""


def run(arguments: Sequence[str]) -> int:
    """Watches until something ends it; the exit code."""
    _refuse_flags_of_a_pipeline(arguments)
    parsed = make_parser().parse(arguments)
    refuse_contradictions(parsed)
    effective = load(given(parsed), os.environ, parsed.config)
    from velox_tui.cli.drive import Order, drive
    from velox_tui.cli.ending import Ending

    def attach(settings: Settings) -> Source:
        from velox_tui.sources.attached import AttachedSource, find

        return AttachedSource(find(parsed.target))

    words = ("attach", *arguments)
    view = view_of(parsed)
    order = Order(effective, words, parsed.record, parsed.append, parsed.force, view, (*_GROUPS, ALERTS))
    with Ending() as ending:
        return drive(order, ending, attach)


def make_parser() -> Parser:
    """All flags."""
    parser = Parser(prog="velox-tui attach", description=__doc__, epilog=_EXAMPLES)
    parser.add_argument("target", metavar="PID|FILE", nargs="?", help="which (default: the only one)")
    parser.add_argument("--config", metavar="FILE", type=Path, help="read this file of settings")
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
