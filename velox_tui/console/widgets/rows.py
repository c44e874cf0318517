"""Panes with rows: one of them may be selected with the arrows or the mouse, and opened with enter."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.reactive import reactive

from velox_tui.console.palette import Ink
from velox_tui.console.widgets.base import PaneWidget
from velox_tui.console.widgets.line import Span


class RowsPane(PaneWidget):
    """A pane whose content ends in `row_count()` rows. The selected one is marked while the pane has the
    focus.
    """

    LINES_PER_ROW: ClassVar[int] = 1

    selected: reactive[int] = reactive(0, repaint=False)
    _first_line = 0
    _first_row = 0

    def row_count(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    def row_key(self, row: int) -> object:
        """What a row stands for, as `Opened.key`."""
        return row

    def shown(self, lines_above: int, room: int) -> range:
        """Which rows to show in `room` lines, so that the selected one is among them; `lines_above` says how
        many content lines precede them.
        """
        fitting = max(1, room // self.LINES_PER_ROW)
        count = self.row_count()
        row = min(self.selected, max(0, count - 1))
        first = min(max(0, row - fitting + 1), max(0, count - fitting))
        self._first_line, self._first_row = lines_above, first
        return range(first, min(count, first + fitting))

    def marker(self, row: int) -> Span:
        """One cell before a row."""
        return (self.glyphs.cursor if row == self.selected and self.has_focus else " ", Ink.FOCUS)

    def step(self, dx: int, dy: int) -> bool:
        """Up and down through the rows."""
        if not dy or not self.row_count():
            return False
        self.selected = min(max(0, self.selected + dy), self.row_count() - 1)
        return True

    def open_row(self) -> None:
        """Opens the selected row."""
        if self.selected < self.row_count():
            self.post_message(self.Opened(self, self.row_key(self.selected)))

    def watch_selected(self) -> None:
        """The mark moves."""
        self.update_lines()

    def on_click(self, event: events.Click) -> None:
        """A click selects the row under it, a double click opens it."""
        line = event.y - (1 if self.titled(self.content_size.height) else 0) - self._first_line
        row = self._first_row + line // self.LINES_PER_ROW
        if line >= 0 and row < self.row_count():
            self.selected = row
            if event.chain > 1:
                self.open_row()
