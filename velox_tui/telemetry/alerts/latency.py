"""End-to-end latency beyond its limit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from velox_tui.telemetry.alerts.base import Measure, Rule, above
from velox_tui.telemetry.sample import Sample
from velox_tui.telemetry.topology import Role
from velox_tui.telemetry.units import format_ns


class Latency(Rule):
    """The interval's end-to-end 99th percentile beyond the limit."""

    name: ClassVar[str] = "e2e_p99"
    summary: ClassVar[str] = "p99 over the limit"
    why: ClassVar[str] = "One transaction in a hundred leaves later than promised."
    press: ClassVar[str] = "2 for where the tail comes from"

    def measure(self, sample: Sample) -> Iterable[Measure]:
        """The p99 since intended arrival at the last stage's exit."""
        stages = sample.run.topology.stages
        if not stages:
            return
        last = sample.run.topology.histogram(Role.LATENCY_EXIT, stage=stages[-1].index)
        found = sample.quantile(last)
        if found is not None:
            text = f"end-to-end p99 {format_ns(found.p99)}, limit {format_ns(self.limits.e2e_p99_ns)}"
            yield above(float(found.p99), float(self.limits.e2e_p99_ns), text)
