"""The console itself is late."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from velox_tui.telemetry.alerts.base import Measure, Rule, above
from velox_tui.telemetry.sample import Sample
from velox_tui.telemetry.units import format_ns


class LatePolls(Rule):
    """A reading taken later after its deadline than the limit."""

    name: ClassVar[str] = "late_polls"
    summary: ClassVar[str] = "reading taken late"
    why: ClassVar[str] = (
        "This process did not get to run: the pipeline may be well, but a moment of it was not seen."
    )
    press: ClassVar[str] = "4 for what else runs on the cores"

    def measure(self, sample: Sample) -> Iterable[Measure]:
        """Lateness of this reading."""
        text = f"read {format_ns(sample.late_ns)} late"
        yield above(float(sample.late_ns), float(self.limits.late_poll_ns), text)
