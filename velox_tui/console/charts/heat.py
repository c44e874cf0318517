"""Counts by time and value for a heat map. Columns of the past never change: each is merged once and kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from velox_tui.console.charts import axes
from velox_tui.console.charts.axes import Scale, Span
from velox_tui.console.palette import HEATS
from velox_tui.telemetry.histogram import BUCKETS, HIGHEST, merge
from velox_tui.telemetry.past import Past
from velox_tui.telemetry.sample import Buckets
from velox_tui.telemetry.topology import Histogram

Counts = NDArray[np.float64]
_VALUES = np.maximum(HIGHEST.astype(np.float64), 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """How many values fell into each cell: float64 (rows, columns), row 0 the largest values."""

    counts: Counts
    scale: Scale


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One column's values: `below[i]` of them lie in buckets before i, uint32 of shape (BUCKETS + 1,)."""

    below: NDArray[np.uint32]
    lowest: int
    highest: int
    """Buckets of the least and the largest value."""


def column(parts: list[Buckets]) -> Column | None:
    """The intervals of a column together; None where nothing was recorded."""
    merged = merge(parts)
    if not len(merged.indices):
        return None
    below = np.zeros(BUCKETS + 1, np.uint32)
    below[1 + merged.indices.astype(np.intp)] = merged.counts
    return Column(np.cumsum(below, dtype=np.uint32), int(merged.indices[0]), int(merged.indices[-1]))


class HeatColumns:
    """One histogram's columns over a moving span of time."""

    def __init__(self) -> None:
        """Empty."""
        self._of: tuple[object, ...] = ()
        self._kept: dict[int, Column | None] = {}

    def columns(self, history: Past, histogram: Histogram, span: Span, end_ns: int) -> dict[int, Column]:
        """The columns of the span by place, up to `end_ns`; those without values are left out.

        An interval counts in every column whose middle it holds, at least in that of its own middle.
        """
        of = (history.run.run_id, histogram.index, span.column_ns)
        if of != self._of:
            self._of, self._kept = of, {}
        base = span.start_ns // span.column_ns
        complete = min(span.columns, (end_ns - span.start_ns) // span.column_ns)
        found = {number - base: one for number, one in self._kept.items() if 0 <= number - base < complete}
        first = next((place for place in range(span.columns) if place not in found), span.columns)
        fresh: dict[int, list[Buckets]] = {}
        for begin, end, part in history.heat(histogram, span.start_ns + first * span.column_ns, end_ns):
            for place in covered(begin, end, span):
                if place not in found:
                    fresh.setdefault(place, []).append(part)
        found |= {place: column(parts) for place, parts in fresh.items()}
        self._kept = {base + place: found.get(place) for place in range(complete)}
        return {place: one for place, one in sorted(found.items()) if one is not None}


def covered(begin_ns: int, end_ns: int, span: Span) -> range:
    """The columns whose middle an interval holds; at least the one that holds its own middle."""
    width = span.column_ns
    half = width // 2
    first = -((span.start_ns + half - begin_ns) // width)
    last = (end_ns - span.start_ns - half) // width
    if last < first:
        first = last = ((begin_ns + end_ns) // 2 - span.start_ns) // width
    return range(max(0, first), min(span.columns - 1, last) + 1)


def grid(columns: dict[int, Column], width: int, rows: int) -> Grid | None:
    """The columns as cells, on a logarithmic scale around all values; None where there are none."""
    if not columns:
        return None
    lowest = float(_VALUES[min(one.lowest for one in columns.values())])
    highest = float(_VALUES[max(one.highest for one in columns.values())])
    scale = axes.logarithmic(lowest, highest, max(1, rows // 2))
    share = (np.log10(_VALUES) - scale.bottom) / (scale.top - scale.bottom)
    edges = np.searchsorted(share, np.arange(rows + 1) / rows)
    edges[0], edges[-1] = 0, BUCKETS
    counts = np.zeros((rows, width))
    below = np.array([one.below[edges] for one in columns.values()])
    counts[:, list(columns)] = np.diff(below, axis=1).T[::-1]
    return Grid(counts, scale)


def levels(counts: Counts) -> NDArray[np.intp]:
    """Shade of each cell, 0 for none, 1 to HEATS by the logarithm of the count: single outliers show."""
    most = max(2.0, float(counts.max()))
    shades = 1 + np.floor((HEATS - 1) * np.log(np.maximum(counts, 1)) / np.log(most))
    return np.where(counts > 0, shades, 0).astype(np.intp)
