"""How the console ends when its event loop cannot be asked: signals, a lost terminal, a second ctrl+c.

A Guard is a thread beside the app. Every end begins politely: the app is asked to leave, which drains the
pipeline and finishes the recording. If it has not left within the grace, the Guard does that itself, gives
the terminal back and ends the process. Signals reach it through the wakeup descriptor, which the C handler
writes to even while the main thread is stuck; the hang-up of the terminal is also polled for, as the signal
goes to a session's leader only.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Self

from velox_tui.console.terminal import Terminal

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
HEARING_S = 2.0
"""How long the event loop has to notice that it should leave."""
PRESSED_TWICE_S = 1.0
"""The same after a second ctrl+c."""
LEAVING_S = 8.0
"""How long it then has to drain and leave."""


class Guard:
    """Use as a context around the app's run.

    `leave(reason)` asks the app to leave, from another thread, without waiting; `close(reason)` drains the
    pipeline and finishes the recording, blocking and idempotent; `stir()` has the event loop turn.
    `signalled` is the signal that began the end, or None.
    """

    def __init__(
        self, leave: Callable[[str], object], close: Callable[[str], object], stir: Callable[[], object]
    ) -> None:
        """Made where the terminal is still as it was; watching from `__enter__` on."""
        self._leave = leave
        self._close = close
        self._stir = stir
        self._terminal = Terminal()
        self._presses = 0
        self._deadline: float | None = None
        self._code = 0
        self._ended = threading.Event()
        self._read, self._write = os.pipe()
        os.set_blocking(self._write, False)
        self._before: dict[signal.Signals, signal._HANDLER] = {}
        self._wakeup_before = -1
        self._thread = threading.Thread(target=self._watch, name="console-guard", daemon=True)
        self.signalled: signal.Signals | None = None

    def __enter__(self) -> Self:
        """Takes over the signals. Only in the main thread."""
        for number in SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, _noted)
        self._wakeup_before = signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Gives the signals back."""
        self._ended.set()
        signal.set_wakeup_fd(self._wakeup_before)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        os.write(self._write, b"\0")
        self._thread.join()
        os.close(self._read)
        os.close(self._write)

    def interrupt(self) -> None:
        """ctrl+c was typed: called by the input thread before the app hears of it."""
        self._presses += 1
        if self._presses == 2:
            self._wake(signal.SIGINT)
        elif self._presses > 2:
            self._end_now(128 + signal.SIGINT)

    def heard(self) -> None:
        """The app is leaving: it gets the time to drain."""
        if self._deadline is not None:
            self._deadline = time.monotonic() + LEAVING_S
            self._wake(0)

    def forgive(self) -> None:
        """The user chose to stay: earlier presses no longer count."""
        self._presses = 0

    def _wake(self, number: int) -> None:
        os.write(self._write, bytes([number]))

    def _watch(self) -> None:
        """The thread: waits for signals, a hang-up or the deadline."""
        poll = select.poll()
        poll.register(self._read, select.POLLIN)
        if self._terminal.exists:
            poll.register(self._terminal.input, 0)
        while not self._ended.is_set():
            for descriptor, _ in poll.poll(self._patience_ms()):
                if descriptor == self._read:
                    for number in os.read(self._read, 64):
                        self._noticed(number)
                else:
                    poll.unregister(descriptor)
                    self._noticed(signal.SIGHUP)
            if self._late() and not self._ended.is_set():
                self._force()

    def _late(self) -> bool:
        return self._deadline is not None and time.monotonic() >= self._deadline

    def _patience_ms(self) -> float | None:
        return None if self._deadline is None else max(0.0, (self._deadline - time.monotonic()) * 1e3)

    def _noticed(self, number: int) -> None:
        """Begin the end, or shorten the grace of one that has begun. Of other signals only the handler is to
        run, in the main thread, which may be waiting while another thread was interrupted.
        """
        if self._ended.is_set():
            return
        if number not in SIGNALS:
            with contextlib.suppress(RuntimeError):
                self._stir()
            return
        found = signal.Signals(number)
        pressed = found is signal.SIGINT and self._presses >= 2
        deadline = time.monotonic() + (PRESSED_TWICE_S if pressed else HEARING_S)
        self._deadline = deadline if self._deadline is None else min(self._deadline, deadline)
        self._code = self._code or 128 + number
        if not pressed:
            self.signalled = self.signalled or found
        with contextlib.suppress(RuntimeError):
            self._leave(found.name)

    def _force(self) -> None:
        """The app did not leave in time: do its work, then end the process."""
        self._close(f"forced after {signal.Signals(self._code - 128).name}")
        if not self._ended.is_set():
            self._end_now(self._code)

    def _end_now(self, code: int) -> None:
        self._terminal.restore()
        os._exit(code)


def _noted(number: int, frame: FrameType | None) -> None:
    """Python's part of a handler: nothing; the wakeup descriptor has already told the Guard."""
