"""The terminal's own state: remembered before the console draws, given back whatever happens.

Textual restores it at an orderly end. This is for the other ends: a hung loop, a forced exit.
"""

from __future__ import annotations

import contextlib
import os
import sys
import termios
import time
from typing import Any

RESTORE = (
    b"\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l"  # mouse off
    b"\x1b[?2004l\x1b[?2048l\x1b[?2026l\x1b[?1004l"  # paste, resize, synchronised output, focus reports off
    b"\x1b[?7h\x1b[<u\x1b[?1049l\x1b[?25h\x1b[0m"  # wrap on, plain keys, main screen, cursor, plain text
)
STDERR = 2
"""Textual draws there."""
ROUNDS, ROUND_S = 50, 0.004
"""A frame of which a part is already being written goes out in so many pieces at most, each thrown away."""


class Terminal:
    """stdin's settings as they were when this was made."""

    def __init__(self) -> None:
        """Remembers them now."""
        self.input = sys.__stdin__.fileno() if sys.__stdin__ is not None else -1
        self._attributes: list[Any] | None = None
        with contextlib.suppress(termios.error, OSError):
            self._attributes = termios.tcgetattr(self.input)

    @property
    def exists(self) -> bool:
        """False where stdin is no terminal."""
        return self._attributes is not None

    def restore(self) -> None:
        """Settings and screen as before, for a process that ends at once: its stderr is gone afterwards.

        Never raises, and never waits for a terminal that is not read: what is unwritten is thrown away, and
        the sequences go out through a descriptor of their own, so that the shell's is not made non-blocking.
        """
        if self._attributes is None:
            return
        with contextlib.suppress(termios.error, OSError):
            screen = os.open(os.ttyname(self.input), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
            os.dup2(os.open(os.devnull, os.O_WRONLY), STDERR)
            for _ in range(ROUNDS):
                termios.tcflush(self.input, termios.TCOFLUSH)
                time.sleep(ROUND_S)
            termios.tcsetattr(self.input, termios.TCSANOW, self._attributes)
            for _ in range(ROUNDS):
                if _written(screen, RESTORE):
                    return
                termios.tcflush(self.input, termios.TCOFLUSH)
                time.sleep(ROUND_S)


def _written(descriptor: int, data: bytes) -> bool:
    """Whether all of it found room at once."""
    try:
        return os.write(descriptor, data) == len(data)
    except BlockingIOError:
        return False
