"""Events: alerts, control actions, markers; found by a filter, shown on the charts."""

from __future__ import annotations

from collections.abc import Iterator

from textual.widget import Widget
from textual.widgets import Input

from velox_tui.console.screens.base import ConsoleScreen
from velox_tui.console.widgets.event_list import EventList


class EventsScreen(ConsoleScreen):
    """The log, with an input for its filter while one is typed."""

    def panes(self) -> Iterator[Widget]:
        """The filter above the log."""
        yield Input(id="filter", placeholder="filter: any part of the line", compact=True)
        yield self.bound(EventList(id="log"))

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
