"""Time series by name, computed from the rows: the names of the recording's columns, and a few more.

Any word by its own name. `<counter>_per_s` for a counter `<counter>_total`, `<stage>_per_s` for what a stage
puts out, `bundles_per_s`, `dropped_per_s`. `<stage>_busy_ratio`, `<stage>_blocked_ratio`.
`<histogram>_p50_ns` (p90, p99, p999, p9999, max, mean; the unit's suffix as in `unit_suffix`) and
`<histogram>_count`. `<ring>_high_water_slots` of the interval. `core<i>_ratio`, `expected_fill`, `fill`,
`best_bid`, `best_ask`, `spread`, `ledger_position`, `ledger_residual`, `late_ns`, `self_cpu_ratio`,
`self_rss_bytes`.

A value that was not known is NaN.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from velox_tui.telemetry.histogram import HIGHEST
from velox_tui.telemetry.rows import NO_VALUE, Rows
from velox_tui.telemetry.topology import Histogram, Kind, Role, Topology, Unit, Word

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
Series = Callable[[Rows, Numbers], Floats]
"""Values of the rows with these numbers."""
STATISTICS = ("p50", "p90", "p99", "p999", "p9999", "max")


def unit_suffix(unit: Unit) -> str:
    """What a name ends in: `_ns`, `_slots`; nothing for plain numbers."""
    return "" if unit == Unit.NONE else f"_{unit.name.lower()}"


def catalogue(topology: Topology, cores: int) -> dict[str, Series]:
    """Every series by name."""
    named: dict[str, Series] = {word.name: _word(word) for word in topology.words}
    named |= _rates(topology)
    for one in topology.histograms:
        named |= _histogram(one)
    for ring in topology.rings:
        occupancy = topology.histogram(Role.OCCUPANCY, ring=ring.index)
        if occupancy:
            named[f"{ring.name}_high_water_slots"] = _high_water(occupancy, ring.capacity)
    named |= {f"core{core}_ratio": _column("cores", core) for core in range(cores)}
    named |= {"self_cpu_ratio": _column("cost", 0), "self_rss_bytes": _column("cost", 1)}
    named |= {"expected_fill": _column("expected_fill"), "late_ns": _column("late_ns")}
    named |= {"ledger_position": _column("position"), "ledger_residual": _column("residual")}
    return named | _book(topology)


def _word(word: Word) -> Series:
    return _column("words", word.index)


def _column(name: str, index: int | None = None) -> Series:
    def values(rows: Rows, at: Numbers) -> Floats:
        column: NDArray[Any] = getattr(rows, name)
        found = column[rows.slot(at)] if index is None else column[rows.slot(at), index]
        return np.asarray(found, np.float64)

    return values


def _delta(words: tuple[Word, ...]) -> Series:
    """Sum of counters over each row's interval; NaN where it has none."""
    columns = [word.index for word in words]

    def values(rows: Rows, at: Numbers) -> Floats:
        now, then = rows.slot(at), rows.slot(np.maximum(at - 1, rows.first))
        moved = np.zeros(len(at), np.uint64)
        for column in columns:
            moved += rows.words[now, column] - rows.words[then, column]
        unknown = (rows.interval_ns[now] == NO_VALUE) | (at <= rows.first)
        return np.where(unknown, np.nan, moved.astype(np.float64))

    return values


def _per_ns(words: tuple[Word, ...], scale: float) -> Series:
    delta = _delta(words)
    return lambda rows, at: delta(rows, at) * scale / np.maximum(rows.interval_ns[rows.slot(at)], 1)


def _rates(topology: Topology) -> dict[str, Series]:
    named: dict[str, Series] = {}
    for word in topology.words:
        if word.kind == Kind.COUNTER and word.name.endswith("_total"):
            named[word.name.removesuffix("_total") + "_per_s"] = _per_ns((word,), 1e9)
    groups = {"bundles_per_s": Role.UNITS_OUT, "dropped_per_s": Role.DROPPED}
    named |= {name: _per_ns(tuple(topology.find(role)), 1e9) for name, role in groups.items()}
    for stage in topology.stages:
        own = {
            role: tuple(topology.find(role, stage=stage.index))
            for role in (Role.OUT, Role.BUSY_NS, Role.BLOCKED_NS)
        }
        named[f"{stage.name}_per_s"] = _per_ns(own[Role.OUT], 1e9)
        named[f"{stage.name}_busy_ratio"] = _per_ns(own[Role.BUSY_NS], 1.0)
        named[f"{stage.name}_blocked_ratio"] = _per_ns(own[Role.BLOCKED_NS], 1.0)
    return named | _fill(topology)


def _fill(topology: Topology) -> dict[str, Series]:
    units = topology.first(Role.UNITS_OUT)
    out = topology.first(Role.OUT, stage=units.stage) if units else None
    if units is None or out is None:
        return {}
    transactions, bundles = _delta((out,)), _delta((units,))

    def values(rows: Rows, at: Numbers) -> Floats:
        number = bundles(rows, at)
        return transactions(rows, at) / np.where(number > 0, number, np.nan)

    return {"fill": values}


def _histogram(one: Histogram) -> dict[str, Series]:
    def statistic(place: int) -> Series:
        def values(rows: Rows, at: Numbers) -> Floats:
            slot = rows.slot(at)
            found = HIGHEST[rows.quantiles[slot, one.index, place]].astype(np.float64)
            return np.where(rows.counts[slot, one.index] > 0, found, np.nan)

        return values

    suffix = unit_suffix(one.unit)
    named = {f"{one.name}_{name}{suffix}": statistic(place) for place, name in enumerate(STATISTICS)}
    named[f"{one.name}_mean{suffix}"] = _column("means", one.index)
    named[f"{one.name}_count"] = _column("counts", one.index)
    return named


def _high_water(occupancy: Histogram, capacity: int) -> Series:
    highest = _histogram(occupancy)[f"{occupancy.name}_max{unit_suffix(occupancy.unit)}"]
    return lambda rows, at: np.minimum(highest(rows, at), capacity)


def _book(topology: Topology) -> dict[str, Series]:
    word, window = topology.first(Role.BEST_PAIR), topology.book
    if word is None or window is None:
        return {}

    def side(shift: int, offset: int) -> Series:
        def values(rows: Rows, at: Numbers) -> Floats:
            level = (rows.words[rows.slot(at), word.index] >> np.uint64(shift)) & np.uint64(0xFFFF)
            price = window.base_price + (level.astype(np.float64) - 1) * window.ticks_per_level + offset
            return np.where(level > 0, price, np.nan)

        return values

    bid, ask = side(16, 0), side(0, window.ticks_per_level - 1)
    return {"best_bid": bid, "best_ask": ask, "spread": lambda rows, at: ask(rows, at) - bid(rows, at)}
