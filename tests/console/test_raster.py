"""The raster: what is drawn where, in every style."""

from __future__ import annotations

import dataclasses
import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from velox_tui.console.charts import raster
from velox_tui.console.glyphs import SEVERITIES, STATES, Glyphs, GraphStyle, glyphs, in_ascii

every_style = pytest.mark.parametrize("style", list(GraphStyle))
values = st.lists(st.floats(0, 1000), min_size=2, max_size=40)
known = values.map(lambda found: np.array(found, dtype=np.float64))


def dots_of(text: str) -> set[tuple[int, int]]:
    """(row, column) of the dots in one braille character, by its Unicode name."""
    if text == " ":
        return set()
    numbers = unicodedata.name(text).removeprefix("BRAILLE PATTERN DOTS-")
    places = {
        "1": (0, 0),
        "2": (1, 0),
        "3": (2, 0),
        "7": (3, 0),
        "4": (0, 1),
        "5": (1, 1),
        "6": (2, 1),
        "8": (3, 1),
    }
    return {places[number] for number in numbers}


@given(st.lists(st.booleans(), min_size=8, max_size=8))
def test_braille_has_exactly_the_dots_asked_for(wanted: list[bool]) -> None:
    dots = np.array(wanted).reshape(4, 2)
    (character,) = raster.glyphs_of(dots, GraphStyle.BRAILLE).ravel()
    assert dots_of(str(character)) == set(zip(*(axis.tolist() for axis in np.nonzero(dots)), strict=True))


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ([[1, 0], [0, 0]], "QUADRANT UPPER LEFT"),
        ([[0, 0], [0, 1]], "QUADRANT LOWER RIGHT"),
        ([[1, 1], [0, 0]], "UPPER HALF BLOCK"),
        ([[0, 1], [0, 1]], "RIGHT HALF BLOCK"),
        ([[1, 0], [0, 1]], "QUADRANT UPPER LEFT AND LOWER RIGHT"),
        ([[0, 1], [1, 1]], "QUADRANT UPPER RIGHT AND LOWER LEFT AND LOWER RIGHT"),
        ([[1, 1], [1, 1]], "FULL BLOCK"),
    ],
)
def test_quadrants_have_their_names(pattern: list[list[int]], name: str) -> None:
    (character,) = raster.glyphs_of(np.array(pattern, dtype=bool), GraphStyle.BLOCK).ravel()
    assert unicodedata.name(str(character)) == name


def test_ascii_shows_upper_and_lower() -> None:
    dots = np.array([[0, 1, 0, 1], [0, 0, 1, 1]], dtype=bool)
    assert "".join(raster.glyphs_of(dots, GraphStyle.ASCII).ravel()) == " '.:"


@every_style
def test_a_picture_has_a_character_for_each_cell(style: GraphStyle) -> None:
    columns, rows = raster.dot_size(7, 3, style)
    assert raster.glyphs_of(np.zeros((rows, columns), bool), style).tolist() == [[" "] * 7] * 3
    assert raster.glyphs_of(np.zeros((2, rows, columns), bool), style).shape == (2, 3, 7)


def test_each_value_is_in_the_column_of_its_time_and_no_extreme_is_lost() -> None:
    times = np.array([0, 4, 5, 9, 10], dtype=np.int64)
    low, high = raster.columns_of(times, np.array([5.0, 1.0, 9.0, 2.0, 7.0]), 0, 10, 2)
    assert (low[0], high[0]) == (1.0, 5.0)
    assert (low[1], high[1]) == (2.0, 9.0)


def test_between_two_readings_the_curve_is_straight() -> None:
    low, high = raster.columns_of(np.array([0, 10], dtype=np.int64), np.array([0.0, 10.0]), 0, 10, 5)
    assert high.tolist() == [1.0, 3.0, 5.0, 7.0, 9.0]
    assert low[1:].tolist() == [3.0, 5.0, 7.0, 9.0]
    assert low[0] == 0.0


