"""A stage thread is pushed off its core."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from velox_tui.telemetry.alerts.base import Measure, Rule, above
from velox_tui.telemetry.sample import Sample
from velox_tui.telemetry.units import format_rate


class Switches(Rule):
    """More involuntary context switches of one stage thread, per second, than the limit."""

    name: ClassVar[str] = "involuntary_switches"
    summary: ClassVar[str] = "stage thread preempted"
    why: ClassVar[str] = "Something else wants its core; every switch is microseconds in the tail."
    press: ClassVar[str] = "4 for the cores; give the stages cores of their own"
    lasting_ns: ClassVar[int] = 3_000_000_000

    def measure(self, sample: Sample) -> Iterable[Measure]:
        """Involuntary switches a second, by the first stage of each thread."""
        for thread in sample.threads:
            if thread.involuntary_switches is None or not sample.interval_ns or not thread.stages:
                continue
            rate = thread.involuntary_switches * 1e9 / sample.interval_ns
            label = sample.run.topology.stages[thread.stages[0]].label
            text = f"{label}'s thread preempted {format_rate(rate)} times a second"
            yield above(rate, self.limits.involuntary_switches_per_s, text, stage=thread.stages[0])
