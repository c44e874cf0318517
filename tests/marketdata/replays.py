"""A .vtx file read back, and run through the engine under its virtual clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from plain_book import Levels

from velox_tui.engine.options import EngineOptions
from velox_tui.engine.segment import Segment
from velox_tui.engine.simulation import Simulation
from velox_tui.marketdata.vtx import HEADER, TRANSACTION

LONG_NS = 10**15


def header(path: Path) -> Any:
    """The header, as one numpy record."""
    return np.fromfile(path, HEADER, 1)[0]


def transactions(path: Path) -> NDArray[Any]:
    """All transactions."""
    return np.fromfile(path, TRANSACTION, offset=HEADER.itemsize)


@contextmanager
def simulated(path: Path, folder: Path, *, speed_permille: int = 0) -> Iterator[tuple[Simulation, Segment]]:
    """The pipeline fed with the file, at virtual time 0."""
    options = EngineOptions(
        pattern="file",
        input_path=path,
        input_speed_permille=speed_permille,
        on_full="block",
        segment_dir=folder,
    )
    with Simulation(options) as simulation:
        segment = Segment(simulation.segment_path)
        try:
            yield simulation, segment
        finally:
            segment.close()


def word(segment: Segment, name: str) -> int:
    """The value of one word."""
    words = [row["name"].decode() for row in segment.rows if int(row["kind"]) in (3, 4, 5)]
    return int(segment.words()[words.index(name)])


def replayed(path: Path, folder: Path) -> Levels:
    """The engine's book after the whole file, one price a level: lower bounds of its levels."""
    about = header(path)
    with simulated(path, folder) as (simulation, segment):
        simulation.run_until(LONG_NS)
        assert word(segment, "ingress_generated_total") == about["count"]
        assert word(segment, "order_book_applied_total") == about["count"], "the book took everything"
        book = segment.book()
    assert book is not None
    levels: Levels = Counter()
    for side, quantities in zip("BA", book, strict=True):
        for level in np.flatnonzero(quantities):
            price = int(about["base_price"]) + int(level) * int(about["ticks_per_level"])
            levels[side, price] = int(quantities[level])
    return levels
