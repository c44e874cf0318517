"""A histogram over a window that moves on with each reading: what comes in is added, what goes out is taken
away.

The same counts as merging the window anew, which the history would have to unpack interval by interval.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from velox_tui.telemetry.histogram import BUCKETS, dense, sparse
from velox_tui.telemetry.history import History
from velox_tui.telemetry.sample import Buckets, Sample
from velox_tui.telemetry.topology import Histogram

LONGEST_NS = 120 * 10**9
"""Longer windows are merged anew: their oldest intervals may no longer be kept one by one."""


class Rolling:
    """One histogram of one run over one window."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._words: NDArray[np.uint64] | None = None
        self._of = ("", -1)
        self._start_ns = 0
        self._end_ns = 0

    def upto(self, history: History, histogram: Histogram, sample: Sample, start_ns: int) -> Buckets | None:
        """What the intervals that end in (start_ns, sample.mono_ns] recorded; None when nothing is known."""
        of = (sample.run.run_id, histogram.index)
        goes_on = of == self._of and self._start_ns <= start_ns <= self._end_ns <= sample.mono_ns
        if self._words is not None and goes_on:
            self._words = (
                self._words
                + self._came(history, histogram, sample)
                - self._went(history, histogram, start_ns)
            )
        else:
            whole = history.merged(histogram, start_ns, sample.mono_ns)
            self._words = None if whole is None else dense(whole)
        self._of, self._start_ns, self._end_ns = of, start_ns, sample.mono_ns
        return None if self._words is None else sparse(self._words)

    def _came(self, history: History, histogram: Histogram, sample: Sample) -> NDArray[np.uint64]:
        """What was recorded since the window's end before."""
        if sample.histograms is not None and sample.mono_ns - (sample.interval_ns or 0) == self._end_ns:
            return _words(sample.histograms[histogram.index])
        return _words(history.merged(histogram, self._end_ns, sample.mono_ns))

    def _went(self, history: History, histogram: Histogram, start_ns: int) -> NDArray[np.uint64]:
        """What the window begins after now, but did not before."""
        return _words(history.merged(histogram, self._start_ns, start_ns))


def _words(part: Buckets | None) -> NDArray[np.uint64]:
    return np.zeros(1 + BUCKETS, np.uint64) if part is None else dense(part)
