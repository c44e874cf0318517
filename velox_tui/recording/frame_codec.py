"""Binary layout of `<base>.frames`: once an interval, what a row cannot hold. All numbers are little-endian.

A file is a sequence of records; each is a head of 32 bytes and a body:

    offset  bytes  what
         0      4  mark: F5 56 58 46 (0xF5 "VXF")
         4      4  length of the body
         8      4  CRC-32 (zlib) of the head from offset 12 on and of the body
        12      1  kind: 1 run, 2 interval, 3 minute
        13      3  zero
        16      8  seq of the sample (the last one, for a minute; 0 for a run), unsigned
        24      8  mono_ns of that sample, signed

The body is compressed by zlib. Inside: a 4-byte length, that many bytes of UTF-8 JSON (an object), then the
bytes of the arrays that its list `arrays` names: `[name, dtype, count]`, in order and without gaps; dtype as
numpy writes it. Readers ignore keys, arrays and kinds they do not know.

A torn record (a kill, a full disk) is followed by the next one, or by nothing: a reader that finds no mark or
a wrong CRC goes on at the next mark whose CRC is right. So appending needs no repair.
"""

from __future__ import annotations

import json
import re
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

MARK = b"\xf5VXF"
HEAD = struct.Struct("<4sIIB3xQq")
BODY_BYTES_MAX = 1 << 26
"""No reader takes a longer body, compressed or not."""
_CHECKED_FROM = 12
_LENGTH = struct.Struct("<I")
_NUMBERS = re.compile(r"[<|][uif][1248]")
"""What numpy calls them; of other text it would make structures, or raise what it likes."""


class FrameKind(IntEnum):
    """What a record holds."""

    RUN = 1
    INTERVAL = 2
    MINUTE = 3


class FrameDamagedError(ValueError):
    """A record that is torn, or not one of ours."""


@dataclass(frozen=True, slots=True)
class Head:
    """A record's head, as the index of a file holds it. `offset` is where the record starts."""

    offset: int
    length: int
    crc: int
    kind: int
    seq: int
    mono_ns: int

    @property
    def end(self) -> int:
        """Where the next record starts."""
        return self.offset + HEAD.size + self.length


def smallest(values: NDArray[Any]) -> NDArray[Any]:
    """The same whole numbers in the narrowest unsigned type that holds them, little-endian."""
    highest = int(values.max()) if len(values) else 0
    return values.astype(np.min_scalar_type(highest).newbyteorder("<"))


def encode(
    kind: FrameKind, seq: int, mono_ns: int, fields: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]
) -> bytes:
    """One record. Whole-number arrays are best given through `smallest`."""
    described = [[name, array.dtype.str, len(array)] for name, array in arrays.items()]
    text = json.dumps({**fields, "arrays": described}, separators=(",", ":")).encode()
    parts = (_LENGTH.pack(len(text)), text, *(array.tobytes() for array in arrays.values()))
    body = zlib.compress(b"".join(parts), level=1)
    checked = HEAD.pack(MARK, 0, 0, kind, seq, mono_ns)[_CHECKED_FROM:] + body
    return HEAD.pack(MARK, len(body), zlib.crc32(checked), kind, seq, mono_ns) + body


def parse_head(raw: bytes, offset: int) -> Head | None:
    """The head in the first 32 bytes of `raw`, which lie at `offset` in their file; None for none."""
    if len(raw) < HEAD.size:
        return None
    mark, length, crc, kind, seq, mono_ns = HEAD.unpack_from(raw)
    if mark != MARK or length > BODY_BYTES_MAX:
        return None
    return Head(offset, length, crc, kind, seq, mono_ns)


def intact(record: bytes) -> bool:
    """Whether these bytes are one whole record with the right CRC."""
    head = parse_head(record, 0)
    return head is not None and head.end == len(record) and zlib.crc32(record[_CHECKED_FROM:]) == head.crc


def decode(record: bytes) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Fields and arrays of a record. FrameDamagedError when it is torn or none of ours."""
    if not intact(record):
        raise FrameDamagedError("the record is damaged")
    try:
        return _decode_body(_inflated(record[HEAD.size :]))
    except (ValueError, KeyError, TypeError, RecursionError, zlib.error, struct.error) as error:
        raise FrameDamagedError(f"the record is none of ours: {error}") from None


def _inflated(body: bytes) -> bytes:
    """The body, no longer than BODY_BYTES_MAX: a small record may not claim all memory."""
    inflater = zlib.decompressobj()
    content = inflater.decompress(body, BODY_BYTES_MAX)
    if inflater.unconsumed_tail:
        raise ValueError("it is too long")
    return content


def _decode_body(content: bytes) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    (length,) = _LENGTH.unpack_from(content)
    fields = json.loads(content[_LENGTH.size : _LENGTH.size + length])
    if not isinstance(fields, dict):
        raise ValueError("its fields are no object")
    arrays = {}
    place = _LENGTH.size + length
    for name, kind, count in fields.pop("arrays"):
        if not _NUMBERS.fullmatch(str(kind)):
            raise ValueError(f"array {name} is not of numbers")
        dtype = np.dtype(str(kind))
        arrays[str(name)] = np.frombuffer(content, dtype, int(count), place)
        place += dtype.itemsize * int(count)
    return fields, arrays
