"""A histogram over a window that moves on with each reading: what comes in is added, what goes out is taken
away.

The same counts as merging the window anew, which the history would have to unpack interval by interval.
"""

from __future__ import annotations

from collections import deque

import numpy as np

from velox_tui.telemetry.histogram import BUCKETS, sparse
from velox_tui.telemetry.past import Past
from velox_tui.telemetry.sample import Buckets, Sample
from velox_tui.telemetry.topology import Histogram

MOST = 64
"""Intervals that a window may have; a longer one is merged anew."""


class Rolling:
    """One histogram of one run over one window."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._of: object = None
        self._words = np.zeros(1 + BUCKETS, np.uint64)
        self._inside: deque[tuple[int, Buckets]] = deque()
        """End and counts of each interval in the window, oldest first."""
        self._end_ns = 0

    def upto(self, history: Past, histogram: Histogram, sample: Sample, start_ns: int) -> Buckets | None:
        """What the intervals that end in (start_ns, sample.mono_ns] recorded; None when nothing is known."""
        of = (sample.run.run_id, histogram.index)
        if of != self._of or not start_ns <= self._end_ns <= sample.mono_ns:
            self._begin(of, start_ns)
        for end_ns, part in self._came(history, histogram, sample):
            self._inside.append((end_ns, part))
            self._add(part)
        self._end_ns = sample.mono_ns
        if len(self._inside) > MOST:
            self._begin(None, 0)
            return history.merged(histogram, start_ns, sample.mono_ns)
        while self._inside and self._inside[0][0] <= start_ns:
            self._take_away(self._inside.popleft()[1])
        return sparse(self._words) if self._inside else None

    def _came(self, history: Past, histogram: Histogram, sample: Sample) -> list[tuple[int, Buckets]]:
        """The intervals since the window's end before: mostly the sample's own alone."""
        if sample.histograms is not None and sample.mono_ns - (sample.interval_ns or 0) == self._end_ns:
            part = sample.histograms[histogram.index]
            return [] if part is None else [(sample.mono_ns, part)]
        heat = history.heat(histogram, self._end_ns, sample.mono_ns)
        return [(end_ns, part) for _, end_ns, part in heat]

    def _begin(self, of: object, start_ns: int) -> None:
        self._of, self._end_ns = of, start_ns
        self._words[:] = 0
        self._inside.clear()

    def _add(self, part: Buckets) -> None:
        self._words[0] += np.uint64(part.total % 2**64)
        self._words[1 + part.indices.astype(np.intp)] += part.counts

    def _take_away(self, part: Buckets) -> None:
        self._words[0] -= np.uint64(part.total % 2**64)
        self._words[1 + part.indices.astype(np.intp)] -= part.counts
