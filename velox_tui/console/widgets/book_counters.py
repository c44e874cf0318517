"""What the order book counted: applied, rejected by cause, retries, crossed updates."""

from __future__ import annotations

from velox_tui.console.palette import Ink
from velox_tui.console.widgets import numbers
from velox_tui.console.widgets.base import PaneWidget
from velox_tui.console.widgets.facts import per_second
from velox_tui.console.widgets.line import Line, clean, line
from velox_tui.console.widgets.table import Column, cell, choose, heads, row
from velox_tui.telemetry.topology import Role, Word

COLUMNS = (
    Column("what", "UPDATES", 16, widest=28, left=True),
    Column("rate", "PER s", 7),
    Column("total", "TOTAL", 7, widest=15),
)


class BookCounters(PaneWidget):
    """Sample → one row per counter of the book; those that should be 0 are dim then."""

    TITLE = "Updates"
    HELP = """\
- **applied** updates of a level. **rejected** by cause: the price lies outside the window, the quantity would
  overflow or go below zero, contention (100 tries), an invalid transaction. A rejected transaction still goes
  on to its bundle.
- **CAS retries** compare-and-swaps that lost to another writer. **crossed** updates that left the book
  crossed.
"""

    def content(self, width: int, height: int) -> list[Line]:
        """Head and rows, those that are not zero first where there is no room for all."""
        sample = self.sample
        if sample is None:
            return []
        topology = sample.run.topology
        roles = (Role.APPLIED, Role.REJECTED, Role.CAS_RETRIES, Role.CROSSED)
        words = [word for role in roles for word in topology.find(role)]
        columns = choose(COLUMNS, width - 1)
        head = [line((" ", Ink.TEXT), *heads(columns))] if height > len(words) else []
        if len(words) > height:
            words.sort(key=lambda word: not sample.value(word))
        return head + [line((" ", Ink.TEXT), *row(columns, self._values(word, columns))) for word in words]

    def _values(self, word: Word, columns: tuple[Column, ...]) -> dict[str, Line]:
        assert self.sample is not None
        rate, value = per_second(self.sample, word), self.sample.value(word)
        width = next(column.width for column in columns if column.key == "total")
        ink = Ink.TEXT if word.role == Role.APPLIED else Ink.WARN
        return {
            "what": cell(clean(word.label), Ink.MUTED),
            "rate": numbers.rate(rate, ink),
            "total": numbers.total(value, width, ink),
        }
