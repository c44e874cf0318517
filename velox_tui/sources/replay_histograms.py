"""Histograms of a recording over any window, from its frames: interval by interval where they are few, by
the merged minutes where they are many; and of the run up to a moment.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from velox_tui.recording.reader import Counted, FrameKind, RecordedPart, Stretch
from velox_tui.sources.replay import Replay
from velox_tui.telemetry.histogram import BUCKETS
from velox_tui.telemetry.sample import Buckets, Run

FINE = 600
"""Intervals that are looked at one by one, the newest of a window: ten minutes at 1 Hz."""
_KEPT = 800
"""Records kept decoded."""
_CHECKPOINT_NS = 3600 * 10**9
"""How far apart totals of the run are kept."""

_MINUTE_NS = 60 * 10**9

Sums = NDArray[np.uint64]
Place = tuple[RecordedPart, int]


class ReplayHistograms:
    """Of one recording. Times are on its axis."""

    def __init__(self, replay: Replay) -> None:
        """Nothing read yet."""
        self._replay = replay
        self._kept: OrderedDict[tuple[int, int], Counted | None] = OrderedDict()
        self._totals: dict[int, list[tuple[int, Sums]]] = {}
        """By the stretch's first row: totals at moments, ascending."""
        self._newest: tuple[int, int, Sums] | None = None
        """Stretch, moment and total asked for last."""
        self._prepared = 0
        """Stretches whose totals have been prepared."""

    def spans(self, from_ns: int, to_ns: int, *, fine: bool = True) -> Iterator[Counted]:
        """What ends in (from_ns, to_ns] within the stretch that holds `to_ns`, oldest first; minutes wherever
        they are whole unless it should be `fine`.
        """
        stretch = self._stretch(to_ns)
        offset_ns, run = stretch.offset_ns, self._replay.decoder(stretch.first).run
        newest = FINE if fine else 0
        for part, place in self._places(stretch, from_ns - offset_ns, to_ns - offset_ns, newest):
            found = self._counted(part, place, stretch.run_id, run)
            if found is not None:
                yield replace(found, from_ns=found.from_ns + offset_ns, to_ns=found.to_ns + offset_ns)

    def total(self, to_ns: int) -> Sums | None:
        """All that the run's stretch recorded up to a moment: shape (histograms, 1 + BUCKETS), sums first;
        None where nothing is known of it. Not to be written to.
        """
        stretch = self._stretch(to_ns)
        begin_ns, sums = self._total_before(stretch, to_ns)
        known, first_ns = begin_ns > 0, self._replay.recording.axis_ns(stretch.first)
        checkpoints = self._totals.setdefault(stretch.first, [])
        for span in self.spans(begin_ns, to_ns, fine=False):
            _pour(sums, span.histograms)
            known = True
            if span.to_ns - (checkpoints[-1][0] if checkpoints else first_ns) >= _CHECKPOINT_NS:
                checkpoints.append((span.to_ns, sums.copy()))
        self._newest = (stretch.first, to_ns, sums)
        return sums if known else None

    def prepare(self) -> None:
        """Goes on by an hour with the totals of the runs, so that none takes long when it is asked for."""
        stretches = self._replay.recording.stretches
        if self._prepared >= len(stretches) or self._replay.frames_missing:
            return
        stretch = stretches[self._prepared]
        checkpoints = self._totals.get(stretch.first, ())
        known = len(checkpoints)
        recording = self._replay.recording
        from_ns = checkpoints[-1][0] if checkpoints else recording.axis_ns(stretch.first)
        to_ns = from_ns + _CHECKPOINT_NS + 2 * _MINUTE_NS
        if to_ns > recording.axis_ns(stretch.last - 1):
            self._prepared += self._prepared < len(stretches) - 1
            return
        newest = self._newest
        self.total(to_ns)
        self._newest = newest
        if len(self._totals.get(stretch.first, ())) == known:
            self._prepared += 1

    def begins_before(self, from_ns: int, to_ns: int) -> bool:
        """Whether a window that ends at `to_ns` holds all of its stretch."""
        return from_ns <= self._replay.recording.axis_ns(self._stretch(to_ns).first)

    def _stretch(self, to_ns: int) -> Stretch:
        recording = self._replay.recording
        return recording.stretch_of(max(0, recording.number_at(to_ns)))

    def _total_before(self, stretch: Stretch, to_ns: int) -> tuple[int, Sums]:
        """The nearest total that is known before the moment, to be added to."""
        newest = self._newest
        candidates = [one for one in self._totals.get(stretch.first, ()) if one[0] <= to_ns]
        if newest is not None and newest[0] == stretch.first and newest[1] <= to_ns:
            candidates.append((newest[1], newest[2]))
        if candidates:
            at_ns, sums = max(candidates, key=lambda one: one[0])
            return at_ns, sums.copy()
        number = len(self._replay.decoder(stretch.first).run.topology.histograms)
        return 0, np.zeros((number, 1 + BUCKETS), np.uint64)

    def _places(self, stretch: Stretch, from_ns: int, to_ns: int, newest: int) -> Iterator[Place]:
        """Records by the run's own clock: minutes for what lies before so many of the newest intervals."""
        fine: list[tuple[int, RecordedPart, int]] = []
        minutes: list[tuple[int, RecordedPart, int]] = []
        for part in self._parts(stretch):
            if part.index is not None:
                for into, kind in ((fine, FrameKind.INTERVAL), (minutes, FrameKind.MINUTE)):
                    found = part.index.stored(stretch.run_id, kind).between(from_ns, to_ns)
                    times, places = found.mono_ns.tolist(), found.places.tolist()
                    into += [(at, part, place) for at, place in zip(times, places, strict=True)]
        until_ns = fine[-newest][0] if 0 < newest < len(fine) else 0 if newest else to_ns + 1
        done = 0
        for minute, part, place in self._whole(stretch, minutes, from_ns, until_ns):
            while done < len(fine) and fine[done][0] <= minute.from_ns:
                yield fine[done][1:]
                done += 1
            yield part, place
            while done < len(fine) and fine[done][0] <= minute.to_ns:
                done += 1
        yield from (one[1:] for one in fine[done:])

    def _whole(
        self, stretch: Stretch, minutes: list[tuple[int, RecordedPart, int]], from_ns: int, until_ns: int
    ) -> Iterator[tuple[Counted, RecordedPart, int]]:
        """The minutes that lie in (from_ns, until_ns) as a whole."""
        run = self._replay.decoder(stretch.first).run
        for at_ns, part, place in minutes:
            found = self._counted(part, place, stretch.run_id, run) if at_ns < until_ns else None
            if found is not None and found.from_ns >= from_ns:
                yield found, part, place

    def _parts(self, stretch: Stretch) -> list[RecordedPart]:
        parts = self._replay.recording.parts
        return [part for part in parts if part.base < stretch.last and part.end > stretch.first]

    def _counted(self, part: RecordedPart, place: int, run_id: str, run: Run) -> Counted | None:
        key = (part.base, place)
        if key not in self._kept:
            index = part.index
            self._kept[key] = index.counted(place, run_id, run.topology) if index is not None else None
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]


def _pour(into: Sums, parts: tuple[Buckets | None, ...]) -> None:
    for words, one in zip(into, parts, strict=True):
        if one is not None:
            words[0] += np.uint64(one.total % 2**64)
            words[1 + one.indices.astype(np.intp)] += one.counts
