"""What ends a run: a signal, the duration, a reader that went away, or the pipeline itself; the first cause
counts.

The main thread waits here. Signal handlers and other threads only store and write to an event descriptor, so
nothing they do can wait for a lock that the main thread holds.
"""

from __future__ import annotations

import os
import select
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Self, TypeVar

from velox_tui.telemetry.sample import Sample, State

T = TypeVar("T")
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
DURATION = "duration"
ENDED = "pipeline ended"
CLOSED = "reader of stdout is gone"
LEFT = "left by the user"
ONE_REQUEST_NS = 300_000_000
"""Signals this close together are one request: timeout(1) and supervisors signal a process and its group."""


class Ending:
    """A context in which signals begin the end of the run instead of the process's.

    A second SIGINT or SIGTERM, not just the first one's echo, ends the process at once, with 128 + its
    number: what is recorded is on disk row by row. A repeated SIGHUP does not: kernel and shell both send one
    when a terminal goes away. Signals that were ignored (nohup) stay so.
    """

    def __init__(self, *, with_pipeline: bool = True) -> None:
        """Nothing has ended yet; handlers are set by entering. `with_pipeline`: its end ends the run."""
        self._with_pipeline = with_pipeline
        self.cause: str | None = None
        """Why the run ends: SIGINT, …, or one of the constants above."""
        self.signal: int | None = None
        """The signal that began the end."""
        self.newest: Sample | None = None
        self._asked_ns: int | None = None
        self._wake = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._poll = select.poll()
        self._poll.register(self._wake, select.POLLIN)
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        """Takes the signals."""
        for number in SIGNALS:
            if signal.getsignal(number) != signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(self, kind: type | None, value: BaseException | None, trace: TracebackType | None) -> None:
        """Gives them back."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        os.close(self._wake)

    def end(self, cause: str) -> None:
        """Begins the end, unless it has begun. From any thread."""
        self.cause = self.cause or cause
        self._notify()

    def on_sample(self, sample: Sample) -> None:
        """Takes a Sample from the tick thread; one that says that the pipeline is over begins the end."""
        self.newest = sample
        if self._with_pipeline and sample.state in (State.STOPPED, State.LOST):
            self.end(ENDED)
        self._notify()

    def wait(self, duration_ns: int | None, show: Callable[[Sample], None]) -> None:
        """Until the end begins; each new Sample is shown in this thread."""
        deadline_ns = None if duration_ns is None else time.monotonic_ns() + duration_ns
        shown: Sample | None = None
        while self.cause is None:
            left_ns = None if deadline_ns is None else deadline_ns - time.monotonic_ns()
            if left_ns is not None and left_ns <= 0:
                self.end(DURATION)
            elif self._poll.poll(None if left_ns is None else -(-left_ns // 10**6)):
                os.eventfd_read(self._wake)
            if self.newest is not None and self.newest is not shown:
                shown = self.newest
                show(shown)

    def aside(self, work: Callable[[], T]) -> T:
        """Does something that blocks in another thread, so that this one still hears a second signal."""
        results: list[T] = []
        errors: list[BaseException] = []

        def run() -> None:
            try:
                results.append(work())
            except BaseException as error:
                errors.append(error)

        thread = threading.Thread(target=run, name="velox-ending")
        thread.start()
        thread.join()
        if errors:
            raise errors[0]
        return results[0]

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        now_ns = time.monotonic_ns()
        if number != signal.SIGHUP:
            if self._asked_ns is not None and now_ns - self._asked_ns > ONE_REQUEST_NS:
                os._exit(128 + number)
            self._asked_ns = self._asked_ns or now_ns
        if self.cause is None:
            self.signal = number
        self.end(signal.Signals(number).name)

    def _notify(self) -> None:
        os.eventfd_write(self._wake, 1)
