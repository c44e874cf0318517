"""A ring fills up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from velox_tui.telemetry.alerts.base import Measure, Rule, above
from velox_tui.telemetry.histogram import high_water
from velox_tui.telemetry.sample import Sample
from velox_tui.telemetry.topology import Ring, Role
from velox_tui.telemetry.units import format_percent


class RingOccupancy(Rule):
    """A ring's high-water mark of the interval beyond a share of its slots."""

    name: ClassVar[str] = "ring_occupancy"
    summary: ClassVar[str] = "ring filling"
    why: ClassVar[str] = (
        "The stage behind it does not keep up; when the ring is full, the stage before it waits or drops."
    )
    press: ClassVar[str] = "3 for the rings, 4 for what its stage does"

    def measure(self, sample: Sample) -> Iterable[Measure]:
        """High-water share by ring."""
        for ring in sample.run.topology.rings:
            ratio = _high_water_ratio(sample, ring)
            if ratio is not None:
                text = f"{ring.label} {format_percent(ratio)} of {ring.capacity} slots"
                yield above(ratio, self.limits.ring_occupancy_ratio, text, ring=ring.index)


def _high_water_ratio(sample: Sample, ring: Ring) -> float | None:
    occupancy = sample.run.topology.histogram(Role.OCCUPANCY, ring=ring.index)
    if sample.deltas is None or occupancy is None or ring.capacity <= 0:
        return None
    found = sample.quantile(occupancy)
    if sample.histograms is not None:
        return (high_water(sample.histograms[occupancy.index], ring.capacity) or 0) / ring.capacity
    return None if found is None else min(found.maximum, ring.capacity) / ring.capacity
