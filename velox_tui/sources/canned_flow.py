"""The numbers behind canned Samples: a flow as the engine's would be, drawn from a fixed seed, without engine
or clock.

All figures agree with each other: ids are 1, 2, 3 …, sums of ids follow from the counts, bundles' fills add
up to what was bundled, every histogram counts the transactions (or batches) of its stage. RandomState is
numpy's frozen generator, so every machine draws the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from velox_tui.telemetry import histogram
from velox_tui.telemetry.histogram import BUCKETS, HIGHEST, LOWEST

RATE_HZ = 100_000
CAPACITY = 16
_MIDDLE = (LOWEST + HIGHEST) // np.uint64(2)
_BATCHES = ((2, 0.05), (3, 0.012), (4, 0.004), (8, 0.0005))
"""Sizes of batches and how many of them an item brings; all others are alone."""

Counts = NDArray[np.uint64]


def lognormal(median: float, spread: float) -> NDArray[np.float64]:
    """Probability of each bucket for values of that median whose logarithm deviates by `spread`."""
    middle = np.maximum(_MIDDLE.astype(np.float64), 0.5)
    width = (HIGHEST - LOWEST + np.uint64(1)).astype(np.float64)
    density = np.exp(-0.5 * (np.log(middle / median) / spread) ** 2) / middle * width
    density[density < density.max() * 1e-9] = 0
    return np.asarray(density / density.sum())


def uniform(low: float, high: float) -> NDArray[np.float64]:
    """Probability of each bucket for values evenly between low and high."""
    ends, begins = HIGHEST.astype(np.float64) + 1, LOWEST.astype(np.float64)
    overlap = np.minimum(ends, high) - np.maximum(begins, low)
    share = np.maximum(overlap, 0)
    return np.asarray(share / share.sum())


def draw(n: int, shape: NDArray[np.float64]) -> Counts:
    """A histogram (sum, then counts) of n values spread as the shape says, each its bucket's middle."""
    words = np.zeros(1 + BUCKETS, np.uint64)
    if n > 0:
        reached = np.rint(np.minimum(np.cumsum(shape), 1.0) * n)
        reached[-1] = n
        words[1:] = np.diff(reached, prepend=0).astype(np.uint64)
        words[0] = (words[1:] * _MIDDLE).sum()
    return words


def batches(random: np.random.RandomState, items: int, full: int = 0) -> Counts:
    """A histogram of batch sizes that add up to `items`, `full` of them of 64."""
    words = np.zeros(1 + BUCKETS, np.uint64)
    words[1 + 64] = full
    left = items - 64 * full
    for size, share in _BATCHES:
        number = int(random.poisson(max(left, 0) * share))
        number = min(number, max(left, 0) // size)
        words[1 + size] = number
        left -= number * size
    words[1 + 1] = left
    words[0] = items
    return words


def at(value: int, times: int) -> Counts:
    """A histogram of one value, `times` times."""
    words = np.zeros(1 + BUCKETS, np.uint64)
    words[1 + int(histogram.index_of(value))] = times
    words[0] = value * times
    return words


@dataclass(slots=True)
class Ids:
    """Sums of ids by counts: ids are 1, 2, 3 …, and some were dropped before they were pushed."""

    drops: list[tuple[int, int]] = field(default_factory=list)
    """(pushed before, how many), in order."""

    @property
    def dropped(self) -> int:
        """How many were dropped in all."""
        return sum(number for _, number in self.drops)

    def generated_sum(self, generated: int) -> int:
        """Sum of the ids 1 .. generated, modulo 2**64."""
        return generated * (generated + 1) // 2 % 2**64

    def pushed_sum(self, pushed: int) -> int:
        """Sum of the ids of the first `pushed` transactions that were not dropped, modulo 2**64."""
        shifted = sum(number * max(0, pushed - before) for before, number in self.drops)
        return (pushed * (pushed + 1) // 2 + shifted) % 2**64

    def gaps(self, delivered: int) -> int:
        """How many ids are missing before the last of the first `delivered`."""
        return sum(number for before, number in self.drops if before < delivered)


@dataclass(slots=True)
class Bundles:
    """Bundles built so far."""

    fills: NDArray[np.int64] = field(default_factory=lambda: np.zeros(CAPACITY + 1, np.int64))
    """Number of bundles by fill, index 0 unused."""
    by_drain: int = 0
    last: int = 0
    """Fill of the newest bundle."""

    @property
    def number(self) -> int:
        """Bundles."""
        return int(self.fills.sum())

    @property
    def transactions(self) -> int:
        """Transactions in them."""
        return int((self.fills * np.arange(CAPACITY + 1)).sum())

    def build(self, random: np.random.RandomState, taken: int) -> int:
        """Fills bundles from what was taken in all; gives how many remain in the open one."""
        free = taken - self.transactions
        fills = np.minimum(CAPACITY, 1 + random.poisson(RATE_HZ * 1e-4, max(1, free // 6)))
        done = int(np.searchsorted(np.cumsum(fills), free, side="right"))
        np.add.at(self.fills, fills[:done], 1)
        if done:
            self.last = int(fills[done - 1])
        return taken - self.transactions

    def drain(self, taken: int) -> None:
        """Flushes the open bundle."""
        held = taken - self.transactions
        if held:
            self.fills[held] += 1
            self.by_drain += 1
            self.last = held
