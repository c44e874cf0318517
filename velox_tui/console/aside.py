"""A recording is read beside the event loop: moves in it, what comes anew, and every pane's lines.

All of it runs in the app's worker thread, so the files, and all that is kept of them, are one thread's. The
loop only paints. Moves go first, in order; what panes want to show is worked out once none waits, so that of
many quick moves the last is shown, and then of all panes at once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable
from functools import partial
from threading import Lock
from typing import TypeVar

Outcome = TypeVar("Outcome")
Run = Callable[[Callable[[], None]], object]
"""Has something done by a thread, in order; never waits."""


class Aside:
    """The work that waits. Called by the event loop; `submit` leads to the worker thread, `post` back."""

    def __init__(self, submit: Run, post: Run, moved: Callable[[], None]) -> None:
        """`moved` is called on the loop after moves of which one changed something."""
        self._submit, self._post, self._moved = submit, post, moved
        self._lock = Lock()
        self._moves: deque[Callable[[], bool]] = deque()
        self._looks: dict[Hashable, Callable[[], Callable[[], None]]] = {}
        self._working = False

    @property
    def idle(self) -> bool:
        """Whether nothing waits."""
        return not self._working

    def move(self, work: Callable[[], bool]) -> None:
        """Has the worker go elsewhere; `work` says whether that changed anything."""
        with self._lock:
            self._moves.append(work)
        self._wake()

    def look(self, who: Hashable, work: Callable[[], Outcome], then: Callable[[Outcome], None]) -> None:
        """Has something worked out, in place of what the same one wanted before; `then` is the loop's."""

        def looked() -> Callable[[], None]:
            return partial(then, work())

        with self._lock:
            self._looks[who] = looked
        self._wake()

    def _wake(self) -> None:
        with self._lock:
            if self._working:
                return
            self._working = True
        try:
            self._submit(self._work)
        except RuntimeError:  # the worker has gone: the console ends
            self._working = False

    def _work(self) -> None:
        """The worker's: until nothing waits any more."""
        changed, shown = False, list[Callable[[], None]]()
        while True:
            with self._lock:
                move = self._moves.popleft() if self._moves else None
                if move is None and changed:
                    self._post(self._moved)
                    changed = False
                look = self._looks.pop(next(iter(self._looks))) if move is None and self._looks else None
                if move is None and look is None:
                    if shown:
                        self._post(partial(_all, shown))
                    self._working = False
                    return
            try:
                if move is not None:
                    changed |= move()
                elif look is not None:
                    shown.append(look())
            except Exception as error:
                self._post(partial(_fail, error))


def _all(shown: list[Callable[[], None]]) -> None:
    for show in shown:
        show()


def _fail(error: Exception) -> None:
    """Ends the console, as on the loop."""
    raise error
