"""`velox-tui` without a subcommand: a pipeline of its own, shown, printed or recorded."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from velox_tui import __version__
from velox_tui.cli.effective import effective_settings
from velox_tui.cli.faults import say
from velox_tui.cli.parser import Parser, add_settings
from velox_tui.errors import UsageError
from velox_tui.settings import GROUPS

if TYPE_CHECKING:
    from velox_tui.cli.drive import SourceFactory
    from velox_tui.cli.views import ViewName
    from velox_tui.settings import Settings
    from velox_tui.sources.base import Source

STDOUT = "-"
_EPILOG = """other commands: velox-tui COMMAND --help
{commands}

examples:
  velox-tui                                        the console on a pipeline of its own
  velox-tui --record run.csv --duration 60s        a recording, no terminal needed
  velox-tui --record - --rate 1M | head            rows to another program
  velox-tui --record run.csv --append              go on in an older recording
  velox-tui --record day.csv --rotate 1d           day.0001.csv, day.0002.csv, ... at midnight UTC
  velox-tui --record run.csv --duration 1m --warm-up 2s \\
      --fail-on 'run.ingress_dropped_total>0,interval.e2e_p99_ns>500us'
  velox-tui --headless                             keep a pipeline going for others to watch
  velox-tui --journal run.vtx --duration 1m        keep what is delivered, for --input run.vtx

exit codes: 0 clean end, also by signal after the drain; 2 usage; 3 ledger violated; 4 a --fail-on
condition held; 65 bad data in an input, or it was cut short; 66 input missing; 69 engine cannot start;
70 our own fault; 73 output exists or cannot be created; 74 the recording lost rows; 78 bad
configuration; 129, 130, 143 a signal cut --duration short or forced the end.
"""


def make_parser() -> Parser:
    """All flags of a pipeline of its own."""
    from velox_tui.cli.main import COMMANDS

    width = max(len(one.name) for one in COMMANDS)
    commands = "\n".join(f"  {one.name:<{width}}  {one.summary}" for one in COMMANDS)
    parser = Parser(
        prog="velox-tui",
        usage="velox-tui [flags]\n       velox-tui COMMAND [flags]",
        description="A lock-free trading pipeline and its live console: the ledger proves the numbers.",
        epilog=_EPILOG.format(commands=commands),
    )
    parser.add_argument("--version", action="version", version=f"velox-tui {__version__}")
    parser.add_argument("--config", metavar="FILE", type=Path, help="read this file of settings")
    add_views(parser)
    add_settings(parser, GROUPS)
    return parser


def add_views(parser: Parser) -> None:
    """The flags that say what becomes of a run's Samples."""
    parser.add_argument("--record", metavar="FILE|-", help="record to this file, or to stdout; no console")
    parser.add_argument("--append", action="store_true", help="go on in an existing recording")
    parser.add_argument("--force", action="store_true", help="move an existing recording aside")
    parser.add_argument("--console", action="store_true", help="with --record: the console as well")
    parser.add_argument(
        "--headless", action="store_true", help="no console and no lines; on a terminal, progress"
    )


def run(arguments: Sequence[str], source_factory: SourceFactory | None = None) -> int:
    """Runs until something ends it; the exit code. `source_factory` makes a Source of Settings; default:
    live.
    """
    parsed = make_parser().parse(arguments)
    refuse_contradictions(parsed)
    effective = effective_settings(parsed)
    from velox_tui.cli.drive import Order, drive
    from velox_tui.cli.ending import Ending

    order = Order(effective, tuple(arguments), parsed.record, parsed.append, parsed.force, view_of(parsed))
    kept = parsed.headless and parsed.record is None
    with Ending() as ending:
        return drive(order, ending, source_factory or (_kept_source if kept else _live_source))


def _live_source(settings: Settings) -> Source:
    from velox_tui.cli.live import live_source

    return live_source(settings)


def _kept_source(settings: Settings) -> Source:
    """A pipeline for others to watch: says how."""
    from velox_tui.cli.live import live_source

    source = live_source(settings)
    pid = os.getpid()
    say(f"pid {pid}, segment {source.segment_path}; watch it with: velox-tui attach {pid}")
    return source


def refuse_contradictions(parsed: Namespace) -> None:
    """UsageError for flags that do not go together."""
    if parsed.record == "":
        raise UsageError("--record needs the name of a file, or - for stdout")
    for flag in ("append", "force", "rotate"):
        if getattr(parsed, flag) and parsed.record in (None, STDOUT):
            raise UsageError(f"--{flag} needs --record FILE")
    if parsed.append and parsed.force:
        raise UsageError("--append and --force exclude each other")
    if parsed.console and parsed.headless:
        raise UsageError("--console and --headless exclude each other")
    if parsed.console and parsed.record == STDOUT:
        raise UsageError("--console and --record - exclude each other")
    if parsed.console and not on_terminal():
        raise UsageError("--console needs a terminal on stdin, stdout and stderr")


def view_of(parsed: Namespace) -> ViewName:
    """What the user sees: the console on a terminal, else lines; of a recording its progress."""
    if parsed.console:
        return "console"
    if not parsed.headless and parsed.record is None:
        return "console" if on_terminal() else "lines"
    rows_on_terminal = parsed.record == STDOUT and _is_terminal(sys.stdout)
    return "progress" if _is_terminal(sys.stderr) and not rows_on_terminal else "silent"


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty()


def on_terminal() -> bool:
    """Whether the console can be opened: a terminal on all three, and not a dumb one."""
    on_tty = all(_is_terminal(stream) for stream in (sys.stdin, sys.stdout, sys.stderr))
    return on_tty and os.environ.get("TERM", "") not in ("", "dumb")
