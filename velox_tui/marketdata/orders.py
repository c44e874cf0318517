"""Orders → transactions: the state of every live order, so that each change is told as adds and reduces.

Every event ends in exactly one count: `taken` by action, `unchanged` (trades, fills) or `rejected` by kind;
`notes` count what was taken in a way worth saying. The meaning of the actions is that of Databento's
market-by-order schema: https://databento.com/docs/schemas-and-data-formats/mbo
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from velox_tui.marketdata.events import (
    ADD,
    ASK,
    BID,
    CANCEL,
    CLEAR,
    FLAWS,
    MODIFY,
    NO_CHANGE,
    SOUND,
    TIME_MAX_NS,
    Events,
)
from velox_tui.marketdata.vtx import TRANSACTION

NO_SIZE = 2**32 - 1
"""DBN's size of an order that has none."""
_TAKEN = {ADD: "add", CANCEL: "cancel", MODIFY: "modify", CLEAR: "clear"}
_TOP = 0
"""Stands for the action of an add that replaces all of its side."""
_NEITHER = 2
_REDUCE = 2
"""Added to a side: the transaction reduces."""
Order = tuple[int, int, int]
"""Price (0: not in the book), size, side (0 bid, 1 ask)."""


class OrderState:
    """Live orders of every venue. Takes events in the order of the file."""

    def __init__(self) -> None:
        """No order lives."""
        self.taken: Counter[str] = Counter()
        self.unchanged: Counter[str] = Counter()
        self.rejected: Counter[str] = Counter()
        self.notes: Counter[str] = Counter()
        self._books: dict[int, dict[int, Order]] = defaultdict(dict)
        self._newest_ns = 0
        self._made: list[int] = []
        """Flat: row, price, size, side + _REDUCE."""

    @property
    def live(self) -> int:
        """Number of orders that live."""
        return sum(len(orders) for orders in self._books.values())

    def apply(self, events: Events) -> NDArray[Any]:
        """The transactions that these events make, dtype TRANSACTION; ids are those of the orders."""
        times_ns = self._monotone(events["ts_ns"])
        keep = self._sift(events)
        self._made = []
        self._run(events[keep])
        made = np.array(self._made, np.int64).reshape(-1, 4)
        rows = keep[made[:, 0]]
        transactions = np.zeros(len(made), TRANSACTION)
        transactions["id"], transactions["ts_ns"] = events["order_id"][rows], times_ns[rows]
        transactions["price"], transactions["size"] = made[:, 1], made[:, 2]
        transactions["side"], transactions["kind"] = made[:, 3] & 1, made[:, 3] >= _REDUCE
        return transactions

    def _monotone(self, times_ns: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """Times that never go backwards: one that is earlier or missing is the latest before it."""
        missing = times_ns > TIME_MAX_NS
        known = np.where(missing, 0, times_ns)
        latest: NDArray[np.uint64] = np.maximum.accumulate(np.maximum(known, np.uint64(self._newest_ns)))
        self.notes["time_missing"] += int(missing.sum())
        self.notes["time_backwards"] += int((~missing & (known < latest)).sum())
        self._newest_ns = int(latest[-1]) if len(latest) else self._newest_ns
        return latest

    def _sift(self, events: Events) -> NDArray[np.intp]:
        """Places of the events that may change something; counts all that can be told without the orders."""
        action, size = events["action"], events["size"]
        keep = np.ones(len(events), np.bool_)

        def leave(which: NDArray[np.bool_], counts: Counter[str], name: str) -> None:
            counts[name] += int((which & keep).sum())
            keep[which] = False

        for letter, name in NO_CHANGE.items():
            leave(action == letter, self.unchanged, name)
        leave(~np.isin(action, list(_TAKEN)), self.rejected, "action_unknown")
        leave((action == ADD) & ~_has_side(events), self.rejected, "side_missing")
        empties = events["top"] & (events["price"] == 0) & (events["flaw"] == SOUND)
        leave((action == ADD) & ~empties & ((size == 0) | (size == NO_SIZE)), self.rejected, "size_missing")
        leave((action == MODIFY) & (size == NO_SIZE), self.rejected, "size_missing")
        leave((action == CANCEL) & (size == 0), self.rejected, "size_missing")
        self._sift_more(events, leave)
        priced = keep & ((action == ADD) | (action == MODIFY))
        for flaw in range(1, len(FLAWS)):
            self.rejected[FLAWS[flaw]] += int((priced & (events["flaw"] == flaw)).sum())
        sound = keep & ~(priced & (events["flaw"] != SOUND))
        for letter, name in _TAKEN.items():
            self.taken[name] += int((sound & (action == letter)).sum())
        return np.flatnonzero(keep)

    def _sift_more(self, events: Events, leave: Any) -> None:
        """For those who need more of an event."""

    def _reject(self, action: int, kind: str) -> None:
        """An event that was counted as taken turns out to be none."""
        self.taken[_TAKEN[action]] -= 1
        self.rejected[kind] += 1

    def _run(self, events: Events) -> None:
        """Every event in turn."""
        books, made = self._books, self._made
        actions = np.where(events["top"], _TOP, events["action"]).tolist()
        columns = (events[name].tolist() for name in ("order_id", "price", "size"))
        rows = zip(
            range(len(events)), actions, *columns, _sides(events), events["book"].tolist(), strict=True
        )
        for row, action, order_id, price, size, side, book in rows:
            orders = books[book]
            if action == ADD:
                if order_id in orders:
                    self.notes["add_of_live_order"] += 1
                    self._end(row, orders.pop(order_id))
                orders[order_id] = (price, size, side)
                if price:
                    made += (row, price, size, side)
            elif action == CANCEL:
                self._cancel(row, orders, order_id, size)
            elif action == MODIFY:
                self._modify(row, orders, order_id, (price, size, side))
            else:
                self._clear(row, orders, side if action == _TOP else _NEITHER)
                if action == _TOP and size:
                    orders[-1 - side] = (price, size, side)
                    if price:
                        made += (row, price, size, side)

    def _end(self, row: int, order: Order) -> None:
        """Takes an order out of the book."""
        if order[0]:
            self._made += (row, order[0], order[1], order[2] + _REDUCE)

    def _cancel(self, row: int, orders: dict[int, Order], order_id: int, size: int) -> None:
        """`size` is what is taken away."""
        order = orders.get(order_id)
        if order is None:
            self._reject(CANCEL, "order_unknown")
            return
        price, held, side = order
        if size < held:
            orders[order_id] = (price, held - size, side)
        else:
            del orders[order_id]
            if size > held:
                self.notes["cancel_of_more_than_live"] += 1
                size = held
        if price:
            self._made += (row, price, size, side + _REDUCE)
        else:
            self._reject(CANCEL, "order_was_rejected")

    def _modify(self, row: int, orders: dict[int, Order], order_id: int, new: Order) -> None:
        """`new` is what the order is from now on; without a side it keeps its own, without a size it ends."""
        order = orders.pop(order_id, None)
        if order is not None:
            self._end(row, order)
            if new[2] == _NEITHER:
                new = (new[0], new[1], order[2])
        elif new[2] == _NEITHER or not new[1]:
            if new[0]:  # else its price was counted already
                self._reject(MODIFY, "order_unknown")
            return
        else:
            self.notes["modify_of_unknown_order"] += 1
        if new[1]:
            orders[order_id] = new
            if new[0]:
                self._made += (row, *new)

    def _clear(self, row: int, orders: dict[int, Order], side: int) -> None:
        """Ends every order of a venue, or of one side of it."""
        for order_id in [one for one, order in orders.items() if side in (_NEITHER, order[2])]:
            self._end(row, orders.pop(order_id))


class LevelState(OrderState):
    """For events that know no orders: adds to, and takes from, what a price holds on a side."""

    def _sift_more(self, events: Events, leave: Any) -> None:
        action = events["action"]
        leave(action == MODIFY, self.rejected, "modify_without_order")
        leave((action == CANCEL) & ~_has_side(events), self.rejected, "side_missing")
        for flaw in range(1, len(FLAWS)):
            leave((action == CANCEL) & (events["flaw"] == flaw), self.rejected, FLAWS[flaw])

    def _run(self, events: Events) -> None:
        columns = (events[name].tolist() for name in ("action", "price", "size"))
        rows = zip(range(len(events)), *columns, _sides(events), events["book"].tolist(), strict=True)
        for row, action, price, size, side, book in rows:
            levels, place = self._books[book], 2 * price + side
            if action == ADD and price:
                held = levels[place][1] if place in levels else 0
                levels[place] = (price, held + size, side)
                self._made += (row, price, size, side)
            elif action == CANCEL:
                self._cancel(row, levels, place, size)
            elif action == CLEAR:
                self._clear(row, levels, _NEITHER)

    def _end(self, row: int, order: Order) -> None:
        """A level may hold more than one transaction can say."""
        price, held, side = order
        while held:
            size = min(held, NO_SIZE)
            self._made += (row, price, size, side + _REDUCE)
            held -= size


def _has_side(events: Events) -> NDArray[np.bool_]:
    return np.isin(events["side"], (BID, ASK))


def _sides(events: Events) -> list[int]:
    sides: list[int] = np.where(
        events["side"] == BID, 0, np.where(events["side"] == ASK, 1, _NEITHER)
    ).tolist()
    return sides
