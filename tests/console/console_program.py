"""The program that TerminalRun starts: the console on canned Samples, with a report of what became of it.

Arguments: a file for the report, then any of `hang` (the series key blocks the event loop for ever), `crash`
(it raises), `deaf` (a key makes the input thread raise), `goes-on` (SIGCONT comes while it hands text to the
writer), `elsewhere` (SIGCONT interrupts another thread once no Sample comes), `recording` (one runs), `fast`
(fifty Samples a second).

While there is a file `hold` beside the report, no further Sample comes; the file `shown` has the number of
the newest that was shown.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

from stage import ListRecorder, SteeredSource
from textual.drivers._writer_thread import WriterThread
from textual.message import Message

from velox_tui.cli.faults import report_fault
from velox_tui.console.app import Console, run_console
from velox_tui.console.driver import GuardedDriver
from velox_tui.errors import VeloxError
from velox_tui.session import Session
from velox_tui.settings import Settings
from velox_tui.telemetry.sample import Sample

STARTER = os.getppid()
REPORT, WORDS = Path(sys.argv[1]), sys.argv[2:]


def report(line: str) -> None:
    """One line, at once."""
    with REPORT.open("a") as file:
        file.write(line + "\n")


def sampled(sample: Sample) -> None:
    """Reports it; in the tick thread, which waits here while it is to hold and the test is still there."""
    report(f"sample {sample.seq}")
    if "elsewhere" in WORDS and REPORT.with_name("hold").exists():
        time.sleep(0.5)  # the event loop waits by then
        signal.pthread_kill(threading.get_ident(), signal.SIGCONT)
    while REPORT.with_name("hold").exists() and os.getppid() == STARTER:
        time.sleep(0.01)


def ticked(self: Console) -> None:
    """As ever; says which Sample it was."""
    show(self)
    if self.newest is not None:
        REPORT.with_name("shown").write_text(str(self.newest.seq))


show = Console.on_ticked
Console.on_ticked = ticked  # type: ignore[method-assign]


class ReportingSession(Session):
    """Says when and where it was closed."""

    def close(self, reason: str) -> Sample:
        """As ever; the report follows it."""
        final = super().close(reason)
        report(f"closed {reason}: {final.state.name} in {threading.current_thread().name}")
        return final


def hang(self: Console) -> None:
    """Blocks the event loop."""
    report("hanging")
    while True:
        time.sleep(1)


class Endless:
    """What takes for ever to write out, as a long history does."""

    def __repr__(self) -> str:
        """Never."""
        while True:
            time.sleep(1)


def crash(self: Console) -> None:
    """Raises on the event loop."""
    endless = Endless()
    raise RuntimeError("planted" if endless else "")


def go_on(self: Console) -> None:
    """SIGCONT comes while the queue to the writer is held, as when the process was stopped amid a drawing."""
    with next(t for t in threading.enumerate() if isinstance(t, WriterThread))._queue.mutex:
        signal.raise_signal(signal.SIGCONT)
    report("went on")


def deafen(self: GuardedDriver, message: Message) -> None:
    """Raises in the input thread."""
    raise RuntimeError("planted")


if "deaf" in WORDS:
    GuardedDriver.process_message = deafen  # type: ignore[method-assign]
if "goes-on" in WORDS:
    Console.action_series = go_on  # type: ignore[method-assign]
if "hang" in WORDS:
    Console.action_series = hang  # type: ignore[method-assign]
if "crash" in WORDS:
    Console.action_series = crash  # type: ignore[method-assign]
session = ReportingSession(
    SteeredSource(),
    interval_ns=20_000_000 if "fast" in WORDS else 100_000_000,
    on_sample=sampled,
    open_recording=ListRecorder,
)
session.start()
if "recording" in WORDS:
    session.start_recording(Path("run.csv"))
try:
    code = run_console(session, Settings(theme=os.environ.get("THEME", "velox-dark")))
except VeloxError as error:
    print(f"velox-tui: {error}", file=sys.stderr)
    code = error.exit_code
except Exception as error:
    code = report_fault(error)
report(f"returned {code}")
sys.exit(code)
