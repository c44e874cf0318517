"""Cores: who runs where, and how busy."""

from __future__ import annotations

from collections.abc import Iterator

from velox_tui.console.screens.base import ConsoleScreen
from velox_tui.console.widgets.base import PaneWidget
from velox_tui.console.widgets.stage_table import StageTable


class CoresScreen(ConsoleScreen):
    """Cores: who runs where, and how busy."""

    def panes(self) -> Iterator[PaneWidget]:
        """In reading order."""
        yield StageTable(id="stages")
