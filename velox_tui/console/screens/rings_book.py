"""Rings & book: what waits where and for how long; the order book around its best prices."""

from __future__ import annotations

from collections.abc import Iterator

from textual.containers import Horizontal
from textual.widget import Widget

from velox_tui.console.charts.chart import TimeChart
from velox_tui.console.screens.base import ConsoleScreen
from velox_tui.console.widgets.book_counters import BookCounters
from velox_tui.console.widgets.ladder import Ladder
from velox_tui.console.widgets.ring_details import RingDetails


class RingsScreen(ConsoleScreen):
    """Rings above, book below."""

    def panes(self) -> Iterator[Widget]:
        """From the first ring to the prices."""
        yield self.bound(RingDetails(id="details"))
        yield self.bound(TimeChart(("occupancy",), id="chart"))
        with Horizontal(id="book"):
            yield self.bound(Ladder(id="ladder"))
            yield self.bound(BookCounters(id="counters"))
