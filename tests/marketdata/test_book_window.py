"""The book's window: one price step a level wherever nearly all fits, always one that the engine takes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from velox_tui.engine.order_book import OrderBook
from velox_tui.marketdata.window import Prices, derive


def prices(*parts: object) -> Prices:
    found = Prices()
    for part in parts:
        found.add(np.array(part, np.int64))
    return found


def test_counts_add_up_over_parts() -> None:
    found = prices([5, 3, 5], [3, 9], [])
    assert found.prices.tolist() == [3, 5, 9] and found.counts.tolist() == [2, 2, 1]


@pytest.mark.parametrize("tick", [1, 100, 2_500, 50_000])
def test_a_level_is_a_step_of_the_prices(tick: int) -> None:
    window = derive(prices(np.arange(1_000, 1_400) * tick))
    assert window.ticks_per_level == tick
    assert window.base_price % tick == 0, "levels begin where prices are"
    assert window.base_price < 1_000 * tick and window.end_price > 1_400 * tick, "room on both sides"
    assert window.levels == 512


def test_a_few_prices_far_away_do_not_make_levels_wider() -> None:
    found = prices(np.arange(5_000_000, 5_100_000, 100), [100] * 3, [1_999_990_000] * 2)
    window = derive(found)
    assert window.ticks_per_level == 100
    assert found.outside(window) == 5


def test_many_prices_far_away_do() -> None:
    found = prices(np.arange(100, 100_000_000, 1_000))
    window = derive(found)
    assert window.ticks_per_level > 100
    assert found.outside(window) <= 0.01 * found.counts.sum()


def test_one_stray_price_between_the_steps_does_not_shift_the_levels() -> None:
    found = prices([999_999], np.arange(1_000_000, 1_300_000, 100))
    window = derive(found)
    assert window.ticks_per_level == 100 and window.base_price % 100 == 0
    assert found.outside(window) == 0


def test_a_penny_has_a_level() -> None:
    for low in (1, 99, 100, 101):
        found = prices([low, 1_000, 2_000])
        window = derive(found)
        assert window.base_price >= 1 and found.outside(window) == 0


@given(some.lists(some.integers(1, 2**53), min_size=1, max_size=30), some.integers(1, 10**7))
def test_the_engine_takes_every_window(values: list[int], tick: int) -> None:
    found = prices([min(value * tick, 2**53) for value in values])
    window = derive(found)
    assert 0 <= found.outside(window) < found.counts.sum() or max(found.prices) == 2**53
    with OrderBook(
        window.levels, ticks_per_level=window.ticks_per_level, base_price=window.base_price
    ) as book:
        assert len(book.quantities()[0]) == window.levels
    assert window.base_price >= 1
