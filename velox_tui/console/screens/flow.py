"""Flow: is it healthy? Stages, rings, bundles, charts and the ledger on one screen."""

from __future__ import annotations

from collections.abc import Iterator

from textual.containers import Horizontal
from textual.widget import Widget

from velox_tui.console.charts.chart import TimeChart
from velox_tui.console.charts.heatmap import Heatmap
from velox_tui.console.screens.base import ConsoleScreen
from velox_tui.console.widgets.bundles import Bundles
from velox_tui.console.widgets.cores import Cores
from velox_tui.console.widgets.event_list import EventList
from velox_tui.console.widgets.ladder import Ladder
from velox_tui.console.widgets.ledger import LedgerPane
from velox_tui.console.widgets.pipe import Pipe
from velox_tui.console.widgets.ring_table import RingTable
from velox_tui.console.widgets.stage_table import StageTable
from velox_tui.console.widgets.vitals import Vitals


class FlowScreen(ConsoleScreen):
    """The screen that is open all day. Bundles and rings are there twice: above the chart where it is narrow,
    below it and side by side where it is wide.
    """

    def panes(self) -> Iterator[Widget]:
        """From the flow to its proof."""
        yield self.bound(Vitals(id="vitals"))
        yield self.bound(Pipe(id="pipe"))
        yield self.bound(StageTable(id="stages"))
        yield self.bound(Bundles(id="bundles-line"))
        yield self.bound(RingTable(id="rings-above"))
        with Horizontal(id="charts"):
            yield self.bound(TimeChart(id="chart"))
            yield self.bound(TimeChart(("latency",), id="latency-chart"))
            yield self.bound(Heatmap(id="heat"))
        with Horizontal(id="details"):
            yield self.bound(RingTable(id="rings"))
            yield self.bound(Bundles(id="bundles"))
            yield self.bound(Cores(id="cores"))
            yield self.bound(Ladder(id="ladder"))
        yield self.bound(LedgerPane(id="ledger"))
        yield self.bound(EventList(id="events"))
