"""Textual's driver, with what a console that lives for days needs beyond it."""

from __future__ import annotations

import os
import termios
from contextlib import suppress
from typing import Any

from textual import events
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message


class GuardedDriver(LinuxDriver):
    """Tells the Guard of each ctrl+c in the input thread, ahead of the event loop; survives SIGSTOP."""

    _ours: list[Any] | None = None
    """The terminal's settings while the console is shown."""

    def process_message(self, message: Message) -> None:
        """Count ctrl+c, then go on as usual."""
        if isinstance(message, events.Key) and message.key == "ctrl+c":
            interrupt = getattr(self._app, "interrupted", None)
            if interrupt is not None:
                interrupt()
        super().process_message(message)

    def start_application_mode(self) -> None:
        """As ever; the settings are kept, since a shell may change them while the process is stopped."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        with suppress(termios.error):
            self._ours = termios.tcgetattr(self.fileno)

    def _sigcont_application(self, *_: object) -> None:
        """After SIGTSTP the console starts anew, as in Textual. SIGSTOP comes unasked: all still runs, and a
        second start would add threads and take the console's settings for the user's.
        """
        if self._must_signal_resume:
            super()._sigcont_application()
        elif self._ours is not None and os.isatty(self.fileno):
            with suppress(termios.error):
                termios.tcsetattr(self.fileno, termios.TCSANOW, self._ours)
            self.write("\x1b[?1049h\x1b[?25l")
            self._enable_mouse_support()
            self._app.call_later(self._redraw)

    def _redraw(self) -> None:
        """All of the screen, over whatever the shell wrote."""
        self._app.screen.refresh(layout=True)
