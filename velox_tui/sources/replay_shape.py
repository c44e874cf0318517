"""The shape of a recorded pipeline: as its frames or meta file tell, as far as its rows have columns for it.

Where neither is there, the columns are held against this engine's own table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from velox_tui.sources.canned_topology import canned_topology
from velox_tui.telemetry.topology import Role, Topology, Window

_DIGITS_MAX = 20
"""Of a word of 64 bits."""


def with_columns(topology: Topology, names: Mapping[str, int]) -> Topology:
    """The topology with those words only that have a column, or need none; itself where all have."""
    words = [word for word in topology.words if word.name in names or word.role == Role.STATE]
    if len(words) == len(topology.words):
        return topology
    return replace(topology, words=tuple(replace(word, index=place) for place, word in enumerate(words)))


def of_columns(names: Mapping[str, int], cells: Sequence[str]) -> Topology | None:
    """This engine's shape, with the ring sizes and the book that a row tells; None for another pipeline's."""
    known = canned_topology()
    ends = (
        known.first(Role.IN, stage=known.stages[0].index),
        known.first(Role.OUT, stage=known.stages[-1].index),
    )
    if any(word is None or word.name not in names for word in ends):
        return None

    def told(name: str, otherwise: int) -> int:
        text = cells[names[name]] if name in names and names[name] < len(cells) else ""
        number = int(text) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS_MAX else 0
        return number if 0 < number < 2**64 else otherwise

    rings = tuple(
        replace(ring, capacity=told(f"config_ring{ring.index}_slots", ring.capacity)) for ring in known.rings
    )
    histograms = [one for one in known.histograms if f"{one.name}_count" in names]
    book = known.book
    if book is not None:
        book = Window(
            told("config_levels", book.levels),
            told("config_ticks_per_level", book.ticks_per_level),
            told("config_base_price", book.base_price),
            book.row,
        )
    return with_columns(
        replace(
            known,
            rings=rings,
            histograms=tuple(replace(one, index=place) for place, one in enumerate(histograms)),
            book=book if "best_pair" in names else None,
            texts=(),
        ),
        names,
    )
