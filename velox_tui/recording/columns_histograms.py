"""Columns from histograms: percentiles of the interval, and the rings' high-water marks."""

from __future__ import annotations

from collections.abc import Iterable

from velox_tui.recording.columns import Cell, Column, Group
from velox_tui.telemetry import histogram
from velox_tui.telemetry.sample import Sample
from velox_tui.telemetry.topology import Histogram, Role, Topology, Unit

_QUANTILES = ("p50", "p90", "p99", "p999", "p9999", "maximum", "mean")


def _suffix(unit: Unit) -> str:
    return "" if unit == Unit.NONE else "_" + unit.name.lower()


def _percentile_columns(topology: Topology, one: Histogram) -> Iterable[Column]:
    place = "" if one.stage is None else f"{topology.stages[one.stage].label}: "
    unit = _suffix(one.unit)
    yield Column(f"{one.name}_count", "", f"{place}{one.label}: values recorded in the interval")
    for name in _QUANTILES:
        short = "max" if name == "maximum" else name
        doc = f"{place}{one.label}: {short} of the interval"
        yield Column(f"{one.name}_{short}{unit}", unit.removeprefix("_"), doc)


def percentiles(topology: Topology) -> Group:
    """Of every histogram: count, percentiles and maximum as highest equivalent values, mean."""
    columns = [column for one in topology.histograms for column in _percentile_columns(topology, one)]

    def values(sample: Sample) -> list[Cell]:
        cells: list[Cell] = []
        for place, found in enumerate(sample.quantiles):
            if found is None:
                known = sample.histograms is not None and sample.histograms[place] is not None
                cells += [0 if known else None] + [None] * len(_QUANTILES)
            else:
                cells += [found.count, *(getattr(found, name) for name in _QUANTILES)]
        return cells

    return Group(tuple(columns), values)


class RunHighWater:
    """The highest occupancy of each ring since the recording began: the only thing that rows remember."""

    def __init__(self, topology: Topology) -> None:
        """Nothing seen yet."""
        self._rings = topology.rings
        self._histograms = [topology.histogram(Role.OCCUPANCY, ring=ring.index) for ring in topology.rings]
        self._highest: list[int | None] = [None] * len(topology.rings)

    def group(self) -> Group:
        """High-water marks of the interval and of the recording, in slots."""
        columns = []
        for ring in self._rings:
            name, doc = f"{ring.name}_high_water", f"{ring.label}: highest occupancy"
            columns.append(Column(f"{name}_slots", "slots", f"{doc} of the interval"))
            columns.append(Column(f"{name}_run_slots", "slots", f"{doc} since the recording began"))
        return Group(tuple(columns), self._values)

    def _values(self, sample: Sample) -> list[Cell]:
        cells: list[Cell] = []
        for place, ring in enumerate(self._rings):
            one = self._histograms[place]
            known = one is not None and sample.histograms is not None
            buckets = sample.histograms[one.index] if known and one and sample.histograms else None
            now = histogram.high_water(buckets, ring.capacity)
            marks = [mark for mark in (self._highest[place], now) if mark is not None]
            self._highest[place] = max(marks, default=None)
            cells += [now, self._highest[place]]
        return cells
