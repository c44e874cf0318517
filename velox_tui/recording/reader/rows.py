"""The rows of a recording: found by an index of line feeds, parsed only when asked for.

Columns go by name, so that a recording of another schema version reads as well. A row without its line feed
(a power cut, a write in progress) does not count; neither do empty lines.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from velox_tui.errors import InputError
from velox_tui.recording.reader.files import Readable

LINE_BYTES_MAX = 1 << 20
"""A longer line is none of ours."""
_LINE_FEED = 10
_EVENTS = b'"[{'
"""How a cell begins that holds events."""
_EMPTY = b'"[]"'
"""A cell without any."""


class RowsReader(Readable):
    """The CSV of a recording."""

    def __init__(self, path: Path) -> None:
        """InputMissingError where there is no such file, InputError for one without a header row."""
        super().__init__(path)
        self._begins: NDArray[np.int64] = np.zeros(0, np.int64)
        self._ends: NDArray[np.int64] = np.zeros(0, np.int64)
        """Where every complete line begins and ends, its line feed included."""
        self._eventful: NDArray[np.int64] = np.zeros(0, np.int64)
        """A place in every line that may hold events."""
        self._read_to = 0
        try:
            self._events_last = self._header().endswith(",events")
            self.refresh()
            self.names: tuple[str, ...] = tuple(self._cells(0))
        except InputError:
            self.close()
            raise
        self.places = {name: place for place, name in enumerate(self.names)}
        """The column of each name."""

    def _header(self) -> str:
        text, feed, _ = self.read(0, LINE_BYTES_MAX).partition(b"\n")
        if not feed:
            raise InputError(f"{self.path}: no header row; this is no recording")
        return text.decode(errors="replace")

    def __len__(self) -> int:
        """Complete rows."""
        return len(self._ends) - 1

    def refresh(self) -> int:
        """Takes in what has been written since; how many rows that is."""
        before = len(self._ends)
        found, tail = [self._ends], b""
        self._eventful = self._eventful[self._eventful < self._read_to]
        eventful = [self._eventful]
        for place, chunk in self.chunks(self._read_to):
            data = np.frombuffer(chunk, np.uint8)
            feeds = np.flatnonzero(data == _LINE_FEED)
            found.append(feeds + (place + 1))
            if self._events_last:
                eventful.append(feeds[_other_than_empty(data, feeds)] + place)
            else:
                eventful.append(_places(tail + chunk) + (place - len(tail)))
                tail = chunk[1 - len(_EVENTS) :]
        ends = np.concatenate(found)
        if len(ends) == before:
            return 0
        begins = np.concatenate((self._begins, [self._read_to], ends[before:-1]))
        whole = ends - begins > 1
        self._begins, self._ends, self._read_to = begins[whole], ends[whole], int(ends[-1])
        self._eventful = np.concatenate(eventful)
        return len(self._ends) - before

    @property
    def eventful(self) -> NDArray[np.int64]:
        """The rows that may hold events, ascending."""
        rows = np.unique(np.searchsorted(self._ends, self._eventful, side="right")) - 1
        return rows[(rows >= 0) & (rows < len(self))]

    def row(self, place: int) -> dict[str, str]:
        """A row by name, as text; cells that are missing at its end are empty."""
        return dict.fromkeys(self.names, "") | dict(zip(self.names, self.cells(place), strict=False))

    def rows(self) -> Iterator[dict[str, str]]:
        """Every complete row."""
        return map(self.row, range(len(self)))

    def cells(self, place: int) -> list[str]:
        """A row's cells. InputError for a line that is too long."""
        return self._cells(place + 1)

    def lead(self, place: int, number: int) -> list[str]:
        """The first cells of a row, which hold no commas; quick."""
        begin = int(self._begins[place + 1])
        text = self.read(begin, min(begin + 512, int(self._ends[place + 1])))
        return text.decode(errors="replace").rstrip("\r\n").split(",", number)[:number]

    def lines(self, first: int, last: int) -> tuple[bytes, NDArray[np.int64], NDArray[np.int64]]:
        """The bytes of rows first..last-1, and where in them each begins and ends.

        InputError where they are longer than rows of ours.
        """
        begins, ends = self._begins[first + 1 : last + 1], self._ends[first + 1 : last + 1]
        base = int(begins[0])
        if int(ends[-1]) - base > 64 * LINE_BYTES_MAX:
            raise InputError(f"{self.path}: rows {first + 1} to {last} are too long; no rows of ours")
        return self.read(base, int(ends[-1])), begins - base, ends - base

    def whole(self, place: int, name: str) -> int | None:
        """A cell as a whole number; None when it is empty or there is no such column. InputError for other
        text.
        """
        column = self.places.get(name)
        cells = self.cells(place)
        if column is None or column >= len(cells) or not cells[column]:
            return None
        try:
            return int(cells[column])
        except ValueError:
            raise InputError(
                f"{self.path}: row {place + 1}, {name}: {cells[column][:48]!r} is no whole number"
            ) from None

    def _cells(self, line: int) -> list[str]:
        begin, end = int(self._begins[line]), int(self._ends[line])
        if end - begin > LINE_BYTES_MAX:
            raise InputError(f"{self.path}: row {line} has {end - begin:,} bytes; no row of ours")
        try:
            return cells_of(self.read(begin, end))
        except InputError as error:
            raise InputError(f"{self.path}: row {line}: {error}") from None


def cells_of(line: bytes) -> list[str]:
    """The cells of a line. InputError where it cannot be cut into any."""
    try:
        return next(csv.reader([line.decode(errors="replace")]), [])
    except csv.Error as error:
        raise InputError(str(error)) from None


def _other_than_empty(data: NDArray[np.uint8], feeds: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Which of the lines that end there do not end in an empty cell of events; any that began before."""
    other = feeds < len(_EMPTY)
    for back, character in enumerate(reversed(_EMPTY), start=1):
        other |= data[np.maximum(feeds - back, 0)] != character
    return other


def _places(text: bytes) -> NDArray[np.int64]:
    """Where cells with events begin."""
    found, place = [], text.find(_EVENTS)
    while place >= 0:
        found.append(place)
        place = text.find(_EVENTS, place + 1)
    return np.array(found, np.int64)
