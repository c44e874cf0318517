"""The frames of a recording: records are found by their heads, and decoded only when asked for.

The index is made at first use: 86,400 records are a walk over their heads alone.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from velox_tui.errors import InputError
from velox_tui.recording.frame_codec import (
    BODY_BYTES_MAX,
    HEAD,
    MARK,
    FrameDamagedError,
    FrameKind,
    Head,
    decode,
    intact,
    parse_head,
)
from velox_tui.recording.reader.files import Readable

_HEAD = np.dtype(
    {
        "names": ["mark", "length", "crc", "kind", "seq", "mono_ns"],
        "formats": ["S4", "<u4", "<u4", "u1", "<u8", "<i8"],
        "offsets": [0, 4, 8, 12, 16, 24],
        "itemsize": HEAD.size,
    }
)
"""HEAD, as numpy writes it."""
_CHUNK_BYTES = 1 << 18
_MARK_AND_LENGTH = struct.Struct("<4sI")


class Heads(Sequence[Head]):
    """The heads of all records found, in order; kept as they are in the file."""

    def __init__(self) -> None:
        """None yet."""
        self._raw: list[bytes] = []
        self._offsets: list[int] = []
        self._table = np.zeros(0, _HEAD)

    @property
    def table(self) -> NDArray[Any]:
        """All of them as a structured array: mark, length, crc, kind, seq, mono_ns."""
        if self._raw:
            self._table = np.concatenate((self._table, np.frombuffer(b"".join(self._raw), _HEAD)))
            self._raw = []
        return self._table

    def __len__(self) -> int:
        """How many."""
        return len(self._offsets)

    @overload
    def __getitem__(self, place: int) -> Head: ...
    @overload
    def __getitem__(self, place: slice) -> list[Head]: ...
    def __getitem__(self, place: int | slice) -> Head | list[Head]:
        """One head, or several."""
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(len(self)))]
        one = self.table[place]
        length, crc, kind = int(one["length"]), int(one["crc"]), int(one["kind"])
        return Head(self._offsets[place], length, crc, kind, int(one["seq"]), int(one["mono_ns"]))

    def adder(self) -> Callable[[int, bytes], None]:
        """What adds one more: its offset and its bytes."""
        offsets, raw = self._offsets.append, self._raw.append

        def add(offset: int, head: bytes) -> None:
            offsets(offset)
            raw(head)

        return add

    def drop_last(self) -> Head:
        """Takes the newest away."""
        last = self[-1]
        self._table = self._table[:-1]
        self._offsets.pop()
        return last


class FramesReader(Readable):
    """The frames of a recording; `heads` are those of all records that could be found, in order."""

    def __init__(self, path: Path) -> None:
        """InputMissingError where there is no such file."""
        super().__init__(path)
        self._heads = Heads()
        self._end = 0
        self._indexed = False

    @property
    def heads(self) -> Heads:
        """Of all records; indexed at first use, then as of the last `refresh`."""
        if not self._indexed:
            self.refresh()
        return self._heads

    def refresh(self) -> int:
        """Takes in what has been written since; how many records that is."""
        self._indexed = True
        before = len(self._heads)
        size = self.size_bytes
        while self._walk(size):
            head = self._resynchronised(self._end)
            if head is None:
                break
            self._heads.adder()(head.offset, self.read(head.offset, head.offset + HEAD.size))
            self._end = head.end
        return len(self._heads) - before

    def _walk(self, size: int) -> bool:
        """From head to head until the end; whether something lies there that is no whole record."""
        offset, add, unpack = self._end, self._heads.adder(), _MARK_AND_LENGTH.unpack_from
        chunk, begin, known = b"", 0, 0
        while (body := offset + HEAD.size) <= size:
            if body > known:
                begin, chunk = offset, self.read(offset, offset + _CHUNK_BYTES)
                known = begin + len(chunk)
                if body > known:
                    break
            mark, length = unpack(chunk, offset - begin)
            if mark != MARK or length > BODY_BYTES_MAX or body + length > size:
                self._end = offset
                return True
            add(offset, chunk[offset - begin : body - begin])
            offset = body + length
        self._end = offset
        return False

    def _resynchronised(self, offset: int) -> Head | None:
        """The next whole record after something that is none; drops the last one found if that was torn."""
        if len(self._heads) and not intact(self._record(self._heads[-1])):
            offset = self._heads.drop_last().offset + len(MARK)
        while (offset := self._find_mark(offset)) >= 0:
            head = parse_head(self.read(offset, offset + HEAD.size), offset)
            if head is not None and intact(self._record(head)):
                return head
            offset += len(MARK)
        return None

    def _find_mark(self, offset: int) -> int:
        """Where the next mark lies, from `offset` on; -1 for none."""
        while chunk := self.read(offset, offset + _CHUNK_BYTES + len(MARK)):
            found = chunk.find(MARK)
            if found >= 0:
                return offset + found
            offset += _CHUNK_BYTES
        return -1

    def _record(self, head: Head) -> bytes:
        return self.read(head.offset, head.end)

    def first(self) -> Head | None:
        """The first record, without an index."""
        head = parse_head(self.read(0, HEAD.size), 0)
        return head if head is not None and head.end <= self.size_bytes else None

    def decode(self, head: Head) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Fields and arrays of a record. InputError when it is damaged."""
        try:
            return decode(self._record(head))
        except FrameDamagedError as error:
            raise InputError(f"{self.path}: byte {head.offset}: {error}") from None

    def of_kind(self, kind: FrameKind) -> Iterator[Head]:
        """The heads of one kind."""
        places = np.flatnonzero(self.heads.table["kind"] == kind)
        return (self.heads[int(place)] for place in places)
