"""Flow: is it healthy? Stages, bundles, rings, ledger on one screen."""

from __future__ import annotations

from collections.abc import Iterator

from velox_tui.console.screens.base import ConsoleScreen
from velox_tui.console.widgets.base import PaneWidget
from velox_tui.console.widgets.bundles import Bundles
from velox_tui.console.widgets.ledger import LedgerPane
from velox_tui.console.widgets.ring_table import RingTable
from velox_tui.console.widgets.stage_table import StageTable


class FlowScreen(ConsoleScreen):
    """The screen that is open all day."""

    def panes(self) -> Iterator[PaneWidget]:
        """From the flow to its proof."""
        yield StageTable(id="stages")
        yield Bundles(id="bundles")
        yield RingTable(id="rings")
        yield LedgerPane(id="ledger")
