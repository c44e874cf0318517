"""What a chart over time can show: for each subject its curves, by roles, from the history's series."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from velox_tui.console.charts.plot import Curve
from velox_tui.console.palette import Ink, series_ink
from velox_tui.console.widgets.facts import flow_word, rate_series
from velox_tui.console.windows import Windows
from velox_tui.telemetry.series import unit_suffix
from velox_tui.telemetry.topology import Histogram, Role, Stage, Topology
from velox_tui.telemetry.units import format_ns, format_percent, format_rate


@dataclass(frozen=True, slots=True)
class Named:
    """A curve to be: its label and ink, the history's series, and what its values are divided by."""

    label: str
    ink: Ink
    series: str
    divisor: float = 1.0


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing that a chart shows. `log`: the value axis is logarithmic unless the user says otherwise."""

    key: str
    title: str
    unit: Callable[[float], str]
    named: Callable[[Topology], Iterator[Named]]
    log: bool = False

    def curves(self, topology: Topology, windows: Windows, from_ns: int, to_ns: int) -> tuple[Curve, ...]:
        """The curves between two moments."""
        found = []
        for one in self.named(topology):
            times, values = windows.series(one.series, from_ns, to_ns)
            found.append(Curve(one.label, one.ink, times, values / one.divisor))
        return tuple(found)


def _rates(topology: Topology) -> Iterator[Named]:
    for stage in topology.stages:
        word = flow_word(topology, stage)
        if word is not None:
            yield Named(stage.label, series_ink(stage.index), rate_series(word))


def _drops(topology: Topology) -> Iterator[Named]:
    for word in topology.find(Role.DROPPED):
        label = topology.stages[word.stage].label if word.stage is not None else word.label
        yield Named(label, Ink.CRITICAL, rate_series(word))


def _statistic(histogram: Histogram, name: str) -> str:
    return f"{histogram.name}_{name}{unit_suffix(histogram.unit)}"


def _p99(topology: Topology) -> Iterator[Named]:
    for stage in reversed(topology.stages):
        histogram = topology.histogram(Role.LATENCY_EXIT, stage=stage.index)
        if histogram is not None:
            yield Named(stage.label, series_ink(stage.index), _statistic(histogram, "p99"))


def _end_to_end(topology: Topology) -> Iterator[Named]:
    last: Stage | None = topology.stages[-1] if topology.stages else None
    histogram = topology.histogram(Role.LATENCY_EXIT, stage=last.index) if last else None
    if last is None or histogram is None:
        return
    for place, (name, label) in enumerate(
        (("p99", "p99"), ("p50", "p50"), ("p999", "p99.9"), ("max", "max"))
    ):
        yield Named(label, series_ink(last.index + place), _statistic(histogram, name))
    without = topology.histogram(Role.LATENCY_NO_WAIT)
    if without is not None:
        yield Named("p99 no wait", series_ink(last.index + 4), _statistic(without, "p99"))


def _occupancy(topology: Topology) -> Iterator[Named]:
    for ring in topology.rings:
        yield Named(
            ring.label, series_ink(ring.index), f"{ring.name}_high_water_slots", max(1, ring.capacity)
        )


def _busy(topology: Topology) -> Iterator[Named]:
    for stage in topology.stages:
        yield Named(stage.label, series_ink(stage.index), f"{stage.name}_busy_ratio")


def _percent(ratio: float) -> str:
    return format_percent(ratio, decimals=0 if ratio >= 0.1 or not ratio else 1)


def _rate(per_s: float) -> str:
    return format_rate(per_s if per_s >= 1 or not per_s else float(np.round(per_s, 2)))


SUBJECTS: dict[str, Subject] = {
    one.key: one
    for one in (
        Subject("rate", "Throughput /s", _rate, _rates),
        Subject("drops", "Drops /s", _rate, _drops),
        Subject("p99", "p99 at exit", format_ns, _p99, log=True),
        Subject("occupancy", "Ring high water", _percent, _occupancy),
        Subject("busy", "Busy share", _percent, _busy),
        Subject("latency", "End-to-end latency", format_ns, _end_to_end, log=True),
    )
}
"""By key; a chart shows one, or cycles through several."""
FLOW = ("rate", "drops", "p99", "occupancy", "busy")
"""What Flow's chart cycles through."""
