"""A stage does not move although there is work."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from velox_tui.telemetry.alerts.base import Measure, Rule
from velox_tui.telemetry.sample import Sample, State
from velox_tui.telemetry.topology import Ring, Role
from velox_tui.telemetry.units import format_grouped


class StalledStage(Rule):
    """A stage took nothing in a whole interval while its ring held items."""

    name: ClassVar[str] = "stalled_stage"
    severity: ClassVar[str] = "critical"
    summary: ClassVar[str] = "stage stalled"
    why: ClassVar[str] = "Its thread does not run, or a fault holds it: everything before it backs up."
    press: ClassVar[str] = "4 for its thread, 5 for what was done to it"

    def measure(self, sample: Sample) -> Iterable[Measure]:
        """Items that waited all the interval before a stage that took none, by stage."""
        if sample.deltas is None or sample.state != State.RUNNING:
            return
        for ring in sample.run.topology.rings:
            taken = sample.delta(Role.RING_TAKEN, ring=ring.index)
            waited = _waited(sample, ring)
            if waited is None or taken is None:
                continue
            stalled = waited > 0 and taken == 0
            label = sample.run.topology.stages[ring.consumer].label
            text = f"{label} took nothing; {format_grouped(waited)} wait in {ring.label}"
            yield Measure(float(waited if stalled else 0), stalled, not stalled, text, stage=ring.consumer)


def _waited(sample: Sample, ring: Ring) -> int | None:
    """Items that lay in the ring at the begin of the interval and at its end, if the consumer took none."""
    topology = sample.run.topology
    put = topology.first(Role.UNITS_OUT, stage=ring.producer) or topology.first(Role.OUT, stage=ring.producer)
    taken = topology.first(Role.RING_TAKEN, ring=ring.index)
    if put is None or taken is None or sample.deltas is None:
        return None
    before = int(sample.words[put.index]) - int(sample.deltas[put.index])
    return max(0, before - int(sample.words[taken.index]))
