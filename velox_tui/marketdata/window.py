"""The book's window from the prices of the transactions: one price step a level, where the engine's 4,096
levels hold nearly all of them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from velox_tui.marketdata.vtx import BookWindow

LEVELS_MAX = 4096
LEVELS_STEP = 64
TICKS_MAX = 1_000_000
PRICE_MAX = 2**53
"""Limits as the engine has them (native/src/order_book.h)."""
COVERED = 0.99
"""Share of the transactions that must lie inside before wider levels are tried."""
_STEPS = tuple(step * 10**power for power in range(7) for step in (1, 2, 5))


class Prices:
    """How many transactions there are at each price."""

    def __init__(self) -> None:
        """None yet."""
        self.prices: NDArray[np.int64] = np.empty(0, np.int64)
        """Ascending, each once."""
        self.counts: NDArray[np.int64] = np.empty(0, np.int64)

    def add(self, prices: NDArray[np.int64]) -> None:
        """More of them."""
        ours, counts = np.unique(prices, return_counts=True)
        self.prices, where = np.unique(np.concatenate((self.prices, ours)), return_inverse=True)
        every = np.concatenate((self.counts, counts))
        self.counts = np.bincount(where, every, len(self.prices)).astype(np.int64)

    def outside(self, window: BookWindow) -> int:
        """Transactions that the window does not cover."""
        outside = (self.prices < window.base_price) | (self.prices >= window.end_price)
        return int(self.counts[outside].sum())


def derive(found: Prices) -> BookWindow:
    """The window for these prices, of which there is at least one.

    A level is as wide as the step of the prices (their greatest common divisor) if so many levels as there
    may be cover 99 % of the transactions; else 2, 5, 10, … steps. The window lies where it covers most.
    """
    step = int(np.gcd.reduce(np.diff(found.prices))) if len(found.prices) > 1 else 1
    enough = COVERED * int(found.counts.sum())
    window = _best(found, min(step, TICKS_MAX))
    for ticks in (step * one for one in _STEPS):
        if ticks > TICKS_MAX:
            break
        window = _best(found, ticks)
        if found.counts.sum() - found.outside(window) >= enough:
            break
    return window


def _best(found: Prices, ticks: int) -> BookWindow:
    """The window of such levels that covers most; with room on both sides where there is some left."""
    phase = _phase(found, ticks)
    levels = (found.prices - phase) // ticks
    before = np.concatenate(([0], np.cumsum(found.counts)))
    ends = np.searchsorted(levels, levels + LEVELS_MAX)
    first = int(np.argmax(before[ends] - before[: len(levels)]))
    lowest, highest = int(levels[first]), int(levels[ends[first] - 1])
    used = highest - lowest + 1
    count = min(LEVELS_MAX, -(-max(used + used // 4, LEVELS_STEP) // LEVELS_STEP) * LEVELS_STEP)
    base = (lowest - (count - used) // 2) * ticks + phase
    if base < 1:
        base = phase or ticks if lowest * ticks + phase >= (phase or ticks) else 1
    return BookWindow(min(base, PRICE_MAX - count * ticks), ticks, count)


def _phase(found: Prices, ticks: int) -> int:
    """Where levels begin, modulo their width: on the grid of most transactions."""
    phases, where = np.unique(found.prices % ticks, return_inverse=True)
    return int(phases[np.argmax(np.bincount(where, found.counts))])
