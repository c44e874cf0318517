"""Bundles go out after their deadline."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from velox_tui.telemetry.alerts.base import Measure, Rule, above
from velox_tui.telemetry.sample import Sample
from velox_tui.telemetry.topology import Role
from velox_tui.telemetry.units import format_percent


class LateFlushes(Rule):
    """More of the interval's bundles flushed late than the limit."""

    name: ClassVar[str] = "late_flushes"
    summary: ClassVar[str] = "bundles flushed late"
    why: ClassVar[str] = (
        "The bundle stage wakes too late to keep the timeout: latency is longer than it promises."
    )
    press: ClassVar[str] = "t to choose another waiting or timeout, 4 for its thread"
    lasting_ns: ClassVar[int] = 3_000_000_000

    def measure(self, sample: Sample) -> Iterable[Measure]:
        """Late share of the interval's bundles, by stage."""
        for stage in sample.run.topology.stages:
            late = sample.delta(Role.FLUSH_LATE, stage=stage.index)
            bundles = sample.delta(Role.UNITS_OUT, stage=stage.index)
            if late is None or not bundles:
                continue
            ratio = late / bundles
            text = f"{format_percent(ratio, decimals=1)} of bundles flushed late"
            yield above(ratio, self.limits.late_flush_ratio, text, stage=stage.index)
