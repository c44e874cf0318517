"""Rings & book: what waits where, and the prices."""

from __future__ import annotations

from collections.abc import Iterator

from velox_tui.console.screens.base import ConsoleScreen
from velox_tui.console.widgets.base import PaneWidget
from velox_tui.console.widgets.ring_table import RingTable


class RingsScreen(ConsoleScreen):
    """Rings & book: what waits where, and the prices."""

    def panes(self) -> Iterator[PaneWidget]:
        """In reading order."""
        yield RingTable(id="rings")
