"""What a column of the recording is, and how a row is written.

RFC 4180 with comma, LF and UTF-8. Integers are written as such, floats as the shortest text that gives them
back, with a `.`; empty means unknown. Words are 64 bits without a sign and are written as signed numbers
(only sums of ids, a seed and the packed best pair ever reach 2**63), because readers such as polars take
whole numbers as 64 bits with a sign: `value % 2**64` gives the word back. JSON is always quoted: a reader
that guesses the quoting from the first rows, such as duckdb, must see it there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from velox_tui.telemetry.sample import Sample

Cell = int | float | Decimal | str | None
SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, its unit (`ns`, `1/s`, `ratio`, …; "" for none) and what it means."""

    name: str
    unit: str
    doc: str


@dataclass(frozen=True, slots=True)
class Group:
    """Neighbouring columns and how a Sample fills them; as many values as columns, always."""

    columns: tuple[Column, ...]
    values: Callable[[Sample], Sequence[Cell]]


def unique(groups: Sequence[Group]) -> list[Group]:
    """The groups with every name used once: a later one that repeats a name gets `_2`, `_3` … after it."""
    used: set[str] = set()
    result = []
    for group in groups:
        columns = tuple(replace(column, name=_fresh(column.name, used)) for column in group.columns)
        result.append(replace(group, columns=columns))
    return result


def _fresh(name: str, used: set[str]) -> str:
    fresh, number = name, 1
    while fresh in used:
        number += 1
        fresh = f"{name}_{number}"
    used.add(fresh)
    return fresh


def cell_text(cell: Cell) -> str:
    """One cell as it stands in the file."""
    if cell is None or (isinstance(cell, float) and not math.isfinite(cell)):
        return ""
    if not isinstance(cell, str):
        return repr(cell) if isinstance(cell, float) else str(cell)
    if cell.startswith("[") or any(one in cell for one in ',"\r\n'):
        return '"' + cell.replace('"', '""') + '"'
    return cell


def line(cells: Iterable[Cell]) -> bytes:
    """A whole row with its line feed."""
    return (",".join(map(cell_text, cells)) + "\n").encode()
