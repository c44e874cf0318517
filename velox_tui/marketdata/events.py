"""What happened to an order, whatever format said so: the one shape that readers give and order state takes.

A record whose price is not one that the engine has keeps a flaw in its place: its order is remembered, so
that what follows on it is understood, but nothing of it goes into the book.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

EVENT = np.dtype(
    [
        ("ts_ns", "<u8"),
        ("order_id", "<u8"),
        ("price", "<i8"),
        ("size", "<u4"),
        ("action", "u1"),
        ("side", "u1"),
        ("flaw", "u1"),
        ("top", "?"),
        ("book", "<u4"),
    ]
)
"""`price` with 4 decimals, 0 where `flaw` is set; `action` and `side` are ASCII letters as in DBN; `top`: the
order replaces all of its side; `book` tells apart the venues whose orders a clear does not share."""
Events = NDArray[Any]

ADD, CANCEL, MODIFY, CLEAR = ord("A"), ord("C"), ord("M"), ord("R")
NO_CHANGE = {ord("T"): "trade", ord("F"): "fill", ord("N"): "none"}
"""Actions that leave the book as it is: what a fill takes away comes as a cancel of its own."""
BID, ASK = ord("B"), ord("A")

PRICE_MAX = 2**53
"""As VX_PRICE_MAX in native/src/transaction.h."""
TIME_MAX_NS = 2**63 - 1
"""Later times stand for none (DBN writes 2**64 - 1)."""

SOUND, NO_PRICE, INEXACT, OUT_OF_RANGE = range(4)
FLAWS = ("", "price_missing", "price_inexact", "price_out_of_range")
"""Names of the flaws: no price; more than 4 decimals; not above 0 or beyond PRICE_MAX."""


def fixed_point(prices: NDArray[np.int64], units: int, missing: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Prices with 4 decimals and flaws, from integers of which `units` make 0.0001; `missing` is no price."""
    price = prices // units
    flaw = np.zeros(len(prices), np.uint8)
    flaw[price * units != prices] = INEXACT
    flaw[(prices <= 0) | (price > PRICE_MAX)] = OUT_OF_RANGE
    flaw[prices == missing] = NO_PRICE
    price[flaw != SOUND] = 0
    return price, flaw
