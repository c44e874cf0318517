"""What a window of time holds: merged histograms and counter differences, each computed once a reading.

One `Windows` serves all panes of an app, which is why its answers are kept until the next reading. A reading
belongs to a window when the middle of its interval does: ten seconds at 1 Hz are ten readings, however late
each was.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from velox_tui.console.aside import Aside
from velox_tui.console.rolling import Rolling
from velox_tui.console.view import SECOND_NS, ViewState
from velox_tui.telemetry.histogram import count, high_water, quantiles, rank
from velox_tui.telemetry.sample import Buckets, Event, Quantiles, Sample
from velox_tui.telemetry.topology import Histogram, Kind, Ring, Role

if TYPE_CHECKING:
    from velox_tui.telemetry.past import Past

Answer = TypeVar("Answer")
Points = tuple[NDArray[np.int64], NDArray[np.float64]]
"""Times in ns, ascending, and as many values."""
WIDE_NS = 300 * SECOND_NS
LEAST_BEYOND = 10
"""A percentile with fewer values beyond it says little and is shown dim."""


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """Differences of all counters (0 for other words) over a measured time."""

    deltas: NDArray[np.uint64]
    duration_ns: int


class Windows:
    """A history and the event log behind the present Sample; without a history only the Sample itself is
    known.
    """

    def __init__(self, history: Past | None = None, events: Callable[[], tuple[Event, ...]] = tuple) -> None:
        """Both belong to the Session; `events` gives its present log, oldest first."""
        self.history = history
        self.aside: Aside | None = None
        """Where panes have their lines worked out, if not on the event loop."""
        self.events = events
        self._reading: Hashable = None
        self._answers: dict[Hashable, object] = {}
        self._rolling: dict[Hashable, Rolling] = {}
        self._series: dict[str, tuple[int, Points]] = {}
        self._series_upto = (0, -1)

    def once(self, key: Hashable, reading: Hashable, answer: Callable[[], Answer]) -> Answer:
        """`answer()` for `key`, computed once for each `reading`."""
        if reading != self._reading:
            self._reading = reading
            self._answers.clear()
        if key not in self._answers:
            self._answers[key] = answer()
        return self._answers[key]  # type: ignore[return-value]

    def merged(
        self, sample: Sample, histogram: Histogram | None, view: ViewState, *, whole_run: bool = False
    ) -> Buckets | None:
        """A histogram over the percentile window (or the run) up to the sample; None: unknown or nothing
        there.
        """
        if histogram is None:
            return None
        window_ns = None if whole_run else view.percentile_window_ns
        since_ns = 0 if whole_run else view.since_ns

        def answer() -> Buckets | None:
            if self.history is None:
                return None if sample.histograms is None else sample.histograms[histogram.index]
            start_ns = _start(sample, window_ns, since_ns)
            if window_ns is None:
                return self.history.merged(histogram, start_ns, sample.mono_ns)
            rolling = self._rolling.setdefault((histogram.index, window_ns, since_ns), Rolling())
            return rolling.upto(self.history, histogram, sample, start_ns)

        return self.once((histogram.index, window_ns, since_ns), (sample.run.run_id, sample.mono_ns), answer)

    def quantiles(self, sample: Sample, histogram: Histogram | None, view: ViewState) -> Quantiles | None:
        """Percentiles over the percentile window; where the source keeps no histograms, those of the
        interval.
        """
        if histogram is None:
            return None
        if sample.histograms is None:
            return sample.quantile(histogram)
        key = ("quantiles", histogram.index, view.percentile_window_ns, view.since_ns)
        reading = (sample.run.run_id, sample.mono_ns)
        return self.once(key, reading, lambda: quantiles(self.merged(sample, histogram, view)))

    def high_water(
        self, sample: Sample, ring: Ring, view: ViewState, *, whole_run: bool = False
    ) -> int | None:
        """Most slots that the ring's consumer found taken, over the percentile window or the run."""
        if sample.histograms is None and self.history is not None:
            return self._marked(sample, ring, view, whole_run=whole_run)
        histogram = sample.run.topology.histogram(Role.OCCUPANCY, ring=ring.index)
        return high_water(self.merged(sample, histogram, view, whole_run=whole_run), ring.capacity)

    def _marked(self, sample: Sample, ring: Ring, view: ViewState, *, whole_run: bool) -> int | None:
        """The same from the marks that a recording without histograms holds of each interval."""
        if whole_run:
            _, marks = self._points(f"{ring.name}_high_water_run_slots", sample.mono_ns, sample.mono_ns)
        else:
            start_ns = _start(sample, view.percentile_window_ns, view.since_ns)
            _, marks = self._points(f"{ring.name}_high_water_slots", start_ns + 1, sample.mono_ns)
        known = marks[np.isfinite(marks)]
        return int(known.max()) if len(known) else None

    def series(self, name: str, from_ns: int, to_ns: int) -> Points:
        """Times and values as History.series gives them; empty without a history or such a series.

        What panes ask for up to the same moment is looked up once, over at least `WIDE_NS`.
        """
        upto = (to_ns, -1 if self.history is None else self.history.last)
        if upto != self._series_upto:
            self._series_upto = upto
            self._series.clear()
        known = self._series.get(name)
        if known is None or known[0] > from_ns:
            known = (min(from_ns, to_ns - WIDE_NS), self._points(name, min(from_ns, to_ns - WIDE_NS), to_ns))
            self._series[name] = known
        times, values = known[1]
        first = int(np.searchsorted(times, from_ns))
        return times[first:], values[first:]

    def _points(self, name: str, from_ns: int, to_ns: int) -> Points:
        try:
            if self.history is not None:
                return self.history.series(name, from_ns, to_ns)
        except KeyError:
            pass
        return np.zeros(0, np.int64), np.zeros(0)

    def change(self, sample: Sample, view: ViewState) -> Change | None:
        """Counter differences over the percentile window; None at the first reading and after a reset."""
        key = ("change", view.percentile_window_ns, view.since_ns)
        return self.once(key, (sample.run.run_id, sample.mono_ns), lambda: self._change(sample, view))

    def _change(self, sample: Sample, view: ViewState) -> Change | None:
        if sample.deltas is None or not sample.interval_ns:
            return None
        start_ns = _start(sample, view.percentile_window_ns, view.since_ns)
        before = None if self.history is None else self._before(self.history, start_ns)
        if before is None or before.run.run_id != sample.run.run_id or before.mono_ns >= sample.mono_ns:
            return Change(sample.deltas, sample.interval_ns)
        counters = np.array([word.kind == Kind.COUNTER for word in sample.run.topology.words], np.bool_)
        deltas = np.where(counters, sample.words - before.words, np.uint64(0))
        return Change(deltas, sample.mono_ns - before.mono_ns)

    @staticmethod
    def _before(history: Past, start_ns: int) -> Sample | None:
        """The reading at which a window begins; of a run younger than the window, its first one."""
        return history.sample_at(start_ns) or history.sample(history.first)


def _start(sample: Sample, window_ns: int | None, since_ns: int) -> int:
    """Readings after this moment belong to the window that ends with the sample."""
    if window_ns is None:
        return since_ns
    return max(since_ns, sample.mono_ns - window_ns + (sample.interval_ns or 0) // 2)


def meaningful(found: Quantiles | None, p: float) -> bool:
    """Whether at least ten values lie beyond a percentile, so that it says something."""
    return found is not None and found.count - rank(p, found.count) >= LEAST_BEYOND


def mean_of(buckets: Buckets | None) -> float | None:
    """Exact mean of the recorded values; None for none."""
    number = 0 if buckets is None else count(buckets)
    return None if buckets is None or not number else buckets.total / number
