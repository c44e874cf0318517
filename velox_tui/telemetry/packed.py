"""One interval's histograms and depth in few bytes: a Sample's are kept for minutes, so arrays are joined and
narrow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from velox_tui.telemetry.sample import Buckets, Depth


def _narrow(values: NDArray[np.uint64]) -> NDArray[Any]:
    """The same values in the smallest unsigned type that holds them."""
    return values.astype(np.min_scalar_type(int(values.max()) if len(values) else 0))


@dataclass(frozen=True, slots=True, eq=False)
class Histograms:
    """All histograms of one interval, joined. `ends[i] : ends[i + 1]` is the part of histogram i."""

    ends: NDArray[np.uint32]
    indices: NDArray[np.uint16]
    counts: NDArray[np.uint16]
    """Modulo 2**16."""
    large: tuple[tuple[int, int], ...]
    """(place, what is missing there) of the few counts that do not fit."""
    totals: tuple[int, ...]
    """-1: unknown."""

    def of(self, histogram: int) -> Buckets | None:
        """One histogram; None where it was unknown."""
        if self.totals[histogram] < 0:
            return None
        begin, end = int(self.ends[histogram]), int(self.ends[histogram + 1])
        counts = self.counts[begin:end].astype(np.uint64)
        for place, missing in self.large:
            if begin <= place < end:
                counts[place - begin] += np.uint64(missing)
        return Buckets(self.indices[begin:end], counts, self.totals[histogram])

    def all(self) -> tuple[Buckets | None, ...]:
        """Every histogram."""
        return tuple(self.of(index) for index in range(len(self.totals)))


def pack(parts: tuple[Buckets | None, ...]) -> Histograms:
    """Joins an interval's histograms."""
    lengths = [0 if one is None else len(one.indices) for one in parts]
    known = [one for one in parts if one is not None]
    indices = np.concatenate([one.indices for one in known]) if known else np.empty(0, np.uint16)
    counts = np.concatenate([one.counts for one in known]) if known else np.empty(0, np.uint64)
    ends = np.concatenate(([0], np.cumsum(lengths))).astype(np.uint32)
    totals = tuple(-1 if one is None else one.total for one in parts)
    large = np.flatnonzero(counts >> np.uint64(16))
    missing = tuple((int(place), int(counts[place]) >> 16 << 16) for place in large)
    return Histograms(ends, indices, counts.astype(np.uint16), missing, totals)


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """An order book's occupied levels."""

    count: int
    """Levels a side, occupied or not."""
    bids: NDArray[np.uint16]
    asks: NDArray[np.uint16]
    quantities: NDArray[Any]
    """Of the bids, then of the asks."""

    def depth(self) -> Depth:
        """The book again."""
        bids, asks = np.zeros(self.count, np.uint64), np.zeros(self.count, np.uint64)
        bids[self.bids] = self.quantities[: len(self.bids)]
        asks[self.asks] = self.quantities[len(self.bids) :]
        return Depth(bids, asks)


def pack_depth(depth: Depth) -> Levels:
    """Keeps the occupied levels."""
    bids, asks = np.flatnonzero(depth.bids), np.flatnonzero(depth.asks)
    quantities = np.concatenate((depth.bids[bids], depth.asks[asks]))
    return Levels(len(depth.bids), bids.astype(np.uint16), asks.astype(np.uint16), _narrow(quantities))
