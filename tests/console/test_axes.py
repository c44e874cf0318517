"""Axes: round ticks, zero at the bottom, time to the right edge, nothing that jumps."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from velox_tui.console.charts import axes, raster
from velox_tui.console.charts.frame import tick_text

SECOND = 10**9
positive = st.floats(1e-3, 1e12)


def leading(value: float) -> float:
    """The first digits of a number, 1 to 10."""
    return value / 10 ** math.floor(math.log10(value) + 1e-9)


@given(positive, st.integers(1, 12))
def test_a_linear_axis_begins_at_zero_with_round_steps_and_room_above(highest: float, most: int) -> None:
    scale = axes.linear(highest, most)
    assert scale.ticks[0] == scale.bottom == 0
    assert highest * 1.0999 <= scale.top <= highest * 2.2001
    assert 2 <= len(scale.ticks) <= max(2, most) + 1
    steps = np.diff(scale.ticks)
    assert np.allclose(steps, steps[0])
    assert any(math.isclose(leading(float(steps[0])), factor, rel_tol=1e-6) for factor in (1, 2, 5, 10))


@given(st.floats(1, 1e6))
def test_a_steady_value_that_wavers_a_little_keeps_its_axis(value: float) -> None:
    scale = axes.linear(value, 4)
    assume(scale.top > value * 1.12)
    assert axes.linear(value * 1.015, 4) == scale


@pytest.mark.parametrize("nothing", [0.0, -1.0, math.nan, math.inf])
def test_without_values_the_axis_is_zero_to_one(nothing: float) -> None:
    scale = axes.linear(nothing, 4)
    assert (scale.bottom, scale.top) == (0.0, 1.0)


@given(positive, st.floats(1.0, 1e6), st.integers(1, 10))
def test_a_logarithmic_axis_holds_its_values(lowest: float, ratio: float, most: int) -> None:
    highest = lowest * ratio
    scale = axes.logarithmic(lowest, highest, most)
    assert 10**scale.bottom <= lowest * (1 + 1e-6)
    assert 10**scale.top >= highest
    assert all(
        any(math.isclose(leading(tick), one, rel_tol=1e-6) for one in (1, 2, 5, 10)) for tick in scale.ticks
    )
    assert len(scale.ticks) <= most + 1
    assert scale.share(0.0) == 0


@pytest.mark.parametrize("values", [(math.nan, math.nan), (0.0, 0.0), (math.inf, 1.0)])
def test_a_logarithmic_axis_without_values_stands(values: tuple[float, float]) -> None:
    assert axes.logarithmic(*values, 4).top == 1.0


@given(positive, st.integers(3, 30), st.booleans())
def test_a_tick_stands_where_a_curve_of_its_value_runs(highest: float, rows: int, log: bool) -> None:
    scale = axes.logarithmic(highest / 500, highest, rows // 2) if log else axes.linear(highest, rows // 2)
    for row, tick in axes.tick_rows(scale, rows).items():
        placed = scale.place(np.array([tick * (1 + 1e-9)]))
        dot = int(raster.rows_of(placed, scale.bottom, scale.top, rows * 4)[0])
        assert dot // 4 == row


@given(st.integers(0, 10**18), st.integers(1, 3600).map(lambda s: s * SECOND), st.integers(1, 400))
def test_the_newest_moment_is_in_the_last_column(end_ns: int, window_ns: int, columns: int) -> None:
    span = axes.span(end_ns, window_ns, columns)
    assert span.column(end_ns) == columns - 1
    assert span.column(span.moment(0)) == 0
    assert span.column(span.end_ns) is None
    assert abs(span.end_ns - span.start_ns - window_ns) <= columns


@given(st.integers(0, 10**15), st.integers(0, 10**12))
def test_columns_of_the_past_do_not_move_when_time_goes_on(end_ns: int, later_ns: int) -> None:
    before, after = (axes.span(at, 300 * SECOND, 140) for at in (end_ns, end_ns + later_ns))
    assert (after.start_ns - before.start_ns) % before.column_ns == 0


@pytest.mark.parametrize(
    ("age_ns", "text"),
    [(0, "0"), (30 * SECOND, "-30s"), (90 * SECOND, "-1m30s"), (300 * SECOND, "-5m"), (3600 * SECOND, "-1h")],
)
def test_ages(age_ns: int, text: str) -> None:
    assert axes.age_text(age_ns) == text


def test_times_stand_where_they_belong() -> None:
    text = axes.time_labels(300 * SECOND, 61)
    assert len(text) == 61
    assert text.endswith("0")
    assert text[36 - 1 : 36 + 2] == "-2m"
    assert text.split() == ["-5m", "-4m", "-3m", "-2m", "-1m", "0"]


def test_a_note_goes_before_a_time_and_the_newest_before_older_ones() -> None:
    text = axes.time_labels(300 * SECOND, 61, ((48, "old"), (36, "burst"), (34, "stall")))
    assert "stall" in text
    assert "burst" not in text
    assert "old" in text
    assert "-2m" not in text
    assert text.endswith("0")


@given(
    st.integers(1, 200), st.lists(st.tuples(st.integers(0, 199), st.sampled_from(["a", "burst"])), max_size=9)
)
def test_labels_never_touch(width: int, notes: list[tuple[int, str]]) -> None:
    text = axes.time_labels(60 * SECOND, width, tuple((at, note) for at, note in notes if at < width))
    known = {"0", "a", "burst", "-1m", *(f"-{seconds}s" for seconds in range(1, 60))}
    assert len(text) == width
    assert set(text.split()) <= known


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("50.0k", "50k"),
        ("1.20ms", "1.2ms"),
        ("100k", "100k"),
        ("0", "0"),
        ("1.00M", "1M"),
        ("0.50", "0.5"),
        ("10%", "10%"),
    ],
)
def test_ticks_have_no_idle_zeros(text: str, short: str) -> None:
    assert tick_text(text) == short
