"""A segment's table as a Topology: the names, roles and units of whatever pipeline published it.

Kinds, roles and units that this version does not know are passed over or taken as "none": a newer engine's
extra rows are no error.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from typing import Any, TypeVar

from velox_tui.engine.segment import Segment, plain
from velox_tui.telemetry.topology import (
    Histogram,
    Kind,
    Ring,
    Role,
    Stage,
    Topology,
    Unit,
    Window,
    Word,
)

_WORDS = (Kind.COUNTER, Kind.GAUGE, Kind.CONFIG)
BASE_PRICE = "config_base_price"
"""The word that holds the lower bound of the book's level 0."""

Number = TypeVar("Number", bound=IntEnum)


def topology(segment: Segment) -> Topology:
    """The shape of the pipeline that a segment describes."""
    rows = list(enumerate(segment.rows))
    words = tuple(_word(index, row) for index, (_, row) in enumerate(_of(rows, *_WORDS)))
    histograms = tuple(
        _histogram(index, number, row) for index, (number, row) in enumerate(_of(rows, Kind.HISTOGRAM))
    )
    stages = sorted((_stage(row) for _, row in _of(rows, Kind.STAGE)), key=lambda stage: stage.index)
    rings = sorted((_ring(row, words) for _, row in _of(rows, Kind.RING)), key=lambda ring: ring.index)
    book = next(_of(rows, Kind.BOOK), None)
    window = None if book is None else _window(segment, words, *book)
    return Topology(tuple(stages), tuple(rings), words, histograms, window, segment.texts())


def _of(rows: list[tuple[int, Any]], *kinds: Kind) -> Iterator[tuple[int, Any]]:
    return ((number, row) for number, row in rows if int(row["kind"]) in kinds)


def _known(numbers: type[Number], value: int, otherwise: Number) -> Number:
    return numbers(value) if value in tuple(numbers) else otherwise


def _text(row: Any, field: str) -> str:
    return plain(row[field])


def _place(row: Any, field: str) -> int | None:
    return int(row[field]) if row[field] >= 0 else None


def _word(index: int, row: Any) -> Word:
    return Word(
        index,
        _text(row, "name"),
        _text(row, "label"),
        Kind(int(row["kind"])),
        _known(Unit, int(row["unit"]), Unit.NONE),
        _known(Role, int(row["role"]), Role.NONE),
        _place(row, "stage"),
        _place(row, "ring"),
    )


def _histogram(index: int, number: int, row: Any) -> Histogram:
    return Histogram(
        index,
        _text(row, "name"),
        _text(row, "label"),
        _known(Unit, int(row["unit"]), Unit.NONE),
        _known(Role, int(row["role"]), Role.NONE),
        _place(row, "stage"),
        _place(row, "ring"),
        number,
    )


def _stage(row: Any) -> Stage:
    return Stage(int(row["stage"]), _text(row, "name"), _text(row, "label"))


def _ring(row: Any, words: tuple[Word, ...]) -> Ring:
    """The consumer is the stage whose word says what was taken from the ring."""
    index, producer = int(row["ring"]), int(row["stage"])
    takers = (word.stage for word in words if word.role == Role.RING_TAKEN and word.ring == index)
    consumer = next((stage for stage in takers if stage is not None), producer + 1)
    unit = _known(Unit, int(row["unit"]), Unit.NONE)
    name, label = _text(row, "name"), _text(row, "label")
    return Ring(index, name, label, producer, consumer, int(row["param"]), unit)


def _window(segment: Segment, words: tuple[Word, ...], number: int, row: Any) -> Window:
    base = next((word.index for word in words if word.name == BASE_PRICE), None)
    base_price = 0 if base is None else int(segment.words()[base])
    return Window(int(row["param"]), max(1, int(row["source"])), base_price, number)
