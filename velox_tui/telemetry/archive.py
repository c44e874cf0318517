"""Histograms (and depth) of the past: the newest intervals one by one, older ones merged by the minute, and
the run.

One thread adds, others may read at the same time: a slot is complete before the count that makes it visible,
and no visible slot is written until SLACK more intervals have come.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from velox_tui.telemetry.histogram import BUCKETS, sparse
from velox_tui.telemetry.packed import Histograms, Levels, pack, pack_depth
from velox_tui.telemetry.sample import Buckets, Sample

FINE = 600
"""Intervals kept one by one: ten minutes at 1 Hz."""
MINUTES = 60
MINUTE_NS = 60 * 10**9
SLACK = 8
WAITING = 16
"""Intervals of a minute that is not yet over, before they are merged."""


@dataclass(frozen=True, slots=True, eq=False)
class Span:
    """What was recorded in (from_ns, to_ns]."""

    from_ns: int
    to_ns: int
    histograms: Histograms
    depth: Levels | None = None


class Archive:
    """Histograms of an interval, a window and the run."""

    def __init__(self, histograms: int, *, fine: int = FINE) -> None:
        """Empty, for readings with so many histograms; keeps the newest `fine` intervals one by one."""
        self._histograms = histograms
        self._fine = fine
        self._slots: list[Span | None] = [None] * (fine + SLACK)
        self._count = 0
        self._old: tuple[tuple[Span, ...], tuple[Span, ...]] = ((), ())
        """Minutes, and what of a minute is old already: at first its earlier intervals together, then one by
        one.
        """
        self.began_ns = 0
        """Begin of the very first span."""
        self._run = [np.zeros(1 + BUCKETS, np.uint64) for _ in range(histograms)]

    def add(self, sample: Sample) -> None:
        """Keeps a Sample's histograms; those without an interval or histograms are not kept."""
        if sample.histograms is None or sample.interval_ns is None:
            return
        depth = pack_depth(sample.depth) if sample.depth else None
        began_ns = sample.mono_ns - sample.interval_ns
        span = Span(began_ns, sample.mono_ns, pack(sample.histograms), depth)
        self.began_ns = self.began_ns or began_ns
        self._add_to_run(sample.histograms)
        if self._count >= self._fine:
            self._age(self._slots[(self._count - self._fine) % len(self._slots)])
        self._slots[self._count % len(self._slots)] = span
        self._count += 1

    def spans(self, from_ns: int, to_ns: int) -> Iterator[Span]:
        """Every span that ends in (from_ns, to_ns], oldest first."""
        fine = self._ending_after(from_ns)
        minutes, waiting = self._old
        begin_ns = fine[0].from_ns if fine else to_ns
        # What has become old since `fine` was looked at is in both.
        for span in (*(one for one in (*minutes, *waiting) if one.to_ns <= begin_ns), *fine):
            if from_ns < span.to_ns <= to_ns:
                yield span

    @property
    def until_ns(self) -> int:
        """End of the newest span; 0 before the first."""
        newest = self._slots[(self._count - 1) % len(self._slots)]
        return newest.to_ns if newest else 0

    def at(self, to_ns: int) -> Span | None:
        """The span of the interval that ends exactly then, while it is kept by itself."""
        return next((span for span in reversed(self._newest()) if span.to_ns == to_ns), None)

    def run(self, histogram: int) -> Buckets:
        """Everything of the run so far."""
        return sparse(self._run[histogram])

    def _newest(self) -> list[Span]:
        count = self._count
        slots = [self._slots[n % len(self._slots)] for n in range(max(0, count - self._fine), count)]
        return [span for span in slots if span is not None]

    def _ending_after(self, from_ns: int) -> list[Span]:
        """The newest intervals back to that moment, oldest first: a short window costs little."""
        found: list[Span] = []
        count = self._count
        for number in range(count - 1, max(0, count - self._fine) - 1, -1):
            span = self._slots[number % len(self._slots)]
            if span is None or span.to_ns <= from_ns:
                break
            found.append(span)
        return found[::-1]

    def _add_to_run(self, parts: tuple[Buckets | None, ...]) -> None:
        """On copies: a reader keeps the array that it has."""
        for index, one in enumerate(parts):
            if one is not None and len(one.counts):
                words = self._run[index].copy()
                _pour(words, one)
                self._run[index] = words

    def _age(self, span: Span | None) -> None:
        """Takes over the interval that is no longer among the newest; merges a minute that is complete."""
        if span is None:
            return
        minutes, waiting = self._old
        if waiting and waiting[0].to_ns // MINUTE_NS != span.to_ns // MINUTE_NS:
            minutes, waiting = (*minutes[-(MINUTES - 1) :], self._merged(waiting)), ()
        elif len(waiting) == WAITING:
            waiting = (self._merged(waiting),)
        self._old = (minutes, (*waiting, Span(span.from_ns, span.to_ns, span.histograms)))

    def _merged(self, spans: tuple[Span, ...]) -> Span:
        words = np.zeros((self._histograms, 1 + BUCKETS), np.uint64)
        for span in spans:
            for into, one in zip(words, span.histograms.all(), strict=True):
                if one is not None:
                    _pour(into, one)
        return Span(spans[0].from_ns, spans[-1].to_ns, pack(tuple(sparse(one) for one in words)))


def _pour(into: NDArray[np.uint64], one: Buckets) -> None:
    into[0] += np.uint64(one.total % 2**64)
    into[1 + one.indices.astype(np.intp)] += one.counts
