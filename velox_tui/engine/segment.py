"""Reading a mapped segment, of this process or another, while the engine runs, after it ended or after it was
killed.

Every reading is one call that fills fresh numpy memory; a view over live memory would show a mixture of
moments.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from velox_tui.engine._library import check, error_buffer, library
from velox_tui.errors import InputMissingError
from velox_tui.texts import replaced

HISTOGRAM_WORDS = 1 + 2048
LOG_FIELDS = 4
RUN_ID_BYTES = 32
ROW = np.dtype(
    [
        ("name", "S48"),
        ("label", "S32"),
        ("kind", "<u4"),
        ("unit", "<u4"),
        ("role", "<u4"),
        ("stage", "<i4"),
        ("ring", "<i4"),
        ("param", "<u4"),
        ("offset", "<u8"),
        ("bytes", "<u8"),
        ("source", "<u8"),
    ]
)
"""One row of the table, as vx_row in native/src/layout.h."""
CLOCKS = ("tsc", "cntvct", "clock_gettime", "virtual")
_WORD_KINDS = (3, 4, 5)
_HISTOGRAM, _BOOK, _LOG, _TEXT = 6, 8, 9, 10

Words = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Header:
    """What the header says of the run."""

    version: int
    pid: int
    start_mono_ns: int
    start_unix_ns: int
    clock: str
    clock_hz: int


def plain(text: bytes) -> str:
    """A text that somebody else wrote, for terminals and for files of one line a record: what is no UTF-8 and
    what could control them becomes U+FFFD.
    """
    return replaced(text.decode(errors="replace"))


class Segment:
    """One segment, mapped read-only. Any thread may take readings, but none during or after `close`."""

    def __init__(self, path: Path) -> None:
        """Opens and checks it. Raises InputMissingError or InputError, with the file and what is wrong."""
        self._ffi, self._lib = library()
        self.path = path
        made, error = self._ffi.new("velox_reader **"), error_buffer()
        opened = self._lib.velox_reader_open(os.fsencode(path), made, error)
        check(opened, str(path), error, refused=InputMissingError)
        self._reader: Any = made[0]
        self.header, self.rows = self._describe()
        text = self._ffi.new("char[]", RUN_ID_BYTES)
        self._lib.velox_reader_run_id(self._reader, text)
        self.run_id = plain(self._ffi.string(text, RUN_ID_BYTES))
        kinds = self.rows["kind"]
        self._word_count = int(np.isin(kinds, _WORD_KINDS).sum())
        self._histograms = [int(row) for row in np.flatnonzero(kinds == _HISTOGRAM)]
        self._sequence = self._ffi.new("uint64_t *")

    def close(self) -> None:
        """Unmaps it. Twice is once."""
        reader, self._reader = self._reader, self._ffi.NULL
        if reader != self._ffi.NULL:
            self._lib.velox_reader_close(reader)

    def words(self) -> Words:
        """Every COUNTER, GAUGE and CONFIG row in table order, such that in >= out."""
        words = np.empty(self._word_count, np.uint64)
        self._check(self._lib.velox_reader_words(self._open(), self._pointer(words), len(words)))
        return words

    def cut(self) -> tuple[int, Words] | None:
        """Number and words of the newest complete exact cut (0 for words that are in none); None before the
        first.
        """
        words = np.empty(self._word_count, np.uint64)
        status = self._lib.velox_reader_cut(self._open(), self._pointer(words), len(words), self._sequence)
        if status == self._lib.VELOX_NOT_READY:
            return None
        self._check(status)
        return int(self._sequence[0]), words

    def histograms(self) -> Words:
        """Every histogram in table order, cumulative: (histograms, HISTOGRAM_WORDS), sum then counts."""
        words = np.empty((len(self._histograms), HISTOGRAM_WORDS), np.uint64)
        for place, row in enumerate(self._histograms):
            into = self._pointer(words[place])
            self._check(self._lib.velox_reader_histogram(self._open(), row, into, HISTOGRAM_WORDS))
        return words

    def book(self) -> Words | None:
        """Quantities of every level, shape (2, levels): bids, then asks; None where there is no book."""
        row = self._first(_BOOK)
        if row is None:
            return None
        levels = int(self.rows["param"][row])
        words = np.empty((2, levels), np.uint64)
        self._check(self._lib.velox_reader_book(self._open(), row, self._pointer(words), 2 * levels))
        return words

    def log(self) -> Words:
        """Command log, shape (records, 4), oldest first: number from 1, ns, command | stage << 32, value."""
        row = self._first(_LOG)
        if row is None:
            return np.empty((0, LOG_FIELDS), np.uint64)
        records = int(self.rows["param"][row])
        words = np.empty((records, LOG_FIELDS), np.uint64)
        self._check(self._lib.velox_reader_log(self._open(), row, self._pointer(words), LOG_FIELDS * records))
        used = words[words[:, 0] > 0]
        return used[np.argsort(used[:, 0])]

    def texts(self) -> tuple[tuple[str, str], ...]:
        """Name and value of every TEXT row."""
        return tuple(
            (plain(self.rows["name"][row]), self._text(int(row)))
            for row in np.flatnonzero(self.rows["kind"] == _TEXT)
        )

    def _text(self, row: int) -> str:
        length = int(self.rows["param"][row]) + 1
        text = self._ffi.new("char[]", length)
        self._check(self._lib.velox_reader_text(self._open(), row, text, length))
        return plain(self._ffi.string(text, length))

    def _describe(self) -> tuple[Header, NDArray[Any]]:
        lib = self._lib
        words = np.zeros(lib.VELOX_HEADER_COUNT, np.uint64)
        lib.velox_reader_header(self._reader, self._pointer(words))
        rows = np.zeros(int(words[lib.VELOX_HEADER_ROWS]), ROW)
        self._check(lib.velox_reader_table(self._reader, self._ffi.from_buffer(rows), rows.nbytes))
        kind = int(words[lib.VELOX_HEADER_CLOCK_KIND])
        header = Header(
            int(words[lib.VELOX_HEADER_VERSION]),
            int(words[lib.VELOX_HEADER_PID]),
            int(words[lib.VELOX_HEADER_START_NS]),
            int(words[lib.VELOX_HEADER_START_UNIX_NS]),
            CLOCKS[kind] if kind < len(CLOCKS) else f"clock {kind}",
            int(words[lib.VELOX_HEADER_CLOCK_HZ]),
        )
        return header, rows

    def _first(self, kind: int) -> int | None:
        found = np.flatnonzero(self.rows["kind"] == kind)
        return int(found[0]) if len(found) else None

    def _pointer(self, words: Words) -> Any:
        return self._ffi.from_buffer("uint64_t[]", words)

    def _open(self) -> Any:
        if self._reader == self._ffi.NULL:
            raise RuntimeError(f"{self.path} has been closed")
        return self._reader

    def _check(self, status: int) -> None:
        check(status, str(self.path))


def clean(directory: Path | None = None) -> int:
    """Removes this user's segments of dead processes in the directory (None: /dev/shm); how many."""
    ffi, lib = library()
    return max(0, int(lib.velox_segment_clean(ffi.NULL if directory is None else os.fsencode(directory))))
