"""A question with two answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Label

from velox_tui.console.screens.dialog import Dialog


class Ask(Dialog[bool]):
    """Dismissed with True for yes, None for no. ctrl+c and ctrl+q again mean yes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,enter", "answer", "Yes", show=False),
        Binding("n", "dismiss", "No", show=False),
    ]
    HINT = "y yes   n no"

    def __init__(self, heading: str, text: str) -> None:
        """`text` says what yes means."""
        super().__init__()
        self._heading = heading
        self._text = text

    def heading(self) -> str:
        """The question's title."""
        return self._heading

    def body(self) -> Iterator[Widget]:
        """The question."""
        yield Label(self._text, markup=False)

    def action_answer(self) -> None:
        """Yes."""
        self.dismiss(True)
