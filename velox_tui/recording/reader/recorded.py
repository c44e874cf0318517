"""A whole recording: all parts, all runs, one row after another on one axis of time.

Rows are numbered from 0 through all parts. `mono_ns` of different runs cannot be compared, so the moments of
later runs are shifted: they come as long after the first as their clocks on the wall say, but never before
what stands above them. Moments here are on that axis; `offset_ns` of a stretch leads back.
"""

from __future__ import annotations

import bisect
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from velox_tui.errors import InputError, InputMissingError
from velox_tui.recording import paths
from velox_tui.recording.reader.numbers import UNKNOWN
from velox_tui.recording.reader.part import Key, RecordedPart
from velox_tui.telemetry.sample import Run

_BETWEEN_RUNS_NS = 10**9
_STEP = 1024
"""Rows of which the first and the last are looked at first."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Rows first..last-1, which one recorder wrote of one run. `mono_ns + offset_ns` is the axis."""

    first: int
    last: int
    run_id: str
    offset_ns: int
    part: RecordedPart
    """The part of its first row."""


class Recording:
    """All of a recording; a context manager. Used by one thread at a time."""

    def __init__(self, target: Path) -> None:
        """InputMissingError where there is none, InputError for what is none."""
        self.target = target
        self.parts: list[RecordedPart] = []
        self.stretches: list[Stretch] = []
        self._last: Key | None = None
        self._known = 0
        try:
            for part in paths.parts_of(target):
                self._open(part)
        except InputError:
            self.close()
            raise
        self._numbered = not target.exists()

    def _open(self, files: paths.PartPaths) -> None:
        self.parts.append(RecordedPart(files, len(self)))
        self._divide()

    def close(self) -> None:
        """Closes every file. Twice is once."""
        for part in self.parts:
            part.close()

    def __len__(self) -> int:
        """Rows in all parts."""
        return self.parts[-1].base + len(self.parts[-1].rows) if self.parts else 0

    @property
    def writing(self) -> bool:
        """Whether a recorder holds its last part, or another part follows."""
        return self.parts[-1].rows.locked

    @property
    def deleted(self) -> bool:
        """Whether the last part was deleted; what is open can still be read."""
        return self.parts[-1].rows.deleted

    def refresh(self) -> int:
        """Takes in what has been written since, also new parts; how many rows that is."""
        before = len(self)
        while True:
            self.parts[-1].refresh()
            self._divide()
            following = self._following()
            if following is None:
                return len(self) - before
            try:
                self._open(following)
            except InputMissingError:
                return len(self) - before

    def _following(self) -> paths.PartPaths | None:
        """The next part of a rotated recording, once it is there with its header."""
        if not self._numbered:
            return None
        last = self.parts[-1].number
        numbers = [number for number in paths.part_numbers(self.target) if number > last]
        if not numbers:
            return None
        found = paths.numbered(self.target, numbers[0])
        return found if found.csv.stat().st_size else None

    def part_of(self, number: int) -> RecordedPart:
        """The part that holds a row."""
        return self.parts[bisect.bisect_right(self.parts, number, key=lambda part: part.base) - 1]

    def cells(self, number: int) -> list[str]:
        """A row's cells, in the order of its part's header. InputError where it cannot be read."""
        part = self.part_of(number)
        return part.rows.cells(number - part.base)

    def stretch_of(self, number: int) -> Stretch:
        """The stretch that holds a row."""
        return self.stretches[bisect.bisect_right(self.stretches, number, key=lambda one: one.first) - 1]

    def axis_ns(self, number: int) -> int:
        """The moment of a row; that of the next one above it where it cannot be read."""
        stretch = self.stretch_of(number)
        for place in range(number, stretch.first - 1, -1):
            part = self.part_of(place)
            key = part.key(place - part.base)
            if key is not None:
                return key.mono_ns + stretch.offset_ns
        return 0

    def number_at(self, axis_ns: int) -> int:
        """The newest row that is not after the moment; -1 where all are."""
        return bisect.bisect_right(range(len(self)), axis_ns, key=self.axis_ns) - 1

    def times(self, first: int, last: int) -> NDArray[np.int64]:
        """Moments of rows first..last-1, never descending."""
        found = self.wholes("mono_ns", first, last)
        for stretch in self.stretches:
            begin, end = max(first, stretch.first) - first, min(last, stretch.last) - first
            if begin < end:
                found[begin:end] = np.maximum.accumulate(found[begin:end])
                found[begin:end] += stretch.offset_ns
        return np.maximum.accumulate(found)

    def wholes(self, name: str, first: int, last: int) -> NDArray[np.int64]:
        """A column of whole numbers, of rows first..last-1; see `Columns.wholes`."""
        return np.concatenate(
            [
                np.zeros(0, np.int64),
                *(part.columns.wholes(name, begin, end) for part, begin, end in self._split(first, last)),
            ]
        )

    def whole(self, name: str, number: int) -> int:
        """One cell as a whole number; UNKNOWN where there is none. Quick for a single row."""
        part = self.part_of(number)
        try:
            found = part.rows.whole(number - part.base, name)
        except InputError:
            return int(UNKNOWN)
        return int(UNKNOWN) if found is None else found

    def floats(self, name: str, first: int, last: int) -> NDArray[np.float64]:
        """A column of numbers, of rows first..last-1; see `Columns.floats`."""
        return np.concatenate(
            [np.zeros(0), *(part.columns.floats(name, a, b) for part, a, b in self._split(first, last))]
        )

    def _split(self, first: int, last: int) -> list[tuple[RecordedPart, int, int]]:
        """The parts that hold these rows, with their own numbers of them."""
        found = []
        for part in self.parts:
            begin, end = max(first, part.base) - part.base, min(last - part.base, len(part.rows))
            if begin < end:
                found.append((part, begin, end))
        return found

    def eventful(self, since: int = 0) -> NDArray[np.int64]:
        """Rows from `since` on that may hold events."""
        every = np.concatenate([part.rows.eventful + part.base for part in self.parts])
        return every[every >= since]

    def run(self, stretch: Stretch) -> Run | None:
        """The run of a stretch on the axis of time, as frames or meta file tell; None where neither does."""
        for part in (stretch.part, *self.parts):
            found = part.run(stretch.run_id)
            if found is not None:
                return replace(found, start_mono_ns=found.start_mono_ns + stretch.offset_ns)
        return None

    def _divide(self) -> None:
        """Finds the stretches of rows that are new. Only where the ends of many do not fit together is it
        looked at row by row.
        """
        part = self.parts[-1]
        place, end = self._known - part.base, len(part.rows)
        while place < end:
            last = min(place + _STEP, end) - 1
            begins, ends = part.key(place), part.key(last)
            if begins is not None and ends is not None and begins.leads_to(ends, last - place):
                self._take(part, place, begins)
                self._extend(part.base + last + 1, ends)
            else:
                for one in range(place, last + 1):
                    self._take(part, one, part.key(one))
            place = last + 1
        self._known = part.base + end

    def _take(self, part: RecordedPart, place: int, key: Key | None) -> None:
        """Adds a row to the last stretch, or begins one with it."""
        number = part.base + place
        if key is not None and not self._continues(part, key):
            self.stretches.append(Stretch(number, number + 1, key.run_id, self._offset(key), part))
        elif not self.stretches:
            return
        self._extend(number + 1, key)

    def _extend(self, last: int, key: Key | None) -> None:
        self.stretches[-1] = replace(self.stretches[-1], last=last)
        self._last = key or self._last

    def _continues(self, part: RecordedPart, key: Key) -> bool:
        before = self._last
        if before is None or before.run_id != key.run_id or key.mono_ns <= before.mono_ns:
            return False
        return self.stretches[-1].part.rows.names == part.rows.names and (key.seq > before.seq)

    def _offset(self, key: Key) -> int:
        """What leads from the run's own clock to the axis."""
        if self._last is None:
            return 0
        newest = self._last.mono_ns + self.stretches[-1].offset_ns
        same = [one.offset_ns for one in self.stretches if one.run_id == key.run_id]
        if same and key.mono_ns + same[-1] > newest:
            return same[-1]
        later_ns = max(_BETWEEN_RUNS_NS, key.unix_ns - self._last.unix_ns)
        return newest + later_ns - key.mono_ns
