"""Events: alerts, control actions, markers; found by a filter, shown on the chart."""

from __future__ import annotations

from collections.abc import Iterator

from textual.widget import Widget
from textual.widgets import Input

from velox_tui.console.charts.chart import TimeChart
from velox_tui.console.screens.base import ConsoleScreen
from velox_tui.console.view import ViewState
from velox_tui.console.widgets.alert_list import AlertList
from velox_tui.console.widgets.event_list import EventList
from velox_tui.telemetry.sample import Sample


class EventsScreen(ConsoleScreen):
    """What is wrong now, what happened, and when that was on the chart."""

    AUTO_FOCUS = "#log"

    def panes(self) -> Iterator[Widget]:
        """Alerts, the filter while one is typed, the log, the chart."""
        yield self.bound(AlertList(id="alerts"))
        yield Input(id="filter", placeholder="filter: any part of the line", compact=True)
        yield self.bound(EventList(id="log"))
        yield self.bound(TimeChart(id="chart"))

    def show(self, sample: Sample, view: ViewState) -> None:
        """The alerts as well."""
        super().show(sample, view)
        self.query_one(AlertList).alerts = self.console_app.session.alerts

    def filter(self) -> None:
        """To the input."""
        entry = self.query_one("#filter", Input)
        entry.add_class("-open")
        entry.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filters while it is typed."""
        self.query_one("#log", EventList).search = event.value

    def on_input_submitted(self) -> None:
        """Enter: to what was found."""
        self._leave_input()

    def key_escape(self) -> None:
        """Escape in the input: no filter."""
        entry = self.query_one("#filter", Input)
        if entry.has_focus:
            entry.value = ""
            self._leave_input()

    def _leave_input(self) -> None:
        entry = self.query_one("#filter", Input)
        entry.set_class(bool(entry.value), "-open")
        self.query_one("#log", EventList).focus()
