"""The past as a recording holds it: what a History tells of a run that goes on, of any moment of a day."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from velox_tui.errors import InputError
from velox_tui.recording.reader import UNKNOWN
from velox_tui.sources.replay import Replay
from velox_tui.sources.replay_histograms import ReplayHistograms
from velox_tui.telemetry.histogram import merge, sparse
from velox_tui.telemetry.sample import Buckets, Run, Sample
from velox_tui.telemetry.topology import Histogram, Role
from velox_tui.telemetry.units import PRICE_DECIMALS

GAP = 1.5
"""A reading that took more than this many intervals to come leaves a gap."""
_SECOND_NS = 10**9
_RENAMED = {"fill": "mean_fill"}
_PRICES = ("best_bid", "best_ask", "spread")
Times = NDArray[np.int64]
Values = NDArray[np.float64]


class ReplayHistory:
    """A Past. Used by one thread, but for its ends, which are kept: `len`, `first`, `last`, `began_ns`,
    `ended_ns` and the oldest and the newest Sample.
    """

    first = 0

    def __init__(self, replay: Replay) -> None:
        """Of an open recording."""
        self._replay = replay
        self._recording = replay.recording
        self._number = len(replay.recording)
        self._histograms = ReplayHistograms(replay)
        self._range: tuple[tuple[int, int, int], tuple[int, int]] = ((0, 0, -1), (0, 0))
        none = np.zeros(0, np.int64), np.zeros(0)
        self._overview: tuple[tuple[str, int, int], tuple[Times, Values]] = (("", 0, 0), none)
        self.run: Run = replay.decoder(0).run
        self.interval_ns = self._nominal_ns()
        self.troubles: list[str] = []
        """Rows that could not be understood, each told once."""
        self.began_ns = self._recording.axis_ns(0)
        """Moment of the first row."""
        self._oldest: Sample | None = None
        self._oldest = self.sample(0)
        self._newest: tuple[int, Sample | None] = (-1, None)
        self.keep_end()

    def keep_end(self) -> None:
        """Takes in that the recording has grown."""
        self._number = len(self._recording)
        self.ended_ns = self._recording.axis_ns(self.last)
        """Moment of the newest row."""
        self._newest = self.last, self.sample(self.last)

    def _nominal_ns(self) -> int:
        """The usual time between two rows."""
        found = self._recording.wholes("interval_ns", 0, min(128, len(self._recording)))
        known = found[found != UNKNOWN]
        return int(np.median(known)) if len(known) else _SECOND_NS

    def __len__(self) -> int:
        """How many rows there are."""
        return self._number

    @property
    def last(self) -> int:
        """Number of the newest row."""
        return self._number - 1

    def moment_ns(self, number: int) -> int:
        """Moment of a row."""
        return self._recording.axis_ns(number)

    def number_at(self, mono_ns: int) -> int | None:
        """Number of the newest row that is not after the moment; None where all are."""
        found = self._recording.number_at(mono_ns)
        return found if found >= 0 else None

    def sample_at(self, mono_ns: int) -> Sample | None:
        """The newest Sample that is not after the moment."""
        number = self.number_at(mono_ns)
        return None if number is None else self.sample(number)

    def sample(self, number: int) -> Sample | None:
        """The Sample of a row; of one that cannot be understood, that of the nearest one that can, above it
        or else below it.
        """
        if not 0 <= number <= self.last:
            return None
        kept = self._oldest if number == 0 else self._newest[1] if number == self._newest[0] else None
        return kept or self._nearest(range(number, -1, -1)) or self._nearest(range(number + 1, len(self)))

    def _nearest(self, numbers: Iterable[int]) -> Sample | None:
        for number in numbers:
            try:
                return self._replay.sample(number)
            except InputError as error:
                if str(error) not in self.troubles:
                    self.troubles.append(str(error))
        return None

    def series(self, name: str, from_ns: int, to_ns: int) -> tuple[Times, Values]:
        """Times and values of the rows in [from_ns, to_ns]; NaN where unknown, and one more NaN in every gap.

        Raises KeyError for an unknown name.
        """
        first, last = self._rows(from_ns, to_ns)
        values = self._values(name, first, last)
        return self._with_gaps(self._recording.times(first, last), values)

    def overview(self, name: str, columns: int) -> tuple[Times, Values]:
        """A counter's mean rate over each of so many equal parts of the whole: their ends, and the rates.

        Only the rows at their ends are read. Empty for an unknown name.
        """
        key = (name, columns, len(self))
        if self._overview[0] != key:
            self._overview = (key, self._overview_of(name, columns))
        return self._overview[1]

    def _overview_of(self, name: str, columns: int) -> tuple[Times, Values]:
        if not self._is_counter(name) or len(self) < 2:
            return np.zeros(0, np.int64), np.zeros(0)
        edges = np.unique(np.linspace(0, self.last, min(columns, self.last) + 1).astype(np.int64))
        ends = [int(edge) for edge in edges]
        times = np.array([self._recording.axis_ns(edge) for edge in ends], np.int64)
        stem = _counter_of(name)
        counts = np.array([self._recording.whole(stem, edge) for edge in ends], np.int64)
        moved, took = np.diff(counts), np.diff(times)
        known = (moved >= 0) & (took > 0) & (counts[1:] != UNKNOWN) & (counts[:-1] != UNKNOWN)
        return times[1:], np.where(known, moved * 1e9 / np.maximum(took, 1), np.nan)

    def merged(self, one: Histogram, from_ns: int, to_ns: int) -> Buckets | None:
        """What the intervals that end in (from_ns, to_ns] recorded together, those of the run only that goes
        on at `to_ns`; None where no frame tells.
        """
        if self._histograms.begins_before(from_ns, to_ns):
            total = self._histograms.total(to_ns)
            return None if total is None else sparse(total[one.index])
        parts = [span.histograms[one.index] for span in self._histograms.spans(from_ns, to_ns)]
        known = [part for part in parts if part is not None]
        return merge(known) if known else None

    def heat(self, one: Histogram, from_ns: int, to_ns: int) -> tuple[tuple[int, int, Buckets], ...]:
        """(begin_ns, end_ns, Buckets) of every span that ends in (from_ns, to_ns]."""
        found = ((span, span.histograms[one.index]) for span in self._histograms.spans(from_ns, to_ns))
        return tuple((span.from_ns, span.to_ns, part) for span, part in found if part is not None)

    def prepare(self) -> None:
        """A little of the work that would take long all at once."""
        self._histograms.prepare()

    def _rows(self, from_ns: int, to_ns: int) -> tuple[int, int]:
        """Rows first..last-1 of [from_ns, to_ns]; the same is asked for by many."""
        key = (from_ns, to_ns, len(self))
        if key != self._range[0]:
            found = self._recording.number_at(from_ns - 1) + 1, self._recording.number_at(to_ns) + 1
            self._range = (key, found)
        return self._range[1]

    def _values(self, name: str, first: int, last: int) -> Values:
        columns = self._recording.parts[-1].rows.places
        if self._is_counter(name):
            return self._rate(_counter_of(name), first, last)
        wanted = _RENAMED.get(name, name)
        if wanted in columns:
            scale = 10.0**PRICE_DECIMALS if name in _PRICES else 1.0
            return self._recording.floats(wanted, first, last) * scale
        if name == "dropped_per_s":
            words = self.run.topology.find(Role.DROPPED)
            return sum((self._rate(word.name, first, last) for word in words), np.zeros(last - first))
        raise KeyError(name)

    def _is_counter(self, name: str) -> bool:
        return name.endswith("_per_s") and _counter_of(name) in self._recording.parts[-1].rows.places

    def _rate(self, counter: str, first: int, last: int) -> Values:
        """A counter's differences by the time they took; NaN where a row does not go on."""
        begin = max(0, first - 1)
        counts, times = self._recording.wholes(counter, begin, last), self._recording.times(begin, last)
        taken = self._recording.wholes("interval_ns", begin, last)
        moved, took = np.diff(counts), np.diff(times)
        known = (moved >= 0) & (took > 0) & (taken[1:] != UNKNOWN)
        known &= (counts[1:] != UNKNOWN) & (counts[:-1] != UNKNOWN)
        for stretch in self._recording.stretches:
            if begin < stretch.first < last:
                known[stretch.first - begin - 1] = False
        rates = np.where(known, moved * 1e9 / np.maximum(took, 1), np.nan)
        return rates if first else np.concatenate(([np.nan] * min(1, last), rates))

    def _with_gaps(self, times: Times, values: Values) -> tuple[Times, Values]:
        late = np.flatnonzero(np.diff(times) > GAP * self.interval_ns) + 1
        if not len(late):
            return times, values
        middle = (times[late - 1] + times[late]) // 2
        return np.insert(times, late, middle), np.insert(values, late, np.nan)


def _counter_of(name: str) -> str:
    return name.removesuffix("_per_s") + "_total"
