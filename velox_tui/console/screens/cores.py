"""Cores: who runs where, how busy, and what disturbs it."""

from __future__ import annotations

from collections.abc import Iterator

from textual.widget import Widget

from velox_tui.console.charts.chart import TimeChart
from velox_tui.console.screens.base import ConsoleScreen
from velox_tui.console.widgets.cores import Cores


class CoresScreen(ConsoleScreen):
    """Stage threads, the console's own cost, all other cores; how busy they were."""

    def panes(self) -> Iterator[Widget]:
        """The table and how it went."""
        yield self.bound(Cores(id="cores"))
        yield self.bound(TimeChart(("busy",), id="chart"))
