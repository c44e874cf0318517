"""Transactions as bytes: the check against the struct module, for any 32 bytes and at every edge."""

from __future__ import annotations

import struct

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from velox_tui.engine.order_book import TRANSACTION, TRANSACTION_ERRORS, validate

LAYOUT = struct.Struct("<QqIBBHQ")
GOOD = (1, 1, 1, 0, 0, 0, 0)


def expected(raw: bytes) -> str:
    """What is wrong with one transaction, the first thing in this order."""
    _, price, size, side, kind, reserved, _ = LAYOUT.unpack(raw)
    if side > 1:
        return "bad_side"
    if kind > 1:
        return "bad_kind"
    if not 1 <= price <= 2**53:
        return "bad_price"
    if size == 0:
        return "bad_size"
    return "bad_reserved" if reserved else "ok"


def edges(bits: int) -> st.SearchStrategy[int]:
    return st.one_of(st.sampled_from((0, 1, 2, 2 ** (bits - 1), 2**bits - 1)), st.integers(0, 2**bits - 1))


NEARLY = st.builds(
    LAYOUT.pack,
    edges(64),
    st.one_of(st.sampled_from((-1, 0, 1, 2**53, 2**53 + 1)), st.integers(-(2**63), 2**63 - 1)),
    edges(32),
    edges(8),
    edges(8),
    edges(16),
    edges(64),
)


@settings(max_examples=400)
@given(st.lists(st.one_of(NEARLY, st.binary(min_size=32, max_size=32)), max_size=20))
@example([LAYOUT.pack(*GOOD), LAYOUT.pack(1, 2**53, 2**32 - 1, 1, 1, 0, 2**64 - 1)])
def test_any_bytes_are_checked_as_the_struct_says(raws: list[bytes]) -> None:
    found = validate(np.frombuffer(b"".join(raws), TRANSACTION))
    assert [TRANSACTION_ERRORS[one] for one in found] == [expected(raw) for raw in raws]


@given(NEARLY)
def test_fields_lie_where_the_struct_has_them(raw: bytes) -> None:
    assert np.frombuffer(raw, TRANSACTION)[0].tolist() == LAYOUT.unpack(raw)
