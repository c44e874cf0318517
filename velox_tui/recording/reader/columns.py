"""Columns of a recording as arrays, block by block: what a chart needs of a thousand rows, without parsing
them.

In a block of rows the commas are found at once; a column is cut out and turned into numbers as a whole. Rows
with other than the header's number of commas (those with events, whose JSON has some) are parsed singly.
"""

from __future__ import annotations

import csv
from collections import OrderedDict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from velox_tui.errors import InputError
from velox_tui.recording.reader.rows import RowsReader

BLOCK = 128
"""Rows that are looked at together."""
UNKNOWN = np.iinfo(np.int64).min
"""A whole number that is not known."""
_KEPT = 20_000
"""Columns of blocks that are kept: a kilobyte each."""
_WIDEST = 32
"""Characters of a number."""
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
        cut = _Cut(self._rows, first, last)
        for name, whole in self._wanted:
            self._kept[block, name, whole] = cut.column(self._rows.places[name], whole)
            self._kept.move_to_end((block, name, whole))
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)


class _Cut:
    """The commas of some rows."""

    def __init__(self, rows: RowsReader, first: int, last: int) -> None:
        self._number = last - first
        try:
            text, begins, ends = rows.lines(first, last)
        except InputError:
            text, begins, ends = b"", np.zeros(0, np.int64), np.zeros(0, np.int64)
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
        self._others = {
            int(place): _parsed(text[int(begins[place]) : int(ends[place])])
            for place in np.flatnonzero(~regular)
        }

    def column(self, place: int, whole: bool) -> Wholes | Floats:
        """One column's numbers."""
        found = _unknown(self._number, whole)
        found[self._regular] = self._numbers(self._texts(place), whole)
        for row, cells in self._others.items():
            found[row] = _number(cells[place] if place < len(cells) else "", whole)
        return found

    def _texts(self, place: int) -> NDArray[np.bytes_]:
        """The cells of the regular rows."""
        begins, ends = self._edges[:, place] + 1, self._edges[:, place + 1]
        width = min(_WIDEST, int((ends - begins).max(initial=1)))
        at = begins[:, None] + np.arange(max(1, width))
        inside = at < ends[:, None]
        characters = np.where(inside, self._data[np.minimum(at, len(self._data) - 1)], 0)
        return np.ascontiguousarray(characters.astype(np.uint8)).view(f"S{max(1, width)}").ravel()

    def _numbers(self, texts: NDArray[np.bytes_], whole: bool) -> Wholes | Floats:
        if not len(texts):
            return _unknown(0, whole)
        try:
            known = texts != b""
            if whole:
                return np.where(known, np.where(known, texts, b"0").astype(np.int64), UNKNOWN)
            return np.where(known, texts, b"nan").astype(np.float64)
        except (ValueError, OverflowError):
            numbers = [_number(text.decode(errors="replace"), whole) for text in texts.tolist()]
            return np.array(numbers, np.int64) if whole else np.array(numbers, np.float64)


def _unknown(number: int, whole: bool) -> Wholes | Floats:
    return np.full(number, UNKNOWN, np.int64) if whole else np.full(number, np.nan)


def _parsed(line: bytes) -> list[str]:
    try:
        return next(csv.reader([line.decode(errors="replace")]), [])
    except csv.Error:
        return []


def _number(text: str, whole: bool) -> int | float:
    """A cell's number, or that it is unknown."""
    try:
        if whole:
            value = int(text)
            return value if -(2**63) < value < 2**63 else int(UNKNOWN)
        return float(text)
    except ValueError:
        return int(UNKNOWN) if whole else float("nan")
