"""Columns computed from two readings: rates, shares, percentiles, high-water marks, book, cores, expectation,
events.

All concern the measured time since the sample before, `interval_ns`; they are empty in a run's first row.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

import numpy as np

from velox_tui.recording.columns import Cell, Column, Group
from velox_tui.telemetry import book, histogram, units
from velox_tui.telemetry.sample import Event, Sample
from velox_tui.telemetry.topology import Histogram, Role, Topology, Unit

_Measure = Callable[[Sample], Cell]
_QUANTILES = ("p50", "p90", "p99", "p999", "p9999", "maximum", "mean")


def _group(parts: Sequence[tuple[Column, _Measure]]) -> Group:
    measures = [measure for _, measure in parts]
    return Group(
        tuple(column for column, _ in parts), lambda sample: [measure(sample) for measure in measures]
    )


class _Change:
    """Sum of a role's counters over the interval; None at the first reading."""

    def __init__(self, topology: Topology, role: Role, stage: int | None) -> None:
        self.index = np.array([word.index for word in topology.find(role, stage=stage)], np.intp)

    def __call__(self, sample: Sample) -> int | None:
        return None if sample.deltas is None else int(sample.deltas[self.index].sum())

    def per_s(self, sample: Sample) -> float | None:
        """The change by the measured time."""
        change = self(sample)
        return change * 1e9 / sample.interval_ns if change is not None and sample.interval_ns else None

    def share(self, sample: Sample) -> float | None:
        """A change in nanoseconds as a share of the interval."""
        change = self(sample)
        return change / sample.interval_ns if change is not None and sample.interval_ns else None

    def over(self, other: _Change, sample: Sample) -> float | None:
        """This change divided by another's; None where that one is 0 or unknown."""
        own, whole = self(sample), other(sample)
        return own / whole if own is not None and whole else None


def rates(topology: Topology) -> Group:
    """Per stage: transactions, drops and rejections a second, busy and blocked shares; and what a unit
    carries.
    """
    parts: list[tuple[Column, _Measure]] = [
        (
            Column("interval_ns", "ns", "measured time since the sample before"),
            lambda sample: sample.interval_ns,
        ),
        (
            Column("late_ns", "ns", "how much later than its deadline the sample was taken"),
            lambda s: s.late_ns,
        ),
    ]
    for stage in topology.stages:
        for role, name, what in (
            (Role.OUT, "per_s", "transactions put out"),
            (Role.DROPPED, "dropped_per_s", "transactions dropped"),
            (Role.REJECTED, "rejected_per_s", "transactions rejected"),
        ):
            change = _Change(topology, role, stage.index)
            if len(change.index):
                column = Column(f"{stage.name}_{name}", "1/s", f"{stage.label}: {what} a second")
                parts.append((column, change.per_s))
        for role, name, what in (
            (Role.BUSY_NS, "busy_ratio", "share of the time in cycles that moved something"),
            (Role.BLOCKED_NS, "blocked_ratio", "share of the time blocked downstream"),
        ):
            change = _Change(topology, role, stage.index)
            if len(change.index):
                parts.append(
                    (Column(f"{stage.name}_{name}", "ratio", f"{stage.label}: {what}"), change.share)
                )
        parts += _unit_parts(topology, stage.index)
    return _group(parts)


def _unit_parts(topology: Topology, stage: int) -> list[tuple[Column, _Measure]]:
    """Of a stage that puts out units (bundles): how many, how full, and why they were flushed."""
    word = topology.first(Role.UNITS_OUT, stage=stage)
    if word is None:
        return []
    name = word.unit.name.lower()
    units_out, out = _Change(topology, Role.UNITS_OUT, stage), _Change(topology, Role.OUT, stage)
    parts: list[tuple[Column, _Measure]] = [
        (Column(f"{name}_per_s", "1/s", f"{name} put out a second"), units_out.per_s),
        (
            Column("mean_fill", "", f"mean transactions in one of the {name}"),
            lambda sample: out.over(units_out, sample),
        ),
    ]
    for role, cause in ((Role.FLUSH_SIZE, "size"), (Role.FLUSH_TIMEOUT, "timeout")):
        flushed = _Change(topology, role, stage)
        if len(flushed.index):
            column = Column(f"flush_{cause}_ratio", "ratio", f"share of {name} flushed by {cause}")
            parts.append((column, _share_of(flushed, units_out)))
    return parts


def _share_of(part: _Change, whole: _Change) -> _Measure:
    return lambda sample: part.over(whole, sample)


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


def best_prices(topology: Topology) -> Group:
    """Best bid, best ask and spread, with 4 decimals; empty where a side is."""
    word, window = topology.first(Role.BEST_PAIR), topology.book
    if word is None or window is None:
        return Group((), lambda sample: ())
    columns = (
        Column("best_bid", "price", "lower bound of the best bid's level"),
        Column("best_ask", "price", "upper bound of the best ask's level"),
        Column("spread", "price", "best ask - best bid"),
    )

    def values(sample: Sample) -> list[Cell]:
        pair = book.best_pair(int(sample.words[word.index]))
        prices = book.best_bid(window, pair), book.best_ask(window, pair), book.spread(window, pair)
        return [None if price is None else Decimal(price).scaleb(-units.PRICE_DECIMALS) for price in prices]

    return Group(columns, values)


def cores(count: int) -> Group:
    """Utilisation of every core of the machine."""
    columns = (
        Column(f"core{i}_ratio", "ratio", f"utilisation of core {i}, any process") for i in range(count)
    )
    return Group(
        tuple(columns), lambda sample: [*sample.cores[:count], *[None] * (count - len(sample.cores))]
    )


def expected_fill() -> Group:
    """What the model expects of the fill."""
    column = Column("expected_fill", "", "mean fill the model expects at the present settings")
    return Group((column,), lambda sample: [sample.expected_fill])


def event_fields(event: Event) -> dict[str, object]:
    """An event as JSON holds it: without what it does not have."""
    fields = {name: getattr(event, name) for name in ("mono_ns", "kind", "severity", "name", "text")}
    if event.phase:
        fields["phase"] = event.phase
    optional = {name: getattr(event, name) for name in ("value", "stage", "ring")}
    return fields | {name: value for name, value in optional.items() if value is not None}


def events() -> Group:
    """Control actions, markers, alerts and life events of the interval as a one-line JSON list."""
    column = Column("events", "json", "control actions, markers and alerts of the interval; [] for none")
    return Group((column,), lambda sample: [json.dumps([event_fields(one) for one in sample.events])])
