"""Transactions as bytes, and an order book outside any pipeline: for tests and for those who want one part
alone.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from velox_tui.engine._library import check, error_buffer, library

TRANSACTION = np.dtype(
    [
        ("id", "<u8"),
        ("price", "<i8"),
        ("size", "<u4"),
        ("side", "u1"),
        ("kind", "u1"),
        ("reserved", "<u2"),
        ("ts_ns", "<u8"),
    ]
)
"""32 bytes, little-endian, as vx_transaction; side 0 bid, 1 ask; kind 0 add, 1 reduce; price with 4 decimals.
"""
TRANSACTION_ERRORS = ("ok", "bad_side", "bad_kind", "bad_price", "bad_size", "bad_reserved")
"""Names of what `validate` gives."""
REJECTIONS = ("accepted", "window", "overflow", "underflow", "contention", "invalid")
"""Names of what `OrderBook.apply` gives."""


def validate(transactions: NDArray[Any]) -> NDArray[np.uint8]:
    """The check that every untrusted transaction passes; an index into TRANSACTION_ERRORS for each."""
    ffi, lib = library()
    given = np.ascontiguousarray(transactions, TRANSACTION)
    errors = np.empty(len(given), np.uint8)
    if len(given):
        into = ffi.from_buffer("uint8_t[]", errors)
        lib.velox_transactions_validate(ffi.from_buffer(given), len(given), into)
    return errors


def usable_cores() -> tuple[int, ...]:
    """Cores that this process may use, within its cpuset and quota, in order."""
    ffi, lib = library()
    room = 4096
    cores = ffi.new("int[]", room)
    count = lib.velox_usable_cores(cores, room)
    return tuple(cores[place] for place in range(max(0, min(count, room))))


class OrderBook:
    """Price levels of both sides. A context manager that destroys it at the end; any thread may apply."""

    def __init__(self, levels: int = 1024, *, ticks_per_level: int = 16, base_price: int = 1_000_000) -> None:
        """Empty. Raises UsageError for a window that is not allowed."""
        self._ffi, self._lib = library()
        self.levels = levels
        made, error = self._ffi.new("velox_book **"), error_buffer()
        status = self._lib.velox_book_create(levels, ticks_per_level, base_price, made, error)
        check(status, "order book", error)
        self._book: Any = made[0]

    def apply(self, transactions: NDArray[Any]) -> NDArray[np.uint8]:
        """Applies them in order; an index into REJECTIONS for each."""
        given = np.ascontiguousarray(transactions, TRANSACTION)
        results = np.zeros(len(given), np.uint8)
        if len(given):
            into = self._ffi.from_buffer("uint8_t[]", results)
            self._lib.velox_book_apply(self._book, self._ffi.from_buffer(given), len(given), into)
        return results

    def best(self) -> tuple[int | None, int | None]:
        """Best bid and ask level; None where the side is empty."""
        best = self._ffi.new("int32_t[2]")
        self._lib.velox_book_best(self._book, best)
        return (best[0] if best[0] >= 0 else None), (best[1] if best[1] >= 0 else None)

    def quantities(self) -> NDArray[np.uint64]:
        """Of every level, shape (2, levels): bids, then asks."""
        found = np.empty((2, self.levels), np.uint64)
        into = self._ffi.from_buffer("uint64_t[]", found)
        check(self._lib.velox_book_quantities(self._book, into, found.size), "order book")
        return found

    def destroy(self) -> None:
        """Gives the memory back. Twice is once."""
        book, self._book = self._book, self._ffi.NULL
        self._lib.velox_book_destroy(book)

    def __enter__(self) -> OrderBook:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Destroys it."""
        self.destroy()
