"""The program that TerminalRun starts: the console on canned Samples, with a line on stdout… of what became
of the Session.

Arguments: a file for the report, then any of `hang` (the burst key blocks the event loop for ever), `crash`
(it raises), `recording` (one runs).
"""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

from velox_tui.console.app import Console, run_console
from velox_tui.errors import VeloxError
from velox_tui.session import Session
from velox_tui.settings import Settings
from velox_tui.sources.canned import CannedSource
from velox_tui.telemetry.sample import Sample

REPORT, WORDS = Path(sys.argv[1]), sys.argv[2:]


class ReportingSession(Session):
    """Says when and where it was closed."""

    def close(self, reason: str) -> Sample:
        """As ever; the report follows it."""
        final = super().close(reason)
        with REPORT.open("a") as file:
            file.write(f"closed {reason} state={final.state.name} in {threading.current_thread().name}\n")
        return final


def hang(self: Console) -> None:
    """Blocks the event loop."""
    while True:
        time.sleep(1)


def crash(self: Console) -> None:
    """Raises on the event loop."""
    raise RuntimeError("planted")


if "hang" in WORDS:
    Console.action_series = hang  # type: ignore[method-assign]
if "crash" in WORDS:
    Console.action_series = crash  # type: ignore[method-assign]
session = ReportingSession(CannedSource(3600), interval_ns=100_000_000)
session.start()
try:
    code = run_console(session, Settings())
except VeloxError as error:
    print(f"velox-tui: {error}", file=sys.stderr)
    code = error.exit_code
with REPORT.open("a") as file:
    file.write(f"returned {code}\n")