def test_a_gap_stays_a_gap() -> None:
    times = np.array([0, 10, 15, 20, 30], dtype=np.int64)
    low, high = raster.columns_of(times, np.array([1.0, 1.0, np.nan, 1.0, 1.0]), 0, 30, 6)
    assert np.isnan(high).tolist() == [False, False, False, True, False, False]
    dots = raster.curve(low, high, 0, 2, 8)
    assert dots.any(axis=0).tolist() == [True, True, True, False, True, True]


def test_a_lone_reading_between_gaps_shows() -> None:
    times = np.array([0, 10, 20], dtype=np.int64)
    _, high = raster.columns_of(times, np.array([np.nan, 3.0, np.nan]), 0, 30, 3)
    assert high[1] == 3.0


@pytest.mark.parametrize("times", [[], [-5, -1], [30, 40]])
def test_nothing_is_drawn_where_nothing_is_known(times: list[int]) -> None:
    _, high = raster.columns_of(np.array(times, dtype=np.int64), np.ones(len(times)), 0, 30, 3)
    assert np.isnan(high).all()


def test_zero_lies_at_the_bottom_and_the_top_at_the_top() -> None:
    assert raster.rows_of(np.array([0.0, 50.0, 99.9, 100.0, 500.0, -1.0]), 0, 100, 10).tolist() == [
        9,
        4,
        0,
        0,
        0,
        9,
    ]
    assert np.isnan(raster.rows_of(np.array([np.nan]), 0, 100, 10)).all()


@given(known)
def test_a_curve_without_gaps_is_one_line(found: np.ndarray) -> None:
    dots = raster.curve(found, found, 0, 1000, 12)
    assert dots.any(axis=0).all()
    for left, right in zip(dots.T[:-1], dots.T[1:], strict=True):
        reach = np.convolve(left, [1, 1, 1], "same").astype(bool)
        assert (reach & right).any()
        rows = np.flatnonzero(right)
        assert (np.diff(rows) == 1).all()


@given(known)
def test_a_curve_passes_through_its_values(found: np.ndarray) -> None:
    dots = raster.curve(found, found, 0, 1000, 12)
    rows = raster.rows_of(found, 0, 1000, 12).astype(int)
    assert all(dots[row, column] for column, row in enumerate(rows))


def test_several_curves_are_drawn_as_each_alone() -> None:
    both = np.array([[1.0, 5.0, np.nan, 2.0], [0.0, 9.0, 9.0, 0.0]])
    together = raster.curve(both, both, 0, 10, 8)
    assert all((together[i] == raster.curve(both[i], both[i], 0, 10, 8)).all() for i in (0, 1))


LEVELS = (" ", "1", "2", "3", "4")


@pytest.mark.parametrize(
    ("found", "text"),
    [
        ([0.0, 1.0, 2.0, 4.0], "1124"),
        ([4.0, 4.0, 4.0], "444"),
        ([0.0, 0.0], "11"),
        ([np.nan, 4.0, np.nan], " 4 "),
        ([0.001, 4.0], "14"),
        ([np.nan], " "),
    ],
)
def test_a_one_line_graph_begins_at_zero(found: list[float], text: str) -> None:
    assert raster.levels_of(np.array(found), LEVELS) == text


def glyphs_used() -> set[str]:
    """Every glyph that panes draw with, in all styles."""
    found = {character for cell in raster.CELLS.values() for character in cell.table.tolist()}
    for style in GraphStyle:
        for value in (getattr(glyphs(style), field.name) for field in dataclasses.fields(Glyphs)):
            found |= set("".join(value))
    return found | {word[0] for word in (*STATES.values(), *SEVERITIES.values())}


def test_no_glyph_is_an_emoji_or_of_double_width() -> None:
    for glyph in glyphs_used():
        assert cell_len(glyph) == 1, glyph
        assert unicodedata.east_asian_width(glyph) not in ("W", "F"), glyph
        assert glyph not in "▶◀⏸⏺⏹✔✖⚠", glyph


def test_the_ascii_style_is_ascii() -> None:
    drawn = glyphs(GraphStyle.ASCII)
    assert all("".join(getattr(drawn, field.name)).isascii() for field in dataclasses.fields(Glyphs))
    assert in_ascii("Ingress→Book 1.20µs — ✓ 測") == "Ingress>Book 1.20us - = ?"
