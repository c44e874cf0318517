"""Textual's driver, with what a console that lives for days needs beyond it."""

from __future__ import annotations

import os
import termios
from contextlib import suppress
from typing import Any

from textual import events
from textual._xterm_parser import XTermParser
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

    def _run_input_thread(self) -> None:
        """A fault in it is one of the console's; Textual would end as if somebody had left."""
        try:
            self.run_input_thread()
        except Exception as error:
            self._app.call_later(self._app._handle_exception, error)

    def run_input_thread(self) -> None:
        """As ever; of bytes that are no UTF-8 (a terminal set to Latin-1, old reports of the mouse) what is
        text counts. Textual decodes strictly, and its thread ends there.
        """
        while not self.exit_event.is_set():
            try:
                super().run_input_thread()
            except UnicodeDecodeError as error:
                parser = XTermParser(self._debug)
                for message in (*parser.feed(error.object.decode(errors="replace")), *parser.tick()):
                    self.process_message(message)

    def start_application_mode(self) -> None:
        """As ever; the settings are kept, since a shell may change them while the process is stopped."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        with suppress(termios.error):
            self._ours = termios.tcgetattr(self.fileno)

    def _sigcont_application(self, *_: object) -> None:
        """After SIGTSTP the console starts anew, as in Textual. SIGSTOP comes unasked: all still runs, and a
        second start would add threads and take the console's settings for the user's.

        Called amid whatever the main thread does, perhaps while it holds the writer's queue: nothing is
        written here, the event loop does it next.
        """
        if self._must_signal_resume:
            super()._sigcont_application()
        else:
            self._loop.call_soon_threadsafe(self._shown_again)

    def _shown_again(self) -> None:
        """Settings and screen as the console needs them, over whatever the shell wrote meanwhile."""
        if self._ours is None or not os.isatty(self.fileno):
            return
        with suppress(termios.error):
            termios.tcsetattr(self.fileno, termios.TCSANOW, self._ours)
        self.write("\x1b[?1049h\x1b[?25l")
        self._enable_mouse_support()
        self._app.call_later(self._redraw)

    def _redraw(self) -> None:
        self._app.screen.refresh(layout=True)
