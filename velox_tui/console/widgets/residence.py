"""How long transactions stay in each ring and stage: from the means that the engine counts exactly.

For every transaction the engine adds up its latency since intended arrival when a stage takes it (entry) and
records it when the stage passes it on (exit). The means differ by what lies between; they add up along the
pipe, as percentiles do not.
"""

from __future__ import annotations

from dataclasses import dataclass

from velox_tui.console.view import ViewState
from velox_tui.console.windows import Windows, mean_of
from velox_tui.telemetry.histogram import count
from velox_tui.telemetry.sample import Sample
from velox_tui.telemetry.topology import Kind, Ring, Role, Stage, Topology, Unit, Word


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the mean end-to-end latency; `stage` is the one that it is in, None for a ring."""

    name: str
    mean_ns: float
    stage: int | None


def entry_mean_ns(sample: Sample, windows: Windows, view: ViewState, stage: int) -> float | None:
    """Mean latency at which a stage took its transactions, over the percentile window."""
    change = windows.change(sample, view)
    total = sample.run.topology.first(Role.ENTRY_LATENCY_SUM_NS, stage=stage)
    taken = sample.run.topology.first(Role.IN, stage=stage)
    if change is None or total is None or taken is None or not change.deltas[taken.index]:
        return None
    return int(change.deltas[total.index]) / int(change.deltas[taken.index])


def exit_mean_ns(sample: Sample, windows: Windows, view: ViewState, stage: int) -> float | None:
    """Mean latency at which a stage passed its transactions on, over the percentile window."""
    histogram = sample.run.topology.histogram(Role.LATENCY_EXIT, stage=stage)
    return mean_of(windows.merged(sample, histogram, view))


def ring_wait_ns(sample: Sample, windows: Windows, view: ViewState, ring: Ring) -> float | None:
    """Measured mean time in a ring: entry of its consumer less exit of its producer; never below 0."""
    entered = entry_mean_ns(sample, windows, view, ring.consumer)
    left = exit_mean_ns(sample, windows, view, ring.producer)
    return None if entered is None or left is None else max(0.0, entered - left)


def slots_per_second(sample: Sample, ring: Ring) -> float | None:
    """What the producer put in less what the consumer took out, in slots per second; may be negative."""
    put, taken = (
        _put_word(sample.run.topology, ring),
        sample.run.topology.first(Role.RING_TAKEN, ring=ring.index),
    )
    if sample.deltas is None or not sample.interval_ns or put is None or taken is None:
        return None
    return (int(sample.deltas[put.index]) - int(sample.deltas[taken.index])) * 1e9 / sample.interval_ns


def _put_word(topology: Topology, ring: Ring) -> Word | None:
    role = Role.OUT if ring.unit is Unit.TRANSACTIONS else Role.UNITS_OUT
    return topology.first(role, stage=ring.producer)


def little_ns(sample: Sample, windows: Windows, view: ViewState, ring: Ring) -> float | None:
    """Residence by Little's law, W = L / λ (Little 1961): L the mean number found waiting over all turns of
    the consumer, λ the rate at which it took, over the percentile window.
    """
    topology = sample.run.topology
    found = windows.merged(sample, topology.histogram(Role.OCCUPANCY, ring=ring.index), view)
    change = windows.change(sample, view)
    cycles = topology.first(Role.CYCLES, stage=ring.consumer)
    taken = topology.first(Role.RING_TAKEN, ring=ring.index)
    if found is None or change is None or cycles is None or taken is None:
        return None
    turns = max(int(change.deltas[cycles.index]), count(found))
    rate_per_ns = int(change.deltas[taken.index]) / change.duration_ns
    return found.total / turns / rate_per_ns if turns and rate_per_ns else None


def parts(sample: Sample, windows: Windows, view: ViewState) -> list[Part]:
    """The mean end-to-end latency in parts, in the order of the flow; empty where it cannot be told.

    A stage that holds transactions back (an open bundle) is called a wait.
    """
    topology = sample.run.topology
    found: list[Part] = []
    before_ns = 0.0
    for stage in topology.stages:
        left = exit_mean_ns(sample, windows, view, stage.index)
        entered = entry_mean_ns(sample, windows, view, stage.index) if found else 0.0
        if left is None or entered is None:
            return []
        if found:
            ring = next((one for one in topology.rings if one.consumer == stage.index), None)
            found.append(Part(ring.label if ring else "between", entered - before_ns, None))
        found.append(Part(_stage_name(topology, stage), left - entered, stage.index))
        before_ns = left
    return found


def _stage_name(topology: Topology, stage: Stage) -> str:
    held = topology.first(Role.HELD, stage=stage.index)
    return f"{stage.label} wait" if held is not None and held.kind == Kind.GAUGE else stage.label
