"""Reading recordings, also one that is still being written.

Rows are found by an index of line feeds and parsed only when asked for; columns go by name, so that a
recording of another schema version reads as well. A row without its line feed (a power cut, a write in
progress) does not count. Files are read, never mapped: one that is cut while it is read cannot raise a
signal.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from velox_tui.errors import InputError, InputMissingError
from velox_tui.recording.frame_codec import (
    HEAD,
    MARK,
    FrameDamagedError,
    FrameKind,
    Head,
    decode,
    intact,
    parse_head,
)

_CHUNK_BYTES = 1 << 22
_LINE_FEED = 10


class _Readable:
    """A file open for reading by position; a context manager."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise InputMissingError(f"{path}: cannot be read: {error.strerror}") from None

    def close(self) -> None:
        """Closes the file."""
        os.close(self._descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _read(self, begin: int, end: int) -> bytes:
        return os.pread(self._descriptor, end - begin, begin)

    def _chunks(self, begin: int) -> Iterator[tuple[int, bytes]]:
        """The file from `begin` on, with the place of every chunk."""
        while chunk := self._read(begin, begin + _CHUNK_BYTES):
            yield begin, chunk
            begin += len(chunk)


class RowsReader(_Readable):
    """The CSV of a recording."""

    def __init__(self, path: Path) -> None:
        """InputMissingError where there is no such file, InputError for one without a header row."""
        super().__init__(path)
        self._ends: NDArray[np.int64] = np.zeros(0, np.int64)
        """Where every complete line ends, its line feed included."""
        self.refresh()
        if not len(self._ends):
            self.close()
            raise InputError(f"{path}: no header row; this is no recording")
        self.names: tuple[str, ...] = tuple(self._cells(0))
        self._places = {name: place for place, name in enumerate(self.names)}

    def __len__(self) -> int:
        """Complete rows."""
        return len(self._ends) - 1

    def refresh(self) -> int:
        """Takes in what has been written since; how many rows that is."""
        before = len(self._ends)
        found = [self._ends]
        for place, chunk in self._chunks(int(self._ends[-1]) if before else 0):
            feeds = np.flatnonzero(np.frombuffer(chunk, np.uint8) == _LINE_FEED)
            found.append(feeds + (place + 1))
        self._ends = np.concatenate(found)
        return len(self._ends) - before

    def row(self, place: int) -> dict[str, str]:
        """A row by name, as text; cells that are missing at its end are empty."""
        cells = self._cells(place + 1)
        return dict.fromkeys(self.names, "") | dict(zip(self.names, cells, strict=False))

    def rows(self) -> Iterator[dict[str, str]]:
        """Every complete row."""
        return map(self.row, range(len(self)))

    def whole(self, place: int, name: str) -> int | None:
        """A cell as a whole number; None when it is empty or there is no such column. InputError for other
        text.
        """
        column = self._places.get(name)
        cells = self._cells(place + 1)
        if column is None or column >= len(cells) or not cells[column]:
            return None
        try:
            return int(cells[column])
        except ValueError:
            raise InputError(
                f"{self.path}: row {place + 1}, {name}: {cells[column]!r} is no whole number"
            ) from None

    def _cells(self, line: int) -> list[str]:
        begin = int(self._ends[line - 1]) if line else 0
        text = self._read(begin, int(self._ends[line])).decode(errors="replace")
        return next(csv.reader([text]), [])


class FramesReader(_Readable):
    """The frames of a recording; `heads` are those of all records that could be found, in order."""

    def __init__(self, path: Path) -> None:
        """InputMissingError where there is no such file."""
        super().__init__(path)
        self.heads: list[Head] = []
        self.refresh()

    def refresh(self) -> int:
        """Takes in what has been written since; how many records that is."""
        before = len(self.heads)
        offset = self.heads[-1].end if self.heads else 0
        size = os.fstat(self._descriptor).st_size
        while offset + HEAD.size <= size:
            head = parse_head(self._read(offset, offset + HEAD.size), offset)
            if head is None or head.end > size:
                head = self._resynchronised(offset)
                if head is None:
                    break
            self.heads.append(head)
            offset = head.end
        return len(self.heads) - before

    def _resynchronised(self, offset: int) -> Head | None:
        """The next whole record after something that is none; drops the last one found if that was torn."""
        if self.heads and not intact(self._record(self.heads[-1])):
            offset = self.heads.pop().offset + len(MARK)
        while (offset := self._find_mark(offset)) >= 0:
            head = parse_head(self._read(offset, offset + HEAD.size), offset)
            if head is not None and intact(self._record(head)):
                return head
            offset += len(MARK)
        return None

    def _find_mark(self, offset: int) -> int:
        """Where the next mark lies, from `offset` on; -1 for none."""
        while chunk := self._read(offset, offset + _CHUNK_BYTES + len(MARK)):
            found = chunk.find(MARK)
            if found >= 0:
                return offset + found
            offset += _CHUNK_BYTES
        return -1

    def _record(self, head: Head) -> bytes:
        return self._read(head.offset, head.end)

    def decode(self, head: Head) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Fields and arrays of a record. InputError when it is damaged."""
        try:
            return decode(self._record(head))
        except FrameDamagedError as error:
            raise InputError(f"{self.path}: byte {head.offset}: {error}") from None

    def of_kind(self, kind: FrameKind) -> Iterator[Head]:
        """The heads of one kind."""
        return (head for head in self.heads if head.kind == kind)
