"""Events: alerts, control actions, markers."""

from __future__ import annotations

from collections.abc import Iterator

from velox_tui.console.screens.base import ConsoleScreen
from velox_tui.console.widgets.base import PaneWidget
from velox_tui.console.widgets.ledger import LedgerPane


class EventsScreen(ConsoleScreen):
    """Events: alerts, control actions, markers."""

    def panes(self) -> Iterator[PaneWidget]:
        """In reading order."""
        yield LedgerPane(id="ledger")

    def filter(self) -> None:
        """To the filter."""
