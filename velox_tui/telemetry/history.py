"""What was: series over time, merged histograms of a window, past Samples. An hour at 1 Hz in about ten
megabytes.

One thread appends (the Session's), any may read meanwhile. Rows are numbered from the first one ever, so that
a number means the same Sample while new ones come; the oldest still there is `first`, the newest `last`.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from velox_tui.telemetry import histogram, ledger
from velox_tui.telemetry.archive import FINE, Archive, Span
from velox_tui.telemetry.restore import restore
from velox_tui.telemetry.rows import Rows
from velox_tui.telemetry.sample import Buckets, Run, Sample
from velox_tui.telemetry.series import Series, catalogue
from velox_tui.telemetry.topology import Histogram, Kind

CAPACITY = 3600
WHOLE = 16
"""Newest Samples kept whole."""
GAP = 1.5
"""A reading that took more than this many intervals to come leaves a gap."""

Times = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class _Window:
    """The Samples between two moments, as of the newest one (`of` is these three)."""

    of: tuple[int, int, int]
    numbers: NDArray[np.int64]
    times: Times
    """One more in the middle of every gap."""
    gaps: NDArray[np.intp]
    """Places of `numbers` before which there is one."""


class History:
    """The past of one run, or of several of the same shape, one after another."""

    def __init__(self, run: Run, *, interval_ns: int, capacity: int = CAPACITY, fine: int = FINE) -> None:
        """Empty; keeps the newest `capacity` Samples, histograms of the newest `fine` one by one."""
        self.run = run
        """The newest."""
        self._runs: list[tuple[int, Run]] = []
        """Every run, and the number of its first Sample."""
        self.interval_ns = interval_ns
        self._rules = ledger.rules(run.topology)
        self._counters = np.array([word.kind == Kind.COUNTER for word in run.topology.words], np.bool_)
        self._rows = Rows(run.topology, self._rules, capacity)
        self._archive = Archive(len(run.topology.histograms), fine=fine)
        self._whole: deque[Sample] = deque(maxlen=WHOLE)
        self._series: dict[str, Series] = {}
        self._cores = -1
        self._latest: _Window | None = None

    def __len__(self) -> int:
        """How many Samples are still there."""
        return self._rows.count - self._rows.first

    @property
    def first(self) -> int:
        """Number of the oldest Sample still there."""
        return self._rows.first

    @property
    def last(self) -> int:
        """Number of the newest Sample; -1 before the first."""
        return self._rows.count - 1

    @property
    def began_ns(self) -> int:
        """mono_ns of the oldest Sample still there; 0 before the first."""
        return self.moment_ns(self.first)

    @property
    def ended_ns(self) -> int:
        """mono_ns of the newest Sample; 0 before the first."""
        return self.moment_ns(max(0, self.last))

    def moment_ns(self, number: int) -> int:
        """mono_ns of a Sample that is still there."""
        return int(self._rows.mono_ns[self._rows.slot(number)])

    def append(self, sample: Sample) -> None:
        """Adds the newest Sample."""
        if not self._runs or self.run.run_id != sample.run.run_id:
            self.run = sample.run
            self._runs.append((self._rows.count, sample.run))
        self._whole.append(sample)
        self._archive.add(sample)
        self._rows.add(sample)

    def times(self) -> Times:
        """mono_ns of every Sample still there, int64, ascending."""
        numbers = np.arange(self.first, self.last + 1)
        return np.asarray(self._rows.mono_ns[self._rows.slot(numbers)])

    def names(self) -> tuple[str, ...]:
        """Every series that there is."""
        return tuple(self._catalogue())

    def series(self, name: str, from_ns: int, to_ns: int) -> tuple[Times, NDArray[np.float64]]:
        """Times (int64 ns) and values (float64) of the Samples in [from_ns, to_ns], of equal length.

        NaN where a value is unknown, and one more NaN in the middle of every gap. Raises KeyError for an
        unknown name.
        """
        wanted = self._catalogue()[name]
        window = self._window(from_ns, to_ns)
        values = wanted(self._rows, window.numbers)
        return window.times, np.insert(values, window.gaps, np.nan) if len(window.gaps) else values

    def overview(self, name: str, columns: int) -> tuple[Times, NDArray[np.float64]]:
        """The series of all that is kept; empty for an unknown name."""
        try:
            return self.series(name, self.began_ns, self.ended_ns)
        except KeyError:
            return np.zeros(0, np.int64), np.zeros(0)

    def merged(self, one: Histogram, from_ns: int, to_ns: int) -> Buckets | None:
        """What the intervals that end in (from_ns, to_ns] recorded together; None when nothing is known of
        them.
        """
        if self._archive.until_ns and from_ns <= self._archive.began_ns and to_ns >= self._archive.until_ns:
            return self._archive.run(one.index)
        parts = [span.histograms.of(one.index) for span in self._archive.spans(from_ns, to_ns)]
        known = [part for part in parts if part is not None]
        return histogram.merge(known) if known else None

    def of_run(self, one: Histogram) -> Buckets:
        """What was recorded since this console looks on."""
        return self._archive.run(one.index)

    def heat(self, one: Histogram, from_ns: int, to_ns: int) -> tuple[tuple[int, int, Buckets], ...]:
        """(begin_ns, end_ns, Buckets) of every kept span that ends in (from_ns, to_ns], for a map of time by
        value.
        """
        spans = ((span, span.histograms.of(one.index)) for span in self._archive.spans(from_ns, to_ns))
        return tuple((span.from_ns, span.to_ns, part) for span, part in spans if part is not None)

    def number_at(self, mono_ns: int) -> int | None:
        """Number of the newest Sample that is not after the moment; None when there is none."""
        after = int(np.searchsorted(self.times(), mono_ns, side="right"))
        return self.first + after - 1 if after else None

    def sample_at(self, mono_ns: int) -> Sample | None:
        """The newest Sample that is not after the moment."""
        number = self.number_at(mono_ns)
        return None if number is None else self.sample(number)

    def sample(self, number: int) -> Sample | None:
        """The Sample of that number; None when it is not there any more or not yet.

        The newest come whole. Older ones have no cut, and histograms and depth for as long as those are kept
        singly.
        """
        if not self.first <= number <= self.last:
            return None
        whole = list(self._whole)
        newest = self.last
        if newest - number < len(whole):
            return whole[number - newest - 1]
        span: Span | None = self._archive.at(int(self._rows.mono_ns[self._rows.slot(number)]))
        run = next(run for begin, run in reversed(self._runs) if begin <= number)
        return restore(run, self._rules, self._counters, self._rows, number, span)

    def _window(self, from_ns: int, to_ns: int) -> _Window:
        """Which Samples lie there. The latest answer is kept: a screen asks for many series of one window."""
        wanted, known = (from_ns, to_ns, self.last), self._latest
        if known is None or known.of != wanted:
            first, times = self.first, self.times()
            begin = int(np.searchsorted(times, from_ns, side="left"))
            end = int(np.searchsorted(times, to_ns, side="right"))
            times = times[begin:end]
            gaps = np.flatnonzero(np.diff(times) > GAP * self.interval_ns) + 1
            middle = (times[gaps - 1] + times[gaps]) // 2
            numbers = np.arange(first + begin, first + end, dtype=np.int64)
            known = _Window(wanted, numbers, np.insert(times, gaps, middle), gaps)
            self._latest = known
        return known

    def _catalogue(self) -> dict[str, Series]:
        cores = self._rows.cores.shape[1]
        if cores != self._cores:
            self._series = catalogue(self.run.topology, cores)
            self._cores = cores
        return self._series
