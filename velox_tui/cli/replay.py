"""`velox-tui replay`: the console on a recording, also one that is still being written.

Without a terminal: a line for every row, from --at on, and on and on while somebody writes the recording.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from velox_tui.cli.effective import effective_settings
from velox_tui.cli.parser import Parser, add_settings
from velox_tui.cli.run import on_terminal
from velox_tui.errors import UsageError
from velox_tui.settings import CONSOLE, PIPELINE, RECORDING, TABLE, Settings

if TYPE_CHECKING:
    from velox_tui.session_replay import ReplaySession

_EXAMPLES = """examples:
  velox-tui replay run.csv                    from its beginning; of one being written, its end
  velox-tui replay run.csv --at 00:03:10 --speed 4
  velox-tui replay run.csv --at -30s          half a minute before its end
  velox-tui replay day.csv                    all parts of a recording with --rotate
  velox-tui replay run.csv | grep -v exact    lines, without a terminal

exit codes: 0; 2 usage; 65 no recording; 66 input missing; 129, 130, 143 ended by a signal.
"""
_OWN = frozenset({"--speed"})
_LOOK_S = 0.25
SPEED_LEAST, SPEED_MOST = 0.01, 3600.0


def run(arguments: Sequence[str]) -> int:
    """Shows the recording until the user leaves; the exit code."""
    _refuse_flags_of_a_pipeline(arguments)
    parsed = make_parser().parse(arguments)
    speed = _speed(parsed.replay_speed)
    settings = effective_settings(parsed).settings
    from velox_tui.session_replay import ReplaySession
    from velox_tui.sources.replay import Replay

    replay = Replay(parsed.recording)
    try:
        session = ReplaySession(replay)
        session.speed = speed
        _begin(session, parsed.at)
        return _show(session, settings)
    finally:
        replay.release()


def make_parser() -> Parser:
    """All flags."""
    parser = Parser(prog="velox-tui replay", description=__doc__, epilog=_EXAMPLES)
    parser.add_argument(
        "recording", metavar="FILE.csv", type=Path, help="the recording; its frames beside it"
    )
    parser.add_argument(
        "--at", metavar="TIME", help="where to begin: 00:03:10 or 3m into it, -30s before its end, 12:04:31Z"
    )
    parser.add_argument(
        "--speed", metavar="FACTOR", dest="replay_speed", default="1", help="0.01 to 3600 (default: 1)"
    )
    parser.add_argument("--config", metavar="FILE", type=Path, help="read this file of settings")
    add_settings(parser, (CONSOLE,))
    return parser


def _refuse_flags_of_a_pipeline(arguments: Sequence[str]) -> None:
    """UsageError for a flag that would make or record a pipeline: here is none."""
    named = {one.flag for one in TABLE if one.group in (PIPELINE, RECORDING)} - _OWN
    named |= {f"--no-{flag[2:]}" for flag in named}
    named |= {"--record", "--append", "--force", "--headless", "--console"}
    for argument in arguments:
        flag = argument.partition("=")[0]
        if flag in named:
            raise UsageError(f"{flag} is for a pipeline; velox-tui replay shows what was recorded")


def _speed(text: str) -> float:
    try:
        speed = float(text.removeprefix("x"))
    except ValueError:
        speed = 0.0
    if not SPEED_LEAST <= speed <= SPEED_MOST:
        raise UsageError(f"--speed {text!r}: it is a factor from {SPEED_LEAST:g} to {SPEED_MOST:g}")
    return speed


def _begin(session: ReplaySession, text: str | None) -> None:
    """Where to begin: as said, else at the end of a recording that is being written, else at its first
    row.
    """
    history = session.history
    if text is None:
        session.at_ns = history.ended_ns if session.writing else history.began_ns
        return
    from velox_tui.console.pausing.moment import parse_in_replay

    oldest, newest = history.sample(history.first), history.sample(history.last)
    if oldest is None or newest is None:
        raise UsageError("--at: no row of the recording can be read")
    try:
        session.at_ns = parse_in_replay(text, oldest, newest)
    except ValueError as error:
        raise UsageError(f"--at: {error}") from None


def _show(session: ReplaySession, settings: Settings) -> int:
    if not on_terminal():
        return _lines(session)
    from velox_tui.console.app import run_console

    return run_console(session, settings)


def _lines(session: ReplaySession) -> int:
    """Every row from the beginning on as a line; 0 when nobody reads them any more."""
    from velox_tui.cli.plain import header, line

    history = session.history
    number = history.number_at(session.at_ns) or 0
    if session.writing and number == history.last:
        number = history.first
    print(header())
    while True:
        while number <= history.last:
            sample = history.sample(number)
            if sample is not None:
                print(line(sample))
            number += 1
        sys.stdout.flush()
        if not session.refresh() and not session.writing:
            return 0
        time.sleep(_LOOK_S)
