"""Buckets as the engine's; percentiles against the exact ones."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from velox_tui.telemetry import histogram
from velox_tui.telemetry.histogram import BUCKETS, HIGHEST, LOWEST, MAXIMUM
from velox_tui.telemetry.sample import Buckets

VALUES = st.one_of(st.integers(0, 200), st.integers(0, MAXIMUM), st.integers(0, 2**64 - 1))


def index_as_in_c(value: int) -> int:
    """vx_histogram_index of native/src/histogram.h."""
    counted = min(value, MAXIMUM)
    shift = (counted | 64).bit_length() - 1 - 6
    return (shift << 6) + (counted >> shift)


def test_buckets_join_without_gap_or_overlap() -> None:
    assert LOWEST[0] == 0 and HIGHEST[-1] == MAXIMUM
    assert (LOWEST[1:] == HIGHEST[:-1] + np.uint64(1)).all()


@given(VALUES)
def test_a_value_counts_where_the_engine_counts_it(value: int) -> None:
    assert int(histogram.index_of([value])[0]) == index_as_in_c(value)


@given(st.integers(1, MAXIMUM))
def test_a_bucket_is_reported_at_most_a_64th_too_high(value: int) -> None:
    reported = int(HIGHEST[histogram.index_of([value])[0]])
    assert 0 <= reported - value <= value / 64


@given(
    st.lists(st.integers(0, MAXIMUM), min_size=1, max_size=300),
    st.sampled_from([0.0, 0.5, 0.9, 0.99, 0.999, 1.0]),
)
def test_percentiles_are_the_exact_ones_rounded_up_within_a_bucket(values: list[int], p: float) -> None:
    exact = sorted(values)[max(1, math.ceil(round(p * 1000) * len(values) / 1000)) - 1]
    found = histogram.value_at(histogram.of_values(values), p)
    assert found is not None and exact <= found <= exact + exact / 64


def test_the_rank_is_taken_from_the_decimal_not_its_binary_neighbour() -> None:
    assert histogram.rank(0.07, 100) == 7
    assert histogram.rank(0.999, 1000) == 999
    assert histogram.rank(0.0, 5) == 1


@given(st.lists(VALUES, max_size=50), st.lists(VALUES, max_size=50))
def test_merging_is_recording_together(one: list[int], other: list[int]) -> None:
    merged = histogram.merge([histogram.of_values(one), histogram.of_values(other)])
    together = histogram.of_values([*one, *other])
    assert merged.indices.tolist() == together.indices.tolist()
    assert merged.counts.tolist() == together.counts.tolist()
    assert merged.total % 2**64 == together.total


@given(
    st.lists(st.tuples(st.lists(VALUES, max_size=50), st.lists(VALUES, max_size=50)), min_size=1, max_size=4)
)
def test_windows_are_the_differences_of_two_readings(runs: list[tuple[list[int], list[int]]]) -> None:
    before = np.array([histogram.dense(histogram.of_values(first)) for first, _ in runs])
    now = np.array([histogram.dense(histogram.of_values([*first, *then])) for first, then in runs])
    for (_, then), window in zip(runs, histogram.differences(before, now), strict=True):
        expected = histogram.of_values(then)
        assert window is not None
        assert (window.counts.tolist(), window.indices.tolist()) == (
            expected.counts.tolist(),
            expected.indices.tolist(),
        )
        assert window.total == expected.total


def test_a_count_that_went_backwards_is_another_run() -> None:
    before = np.array([histogram.dense(histogram.of_values(values)) for values in ([5], [7])])
    now = np.array([np.zeros(1 + BUCKETS, np.uint64), histogram.dense(histogram.of_values([7, 7]))])
    gone, grown = histogram.differences(before, now)
    assert gone is None and grown is not None and grown.counts.tolist() == [1]


@given(st.lists(st.none() | st.lists(st.integers(0, MAXIMUM), max_size=80), max_size=5))
def test_percentiles_of_several_are_those_of_each(several: list[list[int] | None]) -> None:
    parts = [None if values is None else histogram.of_values(values) for values in several]
    for part, found in zip(parts, histogram.all_quantiles(parts), strict=True):
        if part is None or not len(part.counts):
            assert found is None
            continue
        assert found is not None and found.count == int(part.counts.sum())
        assert found.mean == part.total / found.count
        assert found.maximum == histogram.maximum(part)
        percentiles = (found.p50, found.p90, found.p99, found.p999, found.p9999)
        assert percentiles == tuple(histogram.value_at(part, p) for p in histogram.PERCENTILES)


def test_counts_that_no_run_reaches_are_no_failure() -> None:
    """A foreign segment may hold anything."""
    huge = Buckets(np.array([3, 9], np.uint16), np.array([2**63, 2**62], np.uint64), 0)
    found = histogram.all_quantiles([huge, huge, histogram.of_values([5])])
    assert len(found) == 3 and found[0] is not None and found[0].count == 2**63 + 2**62


def test_nothing_recorded_has_no_percentiles() -> None:
    assert histogram.quantiles(histogram.EMPTY) is None
    assert histogram.value_at(histogram.EMPTY, 0.5) is None
    assert histogram.maximum(histogram.EMPTY) is None


def test_the_mean_is_exact() -> None:
    found = histogram.quantiles(histogram.of_values([1000, 1001, 1003]))
    assert found is not None and found.mean == pytest.approx(3004 / 3) and found.count == 3


def test_too_few_beyond_a_percentile_can_be_told() -> None:
    assert histogram.beyond(histogram.of_values(range(1000)), 0.99) == 10
    assert histogram.beyond(histogram.EMPTY, 0.99) == 0


def test_a_high_water_mark_is_no_more_than_the_ring() -> None:
    assert histogram.high_water(histogram.of_values([4096]), 4096) == 4096
    assert histogram.high_water(histogram.EMPTY, 4096) is None


def test_percentiles_beyond_all_and_none_are_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        histogram.rank(1.5, 10)
