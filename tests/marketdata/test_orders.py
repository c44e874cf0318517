"""Order state: for any sequence of events, the transactions give the book that the orders make."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from velox_tui.marketdata.events import ADD, CANCEL, CLEAR, EVENT, FLAWS, INEXACT, MODIFY, Events
from velox_tui.marketdata.orders import NO_SIZE, LevelState, OrderState
from velox_tui.marketdata.vtx import REDUCE

N, BID, ASK = ord("N"), ord("B"), ord("A")
Row = tuple[int, int, int, int, int, int, int, bool, int]


def event(
    action: int,
    order_id: int = 0,
    price: int = 0,
    size: int = 0,
    side: int = N,
    *,
    at_ns: int = 0,
    flaw: int = 0,
    top: bool = False,
    book: int = 0,
) -> Row:
    return (at_ns, order_id, 0 if flaw else price, size, action, side, flaw, top, book)


def events(*rows: Row) -> Events:
    return np.array(list(rows), EVENT)


def told(state: OrderState, *rows: Row) -> list[tuple[str, int, int]]:
    """Transactions as ('+B', price, size)."""
    return [
        (("-" if one["kind"] == REDUCE else "+") + "BA"[one["side"]], int(one["price"]), int(one["size"]))
        for one in state.apply(events(*rows))
    ]


ROWS = some.lists(
    some.builds(
        event,
        some.sampled_from(
            [ADD, ADD, ADD, CANCEL, CANCEL, MODIFY, MODIFY, CLEAR, ord("T"), ord("F"), N, ord("x")]
        ),
        some.integers(0, 6),
        some.integers(1, 5),
        some.one_of(some.integers(0, 9), some.just(NO_SIZE)),
        some.sampled_from([BID, ASK, BID, ASK, N]),
        at_ns=some.integers(0, 2**64 - 1),
        flaw=some.sampled_from([0, 0, 0, 0, 1, 2, 3]),
        book=some.integers(0, 1),
    ),
    max_size=60,
)


def plain(rows: list[Row]) -> Counter[tuple[int, int]]:
    """What each (side, price) holds."""
    orders: dict[tuple[int, int], tuple[int, int, int]] = {}
    for _, order_id, price, size, action, side, _, _, book in rows:
        key = (book, order_id)
        if action == ADD and side != N and 0 < size < NO_SIZE:
            orders[key] = (side, price, size)
        elif action == MODIFY and size < NO_SIZE and (key in orders or (side != N and size)):
            orders[key] = (side if side != N else orders[key][0], price, size)
            if not size:
                del orders[key]
        elif action == CANCEL and size and key in orders:
            kept, at, held = orders.pop(key)
            if held > size:
                orders[key] = (kept, at, held - size)
        elif action == CLEAR:
            orders = {one: order for one, order in orders.items() if one[0] != book}
    levels: Counter[tuple[int, int]] = Counter()
    for side, price, size in orders.values():
        if price:
            levels[int(side == ASK), price] += size
    return levels


@given(ROWS, some.integers(1, 20))
def test_transactions_give_the_book_that_the_orders_make(rows: list[Row], part: int) -> None:
    state, levels = OrderState(), Counter[tuple[int, int]]()
    times: list[int] = []
    for at in range(0, len(rows), part):
        for one in state.apply(events(*rows[at : at + part])):
            place = (int(one["side"]), int(one["price"]))
            levels[place] += int(one["size"]) * (-1 if one["kind"] == REDUCE else 1)
            assert one["size"] > 0 and levels[place] >= 0, "a reduce takes only what is there"
            times.append(int(one["ts_ns"]))
    assert +levels == plain(rows)
    assert times == sorted(times)
    counts = (state.taken, state.unchanged, state.rejected)
    assert sum(one.total() for one in counts) == len(rows), "every event is in exactly one count"
    assert all(count >= 0 for one in counts for count in one.values())


@given(ROWS)
def test_without_orders_levels_are_added_to_and_taken_from(rows: list[Row]) -> None:
    state, levels = LevelState(), Counter[tuple[int, int]]()
    for one in state.apply(events(*rows)):
        place = (int(one["side"]), int(one["price"]))
        levels[place] += int(one["size"]) * (-1 if one["kind"] == REDUCE else 1)
        assert levels[place] >= 0
    counts = (state.taken, state.unchanged, state.rejected)
    assert sum(one.total() for one in counts) == len(rows)
    assert state.rejected["modify_without_order"] == sum(
        row[4] == MODIFY and row[3] != NO_SIZE for row in rows
    )


def test_a_life() -> None:
    state = OrderState()
    assert told(state, event(ADD, 1, 100, 10, BID), event(CANCEL, 1, 0, 3)) == [
        ("+B", 100, 10),
        ("-B", 100, 3),
    ]
    assert told(state, event(MODIFY, 1, 101, 9, BID)) == [("-B", 100, 7), ("+B", 101, 9)]
    assert told(state, event(ord("T"), 0, 101, 4, ASK), event(ord("F"), 1, 101, 4, BID)) == []
    assert told(state, event(CANCEL, 1, 55, 9, N)) == [("-B", 101, 9)]
    assert state.live == 0
    assert +state.taken == {"add": 1, "cancel": 2, "modify": 1} and +state.unchanged == {
        "trade": 1,
        "fill": 1,
    }
    assert not +state.rejected and not +state.notes


def test_what_is_odd_is_taken_and_noted() -> None:
    state = OrderState()
    assert told(state, event(MODIFY, 1, 100, 5, ASK)) == [("+A", 100, 5)]
    assert told(state, event(ADD, 1, 101, 6, BID)) == [("-A", 100, 5), ("+B", 101, 6)]
    assert told(state, event(CANCEL, 1, 0, 99)) == [("-B", 101, 6)]
    assert +state.notes == {
        "modify_of_unknown_order": 1,
        "add_of_live_order": 1,
        "cancel_of_more_than_live": 1,
    }
    assert not +state.rejected


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        (event(CANCEL, 9, 100, 1, BID), "order_unknown"),
        (event(MODIFY, 9, 100, 1), "order_unknown"),
        (event(MODIFY, 9, 100, 0, BID), "order_unknown"),
        (event(ADD, 9, 100, 1), "side_missing"),
        (event(ADD, 9, 100, 0, BID), "size_missing"),
        (event(ADD, 9, 100, NO_SIZE, BID), "size_missing"),
        (event(CANCEL, 9, 100, 0, BID), "size_missing"),
        (event(MODIFY, 9, 100, NO_SIZE, BID), "size_missing"),
        (event(ord("Z"), 9, 100, 1, BID), "action_unknown"),
        *((event(ADD, 9, 100, 1, BID, flaw=flaw), FLAWS[flaw]) for flaw in (1, 2, 3)),
    ],
)
def test_what_cannot_be_taken_is_rejected_by_kind(row: Row, kind: str) -> None:
    state = OrderState()
    assert told(state, row) == []
    assert +state.rejected == {kind: 1} and not +state.taken


def test_an_order_at_a_price_that_cannot_be_is_remembered() -> None:
    state = OrderState()
    assert told(state, event(ADD, 1, 7, 5, BID, flaw=INEXACT), event(CANCEL, 1, 7, 2, BID)) == []
    assert told(state, event(MODIFY, 1, 100, 4, BID)) == [("+B", 100, 4)]
    assert told(state, event(MODIFY, 1, 7, 4, BID, flaw=INEXACT)) == [("-B", 100, 4)]
    assert +state.rejected == {"price_inexact": 2, "order_was_rejected": 1}
    assert +state.taken == {"modify": 1}


def test_a_clear_is_one_venues() -> None:
    state = OrderState()
    told(state, event(ADD, 1, 100, 5, BID), event(ADD, 2, 101, 6, ASK), event(ADD, 1, 100, 7, BID, book=1))
    assert told(state, event(CLEAR)) == [("-B", 100, 5), ("-A", 101, 6)]
    assert told(state, event(CLEAR)) == []
    assert state.live == 1


def test_a_top_of_book_replaces_its_side() -> None:
    state = OrderState()
    told(state, event(ADD, 0, 100, 5, BID, top=True), event(ADD, 0, 102, 6, ASK, top=True))
    assert told(state, event(ADD, 0, 101, 7, BID, top=True)) == [("-B", 100, 5), ("+B", 101, 7)]
    assert told(state, event(ADD, 0, 0, 0, ASK, top=True)) == [("-A", 102, 6)]
    assert state.live == 1 and +state.taken == {"add": 4}


def test_times_never_go_backwards() -> None:
    state = OrderState()
    rows = [event(ADD, n, 100, 1, BID, at_ns=at) for n, at in enumerate((50, 40, 2**64 - 1, 60))]
    assert state.apply(events(*rows))["ts_ns"].tolist() == [50, 50, 50, 60]
    assert state.apply(events(event(ADD, 9, 100, 1, BID, at_ns=10)))["ts_ns"].tolist() == [60]
    assert +state.notes == {"time_backwards": 2, "time_missing": 1}


def test_a_level_of_more_than_one_transaction_can_say_is_cleared_whole() -> None:
    state = LevelState()
    told(state, *[event(ADD, 0, 100, 2**31, BID)] * 5)
    assert sum(size for _, _, size in told(state, event(CLEAR))) == 5 * 2**31
    assert state.live == 0
