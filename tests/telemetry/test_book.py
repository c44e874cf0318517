"""Levels and prices of the order book."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from velox_tui.telemetry import book
from velox_tui.telemetry.book import BestPair, Quote
from velox_tui.telemetry.sample import Depth
from velox_tui.telemetry.topology import Window

WINDOW = Window(1024, 16, 1_000_000, 0)
LEVEL = st.none() | st.integers(0, 4095)


@given(st.integers(0, 2**32 - 1), LEVEL, LEVEL)
def test_the_best_pair_reads_back(version: int, bid: int | None, ask: int | None) -> None:
    pair = BestPair(version, bid, ask)
    assert book.best_pair(book.pack_best_pair(pair)) == pair


def test_a_bid_is_its_levels_lower_bound_and_an_ask_the_upper() -> None:
    assert book.bid_price(WINDOW, 0) == 1_000_000
    assert book.ask_price(WINDOW, 0) == 1_000_015
    assert book.spread(WINDOW, BestPair(1, 10, 11)) == 31


def test_an_empty_side_has_no_spread() -> None:
    assert book.spread(WINDOW, BestPair(0, None, 3)) is None
    assert book.best_bid(WINDOW, BestPair(0, None, 3)) is None
    assert not BestPair(0, 5, None).crossed


def test_a_bid_at_the_asks_level_is_crossed() -> None:
    assert BestPair(0, 5, 5).crossed
    assert not BestPair(0, 5, 6).crossed


def test_the_ladder_goes_away_from_the_best() -> None:
    bids, asks = np.zeros(8, np.uint64), np.zeros(8, np.uint64)
    bids[[1, 3]], asks[[4, 6]] = (7, 9), (5, 2)
    depth = Depth(bids, asks)
    assert book.best_bids(WINDOW, depth, 5) == (Quote(3, 1_000_048, 9), Quote(1, 1_000_016, 7))
    assert book.best_asks(WINDOW, depth, 1) == (Quote(4, 1_000_079, 5),)
