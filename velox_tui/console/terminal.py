"""The terminal's own state: remembered before the console draws, given back whatever happens.

Textual restores it at an orderly end. This is for the other ends: a hung loop, a forced exit.
"""

from __future__ import annotations

import contextlib
import os
import sys
import termios
from typing import Any

RESTORE = (
    b"\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l"  # mouse off
    b"\x1b[?2004l\x1b[?2048l\x1b[?2026l\x1b[?1004l"  # paste, resize, synchronised output, focus reports off
    b"\x1b[?7h\x1b[<u\x1b[?1049l\x1b[?25h\x1b[0m"  # wrap on, plain keys, main screen, cursor, plain text
)


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
        """Settings and screen as before. Never blocks, never raises: what is unwritten is thrown away first,
        and the sequences go out through a descriptor of their own, so that the shell's is not made non-
        blocking.
        """
        if self._attributes is None:
            return
        with contextlib.suppress(termios.error, OSError):
            termios.tcflush(self.input, termios.TCOFLUSH)
            termios.tcsetattr(self.input, termios.TCSANOW, self._attributes)
            screen = os.open(os.ttyname(self.input), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
            try:
                os.write(screen, RESTORE)
            finally:
                os.close(screen)
