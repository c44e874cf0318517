"""A thread that does something once an interval, on absolute deadlines that never drift."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Ticks:
    """Calls `turn(late_ns)` at start, then at every multiple of the interval after it.

    A turn that took longer than the interval makes the deadlines that passed meanwhile be left out and
    counted: turns are never bunched.
    """

    def __init__(
        self,
        interval_ns: int,
        turn: Callable[[int], None],
        *,
        clock: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        """Not started yet."""
        self._interval_ns = interval_ns
        self._turn = turn
        self._clock = clock
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="velox-session", daemon=True)
        self.missed = 0
        """Deadlines left out."""

    def start(self) -> None:
        """Starts the thread; a second call is an error."""
        self._thread.start()

    @property
    def within(self) -> bool:
        """Whether the caller is the thread itself."""
        return self._thread is threading.current_thread()

    def stop(self) -> None:
        """No turn begins any more; waits for the one under way. Also before `start`, and twice; not in a
        turn.
        """
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        begin_ns = self._clock()
        deadline_ns = begin_ns
        while not self._stop.is_set():
            self._turn(max(0, self._clock() - deadline_ns))
            passed = (self._clock() - begin_ns) // self._interval_ns
            following_ns = begin_ns + (passed + 1) * self._interval_ns
            self.missed += (following_ns - deadline_ns) // self._interval_ns - 1
            deadline_ns = following_ns
            self._stop.wait(max(0, deadline_ns - self._clock()) / 1e9)
