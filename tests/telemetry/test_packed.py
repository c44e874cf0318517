"""What is kept of the past comes back exactly."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from velox_tui.telemetry.histogram import BUCKETS, EMPTY
from velox_tui.telemetry.packed import pack, pack_depth
from velox_tui.telemetry.sample import Buckets, Depth

COUNTS = st.dictionaries(st.integers(0, BUCKETS - 1), st.integers(1, 2**64 - 1), max_size=60)
LEVELS = st.dictionaries(st.integers(0, 4095), st.integers(1, 2**63 - 1), max_size=40)


@given(st.lists(st.none() | COUNTS, min_size=1, max_size=5), st.integers(0, 2**80))
def test_histograms_come_back(given_counts: list[dict[int, int] | None], total: int) -> None:
    parts = tuple(
        None
        if one is None
        else Buckets(
            np.array(sorted(one), np.uint16), np.array([one[i] for i in sorted(one)], np.uint64), total
        )
        for one in given_counts
    )
    for before, after in zip(parts, pack(parts).all(), strict=True):
        if before is None or after is None:
            assert before is after
            continue
        assert after.indices.dtype == np.uint16 and after.counts.dtype == np.uint64
        assert (after.indices.tolist(), after.counts.tolist()) == (
            before.indices.tolist(),
            before.counts.tolist(),
        )
        assert after.total == total


@given(LEVELS, LEVELS)
def test_a_book_comes_back(bids: dict[int, int], asks: dict[int, int]) -> None:
    sides = np.zeros((2, 4096), np.uint64)
    for side, levels in zip(sides, (bids, asks), strict=True):
        for level, quantity in levels.items():
            side[level] = quantity
    found = pack_depth(Depth(sides[0], sides[1])).depth()
    assert np.array_equal(found.bids, sides[0]) and np.array_equal(found.asks, sides[1])


def test_nothing_recorded_is_not_unknown() -> None:
    found = pack((EMPTY, None))
    nothing = found.of(0)
    assert nothing is not None and len(nothing.counts) == 0 and found.of(1) is None
