"""A progress bar on stderr, where that is a terminal; elsewhere nothing."""

from __future__ import annotations

import shutil
import sys
import time
from contextlib import suppress

from velox_tui.cli.plain import Lines
from velox_tui.telemetry import units

REDRAW_NS = 100_000_000
_EIGHTHS = " ▏▎▍▌▋▊▉█"


def bar(ratio: float, width: int) -> str:
    """A bar of `width` cells, filled to an eighth of a cell."""
    eighths = round(max(0.0, min(1.0, ratio)) * width * 8)
    whole, part = divmod(eighths, 8)
    return (_EIGHTHS[8] * whole + (_EIGHTHS[part] if whole < width else "")).ljust(width)


class ProgressBar:
    """A context manager that takes the bar away at the end."""

    def __init__(self) -> None:
        """Nothing is drawn yet."""
        shown = sys.stderr is not None and sys.stderr.isatty()
        self._lines = Lines(sys.stderr) if shown else None
        self._drawn_ns = 0
        self._phase = ""
        self._since_ns = 0

    def update(self, phase: str, done: int, of: int) -> None:
        """How far a phase is, in whatever units; drawn at most ten times a second."""
        now_ns = time.monotonic_ns()
        if phase != self._phase:
            self._phase, self._since_ns, self._drawn_ns = phase, now_ns, 0
        if self._lines is None or now_ns - self._drawn_ns < REDRAW_NS:
            return
        self._drawn_ns = now_ns
        self._over(_text(phase, done / of if of else 1.0, now_ns - self._since_ns))

    def __enter__(self) -> ProgressBar:
        """Itself."""
        return self

    def __exit__(self, *error: object) -> None:
        """Takes it away."""
        if self._drawn_ns:
            self._over("")

    def _over(self, text: str) -> None:
        if self._lines is not None:
            with suppress(OSError):
                self._lines.over(text)


def _text(phase: str, ratio: float, elapsed_ns: int) -> str:
    left_ns = int(elapsed_ns * (1 - ratio) / ratio) if ratio > 0.01 else None
    left = "" if left_ns is None else f"  {units.format_elapsed(left_ns)} left"
    width = max(10, min(40, shutil.get_terminal_size().columns - len(phase) - len(left) - 10))
    return f"{phase} {bar(ratio, width)} {ratio:4.0%}{left}"
