"""One interval's histograms and depth in few bytes: a Sample's are kept for minutes.

A histogram's indices (as differences) and counts are split into planes of bytes, lowest first, and deflated:
about one byte a bucket instead of ten, and some microseconds to have it back. All of an interval's lie in one
piece of memory: many small ones of all sizes, that come and go for hours, would leave holes between them.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from velox_tui.telemetry.sample import Buckets, Depth

_LEVEL, _WINDOW_BITS, _MEMORY_LEVEL = 1, -10, 2
"""Bare deflate with a window and tables of a few KiB: what is packed is small. The usual quarter of a MiB,
taken and given back for every histogram, would leave holes in the memory.
"""
_HEAD = 2
"""Bytes before the planes: how many of each kind."""
_WIDTH = 8
_TOTAL_BYTES = 16
_ENTRY = struct.Struct(f"<{_TOTAL_BYTES}sI")
"""A histogram's total, which may exceed 64 bits, and where its data end."""

UInts = NDArray[np.uint64]
_NONE = np.empty(0, np.uint64)


def _joined(planes: NDArray[np.uint8]) -> UInts:
    """Values again, from their planes of bytes."""
    whole = np.zeros((planes.shape[1], _WIDTH), np.uint8)
    whole[:, : len(planes)] = planes.T
    return whole.view("<u8").ravel().astype(np.uint64)


def _inflate(data: bytes) -> tuple[UInts, UInts]:
    """Places and values again."""
    raw = np.frombuffer(zlib.decompress(data, _WINDOW_BITS), np.uint8)
    ones, others = int(raw[0]), int(raw[1])
    planes = raw[_HEAD:].reshape(ones + others, -1)
    return np.cumsum(_joined(planes[:ones])), _joined(planes[ones:])


def _deflate(places: Sequence[NDArray[Any]], values: Sequence[UInts]) -> list[bytes]:
    """Each part's places, ascending, and values, deflated: the steps from place to place and the values in as
    many planes of bytes as their largest needs. All parts are split at once; they are many and small.
    """
    ends = np.cumsum([0, *(len(one) for one in places)])
    starts = ends[:-1][np.diff(ends) > 0]
    joined = np.concatenate([*places, _NONE]).astype(np.uint64)
    steps = np.diff(joined, prepend=np.uint64(0))
    steps[starts] = joined[starts]
    planes = [_planes(steps, starts, ends), _planes(np.concatenate([*values, _NONE]), starts, ends)]
    return [
        _compressed(bytes((one[0], other[0])) + one[1] + other[1]) for one, other in zip(*planes, strict=True)
    ]


def _compressed(data: bytes) -> bytes:
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW_BITS, _MEMORY_LEVEL)
    return packer.compress(data) + packer.flush()


def _planes(values: UInts, starts: NDArray[np.intp], ends: NDArray[np.intp]) -> Iterator[tuple[int, bytes]]:
    """How many planes each part between two ends needs, and their bytes, lowest first; `starts` of those that
    are not empty.
    """
    largest = iter(np.maximum.reduceat(values, starts).tolist() if len(starts) else ())
    split = values.astype("<u8").view(np.uint8).reshape(-1, _WIDTH)
    for first, end in pairwise(ends.tolist()):
        needed = max(1, (next(largest).bit_length() + 7) // 8) if end > first else 1
        yield needed, split[first:end, :needed].T.tobytes()


@dataclass(frozen=True, slots=True, eq=False)
class Histograms:
    """All histograms of one interval; make them with `pack`."""

    count: int
    data: bytes
    """Of each histogram its total and where it ends; then they all. An unknown one is empty."""

    def of(self, histogram: int) -> Buckets | None:
        """One histogram; None where it was unknown."""
        total, end = _ENTRY.unpack_from(self.data, histogram * _ENTRY.size)
        begin = self.count * _ENTRY.size
        if histogram:
            _, begin = _ENTRY.unpack_from(self.data, (histogram - 1) * _ENTRY.size)
        if begin == end:
            return None
        indices, counts = _inflate(self.data[begin:end])
        return Buckets(indices.astype(np.uint16), counts, int.from_bytes(total, "little"))

    def all(self) -> tuple[Buckets | None, ...]:
        """Every histogram."""
        return tuple(self.of(index) for index in range(self.count))


def pack(parts: tuple[Buckets | None, ...]) -> Histograms:
    """An interval's histograms, deflated."""
    known = [one for one in parts if one is not None]
    deflated = iter(_deflate([one.indices for one in known], [one.counts for one in known]))
    data = [b"" if one is None else next(deflated) for one in parts]
    ends = np.cumsum([len(parts) * _ENTRY.size, *map(len, data)])[1:].tolist()
    totals = (b"" if one is None else one.total.to_bytes(_TOTAL_BYTES, "little") for one in parts)
    head = (_ENTRY.pack(total, end) for total, end in zip(totals, ends, strict=True))
    return Histograms(len(parts), b"".join([*head, *data]))


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """An order book's occupied levels; make them with `pack_depth`."""

    count: int
    """Levels a side, occupied or not."""
    bids: bytes
    asks: bytes

    def depth(self) -> Depth:
        """The book again."""
        return Depth(_side(self.bids, self.count), _side(self.asks, self.count))


def _side(data: bytes, count: int) -> UInts:
    levels, quantities = _inflate(data)
    side = np.zeros(count, np.uint64)
    side[levels.astype(np.intp)] = quantities
    return side


def pack_depth(depth: Depth) -> Levels:
    """Keeps the occupied levels, deflated."""
    sides = (depth.bids, depth.asks)
    levels = [np.flatnonzero(side) for side in sides]
    bids, asks = _deflate(levels, [side[at] for side, at in zip(sides, levels, strict=True)])
    return Levels(len(depth.bids), bids, asks)
