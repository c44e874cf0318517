"""The pipeline's process is gone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from velox_tui.telemetry.alerts.base import Measure, Rule
from velox_tui.telemetry.sample import Sample, State


class Lost(Rule):
    """The process that ran the pipeline ended without stopping it."""

    name: ClassVar[str] = "pipeline_lost"
    severity: ClassVar[str] = "critical"
    summary: ClassVar[str] = "pipeline lost"
    why: ClassVar[str] = (
        "Its process was killed or crashed: what was in the rings is gone, the last reading stays."
    )
    press: ClassVar[str] = "q to leave, then start the pipeline again"

    def measure(self, sample: Sample) -> Iterable[Measure]:
        """1 while it is gone."""
        lost = sample.state == State.LOST
        yield Measure(float(lost), lost, not lost, f"process {sample.run.pid} is gone")
