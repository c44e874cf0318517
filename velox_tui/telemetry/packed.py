"""One interval's histograms and depth in few bytes: a Sample's are kept for minutes.

A histogram's indices (as differences) and counts are split into planes of bytes, lowest first, and deflated:
about one byte a bucket instead of ten, and some microseconds to have it back.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from velox_tui.telemetry.sample import Buckets, Depth

_LEVEL = 1
_HEAD = 2
"""Bytes before the planes: how many of each kind."""
_WIDTH = 8

UInts = NDArray[np.uint64]


def _planes(values: UInts) -> NDArray[np.uint8]:
    """Shape (planes, values): as many byte planes as the largest value needs, lowest first; at least one."""
    needed = max(1, (int(values.max(initial=0)).bit_length() + 7) // 8)
    return values.astype("<u8").view(np.uint8).reshape(-1, _WIDTH).T[:needed]


def _joined(planes: NDArray[np.uint8]) -> UInts:
    """The inverse of `_planes`."""
    whole = np.zeros((planes.shape[1], _WIDTH), np.uint8)
    whole[:, : len(planes)] = planes.T
    return whole.view("<u8").ravel().astype(np.uint64)


def _deflate(first: UInts, second: UInts) -> bytes:
    one, other = _planes(first), _planes(second)
    return zlib.compress(bytes((len(one), len(other))) + one.tobytes() + other.tobytes(), _LEVEL)


def _inflate(data: bytes) -> tuple[UInts, UInts]:
    raw = np.frombuffer(zlib.decompress(data), np.uint8)
    ones, others = int(raw[0]), int(raw[1])
    planes = raw[_HEAD:].reshape(ones + others, -1)
    return _joined(planes[:ones]), _joined(planes[ones:])


def _pack(one: Buckets) -> bytes:
    steps = np.diff(one.indices.astype(np.int64), prepend=0).astype(np.uint64)
    return _deflate(steps, one.counts)


@dataclass(frozen=True, slots=True, eq=False)
class Histograms:
    """All histograms of one interval; make them with `pack`."""

    totals: tuple[int, ...]
    data: tuple[bytes | None, ...]
    """None: unknown."""

    def of(self, histogram: int) -> Buckets | None:
        """One histogram; None where it was unknown."""
        data = self.data[histogram]
        if data is None:
            return None
        steps, counts = _inflate(data)
        return Buckets(np.cumsum(steps).astype(np.uint16), counts, self.totals[histogram])

    def all(self) -> tuple[Buckets | None, ...]:
        """Every histogram."""
        return tuple(self.of(index) for index in range(len(self.totals)))


def pack(parts: tuple[Buckets | None, ...]) -> Histograms:
    """An interval's histograms, deflated."""
    return Histograms(
        tuple(0 if one is None else one.total for one in parts),
        tuple(None if one is None else _pack(one) for one in parts),
    )


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


def _occupied(side: UInts) -> bytes:
    levels = np.flatnonzero(side)
    return _deflate(levels.astype(np.uint64), side[levels])


def pack_depth(depth: Depth) -> Levels:
    """Keeps the occupied levels, deflated."""
    return Levels(len(depth.bids), _occupied(depth.bids), _occupied(depth.asks))
