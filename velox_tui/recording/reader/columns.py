"""Columns of a recording as arrays, block by block: what a chart needs of a thousand rows, without parsing
them.

In a block of rows the commas are found at once; a column is cut out and turned into numbers as a whole. Rows
with other than the header's number of commas (those with events, whose JSON has some) are parsed singly.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from velox_tui.errors import InputError
from velox_tui.recording.reader import numbers
from velox_tui.recording.reader.numbers import UNKNOWN, Refuse
from velox_tui.recording.reader.rows import RowsReader, cells_of

BLOCK = 128
"""Rows that are looked at together."""
_KEPT = 20_000
"""Columns of blocks that are kept: a kilobyte each."""
_WIDEST = 32
"""Characters of a text that are looked at."""
_COMMA = 44

Wholes = NDArray[np.int64]
Floats = NDArray[np.float64]


class Columns:
    """The numbers of one file, by name. What was asked for once is kept for as long as there is room."""

    def __init__(self, rows: RowsReader) -> None:
        """Nothing read yet."""
        self._rows = rows
        self._kept: OrderedDict[tuple[int, str, bool], Wholes | Floats] = OrderedDict()
        self._wanted: dict[tuple[str, bool], None] = {}
        """What has been asked for: cut out together of every block that is looked at."""

    def wholes(self, name: str, first: int, last: int) -> Wholes:
        """Rows first..last-1 of a column of whole numbers (64 bits, with a sign); UNKNOWN where there is
        none.
        """
        return self._range(name, True, first, last).astype(np.int64, copy=False)

    def floats(self, name: str, first: int, last: int) -> Floats:
        """Rows first..last-1 as float64; NaN where there is no number."""
        return self._range(name, False, first, last).astype(np.float64, copy=False)

    def _range(self, name: str, whole: bool, first: int, last: int) -> NDArray[Any]:
        if name not in self._rows.places or first >= last:
            return _unknown(max(0, last - first), whole)
        self._wanted[name, whole] = None
        parts = []
        for block in range(first // BLOCK, (last - 1) // BLOCK + 1):
            base = block * BLOCK
            found = self._block(block, name, whole, min(BLOCK, last - base))
            parts.append(found[max(0, first - base) : last - base])
        return np.concatenate(parts)

    def _block(self, block: int, name: str, whole: bool, least: int) -> Wholes | Floats:
        """A block's column, of at least so many rows; the newest block grows."""
        key = (block, name, whole)
        found = self._kept.get(key)
        if found is None or len(found) < least:
            self._look_at(block)
            found = self._kept[key]
        self._kept.move_to_end(key)
        return found

    def _look_at(self, block: int) -> None:
        first = block * BLOCK
        last = min(first + BLOCK, len(self._rows))
        try:
            cut = Cut(self._rows, first, last)
        except InputError:
            cut = None
        for name, whole in self._wanted:
            if cut is None:
                found: Wholes | Floats = _unknown(last - first, whole)
            else:
                found = cut.wholes(name) if whole else cut.floats(name)
            self._kept[block, name, whole] = found
            self._kept.move_to_end((block, name, whole))
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)


class Cut:
    """Some rows, cut into cells."""

    def __init__(self, rows: RowsReader, first: int, last: int) -> None:
        """Rows first..last-1 of the file. InputError where they are too long for rows of ours."""
        self._number = last - first
        self.places = rows.places
        """The column of each name."""
        text, begins, ends = rows.lines(first, last)
        self._data = np.frombuffer(text, np.uint8)
        width = len(rows.names)
        commas = np.flatnonzero(self._data == _COMMA)
        at = np.searchsorted(commas, begins)
        regular = np.searchsorted(commas, ends) - at == width - 1
        self._regular = np.flatnonzero(regular)
        self._edges = np.empty((len(self._regular), width + 1), np.int64)
        self._edges[:, 0] = begins[regular] - 1
        if width > 1:
            self._edges[:, 1:-1] = commas[at[regular][:, None] + np.arange(width - 1)]
        self._edges[:, -1] = ends[regular] - 1
        self._others: dict[int, list[str]] = {}
        self.unreadable: dict[int, str] = {}
        """Rows (from 0) that cannot be cut into cells, and why: all that they hold is unknown."""
        for place in np.flatnonzero(~regular).tolist():
            try:
                self._others[place] = cells_of(text[int(begins[place]) : int(ends[place])])
            except InputError as error:
                self.unreadable[place] = str(error)

    def __len__(self) -> int:
        """How many rows."""
        return self._number

    def wholes(self, name: str) -> Wholes:
        """A column of whole numbers; UNKNOWN where there is none."""
        place = self.places[name]
        found = np.full(self._number, UNKNOWN, np.int64)
        found[self._regular] = numbers.wholes(self._data, *self._cells(place))
        for row, cells in self._others.items():
            found[row] = numbers.whole(_cell(cells, place))
        return found

    def floats(self, name: str, refuse: Refuse | None = None) -> Floats:
        """A column of numbers; NaN where there is none. `refuse` is told of rows (from 0) with other text."""
        place = self.places[name]
        found = np.full(self._number, np.nan)
        told: Refuse | None = None
        if refuse is not None:

            def told(at: int, text: str) -> None:
                refuse(int(self._regular[at]), text)

        found[self._regular] = numbers.floats(self._data, *self._cells(place), told)
        for row, cells in self._others.items():
            found[row] = numbers.real(_cell(cells, place), row, refuse)
        return found

    def texts(self, name: str) -> NDArray[np.bytes_]:
        """A column of short texts, as UTF-8; longer ones are cut."""
        place = self.places[name]
        found = np.zeros(self._number, f"S{_WIDEST}")
        found[self._regular] = numbers.texts(self._data, *self._cells(place), _WIDEST)
        for row, cells in self._others.items():
            found[row] = _cell(cells, place).encode(errors="replace")
        return found

    def _cells(self, place: int) -> tuple[Wholes, Wholes]:
        """Where the cells of the regular rows begin and end."""
        return self._edges[:, place] + 1, self._edges[:, place + 1]


def _cell(cells: list[str], place: int) -> str:
    return cells[place] if place < len(cells) else ""


def _unknown(number: int, whole: bool) -> Wholes | Floats:
    return np.full(number, UNKNOWN, np.int64) if whole else np.full(number, np.nan)
