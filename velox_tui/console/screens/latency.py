"""Latency: where does the tail come from? Percentiles, over time, as a curve, and where the mean goes."""

from __future__ import annotations

from collections.abc import Iterator

from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from velox_tui.console.charts.chart import TimeChart
from velox_tui.console.charts.heatmap import Heatmap
from velox_tui.console.charts.percentile_curve import PercentileCurve
from velox_tui.console.charts.waterfall import Waterfall
from velox_tui.console.screens.base import ConsoleScreen
from velox_tui.console.widgets.latency_table import LatencyTable


class LatencyScreen(ConsoleScreen):
    """The numbers above; over time at the left, their shape and their parts at the right."""

    def panes(self) -> Iterator[Widget]:
        """From the numbers to their shape."""
        yield self.bound(LatencyTable(id="latencies"))
        with Horizontal(id="shapes"):
            with Vertical(id="over-time"):
                yield self.bound(Heatmap(id="heat"))
                yield self.bound(TimeChart(("latency",), id="chart"))
            with Vertical(id="in-parts"):
                yield self.bound(PercentileCurve(id="curve"))
                yield self.bound(Waterfall(id="waterfall"))
