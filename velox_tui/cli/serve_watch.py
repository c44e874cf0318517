"""A pipeline of another process as `velox-tui serve` sees it: its present moment, and whether it moves."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress

from velox_tui.sources.base import Source
from velox_tui.sources.followed import OVER, FollowedSource
from velox_tui.telemetry.rates import Reading
from velox_tui.telemetry.snapshot import Snapshot, of_reading
from velox_tui.telemetry.topology import Role


class Watched:
    """Readings for any thread. A pipeline that is over keeps its last one until another is found."""

    def __init__(self, attach: Callable[[], Source], *, clock: Callable[[], int] = time.monotonic_ns) -> None:
        """Attaches; raises what `attach` raises."""
        self._clock = clock
        self._lock = threading.Lock()
        self._source = FollowedSource(attach, any_shape=True)
        self._seen: tuple[str, int] | None = None
        self._moved_ns: int | None = None

    @property
    def pid(self) -> int:
        """Whose pipeline it is."""
        return self._source.run.pid

    def snapshot(self) -> Snapshot:
        """The present moment."""
        with self._lock:
            return of_reading(self._source.read())

    def look(self) -> None:
        """Notes whether the last stage has passed anything on since the look before. Never raises: what
        fails now may succeed next time, and until then `why_unready` tells.
        """
        with self._lock, suppress(Exception):
            self._note(self._source.read())

    def why_unready(self, limit_ns: int) -> str:
        """One line why the pipeline does not do its work; "" where its last stage passed something on that
        recently.
        """
        with self._lock:
            try:
                reading = self._source.read()
            except Exception as error:
                return f"the pipeline cannot be read: {error}"
            self._note(reading)
            if reading.state in OVER:
                return "the pipeline is over"
            moved = self._moved_ns is not None and self._clock() - self._moved_ns <= limit_ns
            return "" if moved else "the last stage has not moved"

    def release(self) -> None:
        """Lets go of the pipeline."""
        with self._lock:
            self._source.release()

    def _note(self, reading: Reading) -> None:
        shape = reading.run.topology
        last = shape.stages[-1].index if shape.stages else None
        word = shape.first(Role.OUT, stage=last)
        seen = reading.run.run_id, 0 if word is None else int(reading.words[word.index])
        moved = self._seen is not None and seen[0] == self._seen[0] and seen[1] > self._seen[1]
        if moved and reading.state not in OVER:
            self._moved_ns = self._clock()
        self._seen = seen
