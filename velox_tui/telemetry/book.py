"""Order book values: the best-pair word, levels and their prices, the best levels of a depth reading.

A level's reported price is its lower bound for bids and its upper bound for asks. Prices are fixed point with
4 decimals.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from velox_tui.telemetry.sample import Depth
from velox_tui.telemetry.topology import Window


@dataclass(frozen=True, slots=True)
class BestPair:
    """Best levels of both sides as one atomic word gave them; None: that side is empty."""

    version: int
    bid_level: int | None
    ask_level: int | None

    @property
    def crossed(self) -> bool:
        """True when the best bid lies at or above the best ask's level."""
        return self.bid_level is not None and self.ask_level is not None and self.bid_level >= self.ask_level


@dataclass(frozen=True, slots=True)
class Quote:
    """One level of the ladder."""

    level: int
    price: int
    quantity: int


def best_pair(word: int) -> BestPair:
    """Unpacks version << 32 | (bid level + 1) << 16 | (ask level + 1), 0 for an empty side."""
    bid, ask = word >> 16 & 0xFFFF, word & 0xFFFF
    return BestPair(word >> 32, bid - 1 if bid else None, ask - 1 if ask else None)


def pack_best_pair(pair: BestPair) -> int:
    """The inverse of `best_pair`."""
    bid = 0 if pair.bid_level is None else pair.bid_level + 1
    ask = 0 if pair.ask_level is None else pair.ask_level + 1
    return pair.version << 32 | bid << 16 | ask


def bid_price(window: Window, level: int) -> int:
    """Lower bound of the level."""
    return window.base_price + level * window.ticks_per_level


def ask_price(window: Window, level: int) -> int:
    """Upper bound of the level."""
    return window.base_price + (level + 1) * window.ticks_per_level - 1


def best_bid(window: Window, pair: BestPair) -> int | None:
    """Price of the best bid level."""
    return None if pair.bid_level is None else bid_price(window, pair.bid_level)


def best_ask(window: Window, pair: BestPair) -> int | None:
    """Price of the best ask level."""
    return None if pair.ask_level is None else ask_price(window, pair.ask_level)


def spread(window: Window, pair: BestPair) -> int | None:
    """Best ask minus best bid; None unless both sides have orders, negative when crossed by a level."""
    bid, ask = best_bid(window, pair), best_ask(window, pair)
    return None if bid is None or ask is None else ask - bid


def _occupied(side: NDArray[np.uint64]) -> list[int]:
    return [int(level) for level in np.flatnonzero(side)]


def best_bids(window: Window, depth: Depth, count: int) -> tuple[Quote, ...]:
    """Up to `count` occupied bid levels, best (highest) first."""
    levels = _occupied(depth.bids)[::-1][:count]
    return tuple(Quote(level, bid_price(window, level), int(depth.bids[level])) for level in levels)


def best_asks(window: Window, depth: Depth, count: int) -> tuple[Quote, ...]:
    """Up to `count` occupied ask levels, best (lowest) first."""
    levels = _occupied(depth.asks)[:count]
    return tuple(Quote(level, ask_price(window, level), int(depth.asks[level])) for level in levels)
