"""Latency: where does the tail come from? Percentiles, over time, as a curve, and where the mean goes."""

from __future__ import annotations

from collections.abc import Iterator

from textual.containers import Horizontal
from textual.widget import Widget

from velox_tui.console.screens.base import ConsoleScreen
from velox_tui.console.widgets.latency_table import LatencyTable


class LatencyScreen(ConsoleScreen):
    """Table, heat map, curve, waterfall."""

    def panes(self) -> Iterator[Widget]:
        """From the numbers to their shape."""
        yield self.bound(LatencyTable(id="latencies"))
        with Horizontal(id="shapes"):
            pass
