"""The order book against the plainest model: a million transactions in one deterministic run, and any few."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from velox_tui.engine.order_book import REJECTIONS, TRANSACTION, OrderBook

CHUNK = 1000
INT64_MAX = 2**63 - 1
PRICE_MAX = 2**53


@dataclass(slots=True)
class PlainBook:
    """Quantities in two lists, the best found by looking from the top."""

    levels: int
    ticks: int
    base: int
    quantities: list[list[int]] = field(init=False)
    told: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.quantities = [[0] * self.levels, [0] * self.levels]

    def apply(self, price: int, size: int, side: int, kind: int, reserved: int) -> str:
        """What becomes of one transaction."""
        told = self._change(price, size, side, kind, reserved)
        self.told[told] += 1
        return told

    def _change(self, price: int, size: int, side: int, kind: int, reserved: int) -> str:
        if side > 1 or kind > 1 or reserved or not size or not 1 <= price <= PRICE_MAX:
            return "invalid"
        level = (price - self.base) // self.ticks
        if not 0 <= level < self.levels:
            return "window"
        held = self.quantities[side][level]
        if kind == 1 and size > held:
            return "underflow"
        if kind == 0 and held + size > INT64_MAX:
            return "overflow"
        self.quantities[side][level] = held - size if kind else held + size
        return "accepted"

    def best(self) -> tuple[int | None, int | None]:
        """Highest bid level, lowest ask level."""
        bids, asks = ([n for n, held in enumerate(side) if held] for side in self.quantities)
        return max(bids, default=None), min(asks, default=None)


def flow(count: int, plain: PlainBook, seed: int) -> np.ndarray:
    """Adds and reduces of few sizes on few levels, so that levels fill and empty; some beyond the window and
    some not valid at all.
    """
    chance = np.random.default_rng(seed)
    made = np.zeros(count, TRANSACTION)
    width = plain.levels * plain.ticks
    # A centre that wanders takes the best pair up and down through the whole window.
    centre = plain.base + width * (0.5 + 0.45 * np.sin(np.arange(count) / 40_000))
    made["id"] = np.arange(1, count + 1)
    made["price"] = centre + chance.normal(0, 3 * plain.ticks, count)
    made["size"] = chance.integers(1, 4, count)
    made["side"] = chance.integers(0, 2, count)
    made["kind"] = chance.random(count) < 0.55
    odd = chance.random(count) < 0.01
    made["price"][odd] = plain.base + chance.integers(-width, 2 * width, np.count_nonzero(odd))
    for name, wrong in (("side", 2), ("kind", 9), ("size", 0), ("reserved", 1), ("price", -5)):
        made[name][chance.random(count) < 0.001] = wrong
    return made


def compare(book: OrderBook, plain: PlainBook, given: np.ndarray) -> None:
    """Applies to both; each result, every level and both best levels are the same."""
    results = [REJECTIONS[result] for result in book.apply(given)]
    fields = given[["price", "size", "side", "kind", "reserved"]].tolist()
    assert results == [plain.apply(*one) for one in fields]
    assert book.quantities().tolist() == plain.quantities
    assert book.best() == plain.best()


def test_a_million_transactions_leave_what_the_model_holds() -> None:
    plain = PlainBook(256, 16, 1_000_000)
    with OrderBook(256) as book:
        every = flow(1_000_000, plain, 1)
        for begin in range(0, len(every), CHUNK):
            compare(book, plain, every[begin : begin + CHUNK])
    assert sum(plain.told.values()) == 1_000_000
    for told in ("accepted", "window", "underflow", "invalid"):
        assert plain.told[told] > 1000, plain.told


SIDE, KIND = st.sampled_from((0, 0, 0, 1, 1, 1, 2)), st.sampled_from((0, 0, 0, 1, 1, 1, 255))
ANY = st.tuples(
    st.one_of(st.integers(90, 90 + 64 * 3 + 10), st.integers(-(2**63), 2**63 - 1)),
    st.sampled_from((0, 1, 2, 3, 2**32 - 1)),
    SIDE,
    KIND,
    st.sampled_from((0, 0, 0, 0, 7)),
)


@settings(max_examples=200)
@given(st.lists(ANY, max_size=60))
def test_any_sequence_leaves_what_the_model_holds(rows: list[tuple[int, int, int, int, int]]) -> None:
    given_rows = np.zeros(len(rows), TRANSACTION)
    for place, (price, size, side, kind, reserved) in enumerate(rows):
        given_rows[place] = (place, price, size, side, kind, reserved, 0)
    with OrderBook(64, ticks_per_level=3, base_price=100) as book:
        compare(book, PlainBook(64, 3, 100), given_rows)
