"""Transactions are dropped at the edge."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from velox_tui.telemetry.alerts.base import Measure, Rule, above
from velox_tui.telemetry.sample import Sample
from velox_tui.telemetry.topology import Role
from velox_tui.telemetry.units import format_grouped, format_rate


class Drops(Rule):
    """More drops a second, by any stage, than the limit."""

    name: ClassVar[str] = "drops"
    severity: ClassVar[str] = "critical"
    summary: ClassVar[str] = "transactions dropped"
    why: ClassVar[str] = (
        "A ring was full and the stage drops rather than waits: these transactions never arrive."
    )
    press: ClassVar[str] = "3 for the rings, - or { to lower the rate"

    def measure(self, sample: Sample) -> Iterable[Measure]:
        """Drops a second over the interval, by stage."""
        for stage in sample.run.topology.stages:
            rate = sample.rate(Role.DROPPED, stage=stage.index)
            if rate is None or not any(sample.run.topology.find(Role.DROPPED, stage=stage.index)):
                continue
            dropped = format_grouped(sample.delta(Role.DROPPED, stage=stage.index))
            text = f"{stage.label} dropped {dropped} ({format_rate(rate)}/s)"
            yield above(rate, self.limits.drops_per_s, text, stage=stage.index)
