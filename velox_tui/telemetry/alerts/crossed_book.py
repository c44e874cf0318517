"""The order book is crossed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from velox_tui.telemetry.alerts.base import Measure, Rule
from velox_tui.telemetry.book import best_pair
from velox_tui.telemetry.sample import Sample
from velox_tui.telemetry.topology import Role
from velox_tui.telemetry.units import format_grouped


class CrossedBook(Rule):
    """The best bid at or above the best ask, now or after an update of the interval."""

    name: ClassVar[str] = "crossed_book"
    summary: ClassVar[str] = "order book crossed"
    why: ClassVar[str] = (
        "The book does not match orders: the flow is crossed, or cancels were dropped with the rest."
    )
    press: ClassVar[str] = "3 for the ladder"

    def measure(self, sample: Sample) -> Iterable[Measure]:
        """Updates of the interval that left it crossed, and 1 more where it is so now."""
        word = sample.run.topology.first(Role.BEST_PAIR)
        crossed = sample.delta(Role.CROSSED)
        if word is None or crossed is None:
            return
        now = best_pair(int(sample.words[word.index])).crossed
        found = crossed + now
        text = f"crossed{' now' if now else ''} after {format_grouped(crossed)} updates"
        yield Measure(float(found), found > 0, found == 0, text)
