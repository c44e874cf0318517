"""Fixed columns that go one after the other when it gets narrow, so that numbers stand still."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from velox_tui.console.palette import Ink
from velox_tui.console.widgets.line import Line, Span, cells, fit, line, right

ALWAYS = 100
"""Weight of a column that never goes."""


@dataclass(frozen=True, slots=True)
class Column:
    """`weight`: the least goes first. `width` in cells without the gap before it; it grows up to `widest`."""

    key: str
    head: str
    width: int
    weight: int = ALWAYS
    widest: int = 0
    left: bool = False


def choose(columns: Sequence[Column], width: int, gap: int = 1) -> tuple[Column, ...]:
    """The columns that fit, in their order; room left over widens those that may grow, first ones first."""
    chosen = list(columns)
    while len(chosen) > 1 and _total(chosen, gap) > width:
        lightest = min(chosen, key=lambda column: column.weight)
        if lightest.weight >= ALWAYS:
            break
        chosen.remove(lightest)
    room = width - _total(chosen, gap)
    for index, column in enumerate(chosen):
        more = min(room, max(0, column.widest - column.width))
        if more > 0:
            chosen[index] = replace(column, width=column.width + more)
            room -= more
    return tuple(chosen)


def _total(columns: Sequence[Column], gap: int) -> int:
    return sum(column.width for column in columns) + gap * (len(columns) - 1)


def cell(text: str, ink: Ink = Ink.TEXT) -> Line:
    """A column's value of one ink."""
    return ((text, ink),)


def row(columns: Sequence[Column], values: Mapping[str, Line], gap: int = 1) -> Line:
    """One line of a table; a missing value is blank. A number that does not fit shows as dots, never cut."""
    spans: list[Span] = []
    for index, column in enumerate(columns):
        if index:
            spans.append((" " * gap, Ink.TEXT))
        spans += _aligned(column, values.get(column.key, ()))
    return line(*spans)


def _aligned(column: Column, value: Line) -> Line:
    if column.left or cells(value) == column.width:
        return fit(value, column.width)
    if len(value) == 1:
        return ((right(value[0][0], column.width), value[0][1]),)
    return fit(((" " * (column.width - cells(value)), Ink.TEXT), *value), column.width)


def heads(columns: Sequence[Column], gap: int = 1) -> Line:
    """The table's head."""
    return row(columns, {column.key: cell(column.head, Ink.MUTED) for column in columns}, gap)


def placed(columns: Sequence[Column], key: str, gap: int = 1) -> tuple[int, int] | None:
    """Where a column begins, and its width; None when it went."""
    at = 0
    for column in columns:
        if column.key == key:
            return at, column.width
        at += column.width + gap
    return None
