"""What the user sees of a run: the console, a line an interval, a line of progress on stderr, or nothing."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Literal, Protocol

from velox_tui.cli.ending import CLOSED, DURATION, ENDED, Ending
from velox_tui.cli.plain import Lines, progress
from velox_tui.cli.verdict import OF_SIGNALS
from velox_tui.session import Session
from velox_tui.settings import Settings
from velox_tui.telemetry.sample import Sample

ViewName = Literal["console", "lines", "progress", "silent"]


class View(Protocol):
    """Shows a started Session."""

    def watch(self) -> None:
        """Until the ending begins."""

    def last(self, final: Sample) -> None:
        """The final Sample, after the Session was closed."""


class LinesView:
    """One aligned line an interval on stdout; ends the run when nobody reads it."""

    def __init__(self, settings: Settings, session: Session, ending: Ending) -> None:
        """Nothing is written yet."""
        self._duration_ns = settings.duration_ns
        self._ending = ending
        self._lines = Lines(sys.stdout)

    def watch(self) -> None:
        """Until the ending begins."""
        self._ending.wait(self._duration_ns, self._show)

    def last(self, final: Sample) -> None:
        """One more line."""
        self._show(final)

    def _show(self, sample: Sample) -> None:
        try:
            self._lines.table(sample)
        except BrokenPipeError:
            self._ending.end(CLOSED)
        except OSError:
            return  # a full disk, a terminal that is gone: the line is left out, the pipeline goes on


class SilentView:
    """Nothing."""

    def __init__(self, settings: Settings, session: Session, ending: Ending) -> None:
        """Nothing is ever written."""
        self._duration_ns = settings.duration_ns
        self._ending = ending

    def watch(self) -> None:
        """Until the ending begins."""
        self._ending.wait(self._duration_ns, lambda sample: None)

    def last(self, final: Sample) -> None:
        """Nothing."""


class ProgressView:
    """One line on stderr, a terminal, that is written over."""

    def __init__(self, settings: Settings, session: Session, ending: Ending) -> None:
        """Nothing is written yet."""
        self._duration_ns = settings.duration_ns
        self._session = session
        self._ending = ending
        self._lines = Lines(sys.stderr)

    def watch(self) -> None:
        """Until the ending begins."""
        self._ending.wait(self._duration_ns, self._show)

    def last(self, final: Sample) -> None:
        """Takes the line away."""
        with suppress(OSError):
            self._lines.over("")

    def _show(self, sample: Sample) -> None:
        with suppress(OSError):
            self._lines.over(progress(sample, self._session.recording_status, self._duration_ns))


class ConsoleView:
    """The console. It leaves by itself when its user or a signal wants so; at the end of the duration by
    SIGTERM.
    """

    def __init__(self, settings: Settings, session: Session, ending: Ending) -> None:
        """Textual is imported here, not before."""
        from velox_tui.console.app import run_console

        self._run = run_console
        self._settings = settings
        self._session = session
        self._ending = ending

    def watch(self) -> None:
        """Until the console has been left. It is not opened once the user wants the end; the pipeline's own
        end leaves its last reading to be looked at.
        """
        if self._ending.cause not in (None, ENDED):
            return
        timer = threading.Timer((self._settings.duration_ns or 0) / 1e9, self._duration_over)
        timer.daemon = True
        if self._settings.duration_ns is not None:
            timer.start()
        try:
            code = self._run(self._session, self._settings)
        finally:
            timer.cancel()
        if code > OF_SIGNALS and self._ending.cause != DURATION:
            self._ending.signal = code - OF_SIGNALS

    def last(self, final: Sample) -> None:
        """Nothing: the terminal is the shell's again."""

    def _duration_over(self) -> None:
        self._ending.end(DURATION)
        self._session.close(DURATION)
        os.kill(os.getpid(), signal.SIGTERM)


VIEWS: dict[ViewName, Callable[[Settings, Session, Ending], View]] = {
    "console": ConsoleView,
    "lines": LinesView,
    "progress": ProgressView,
    "silent": SilentView,
}
