"""A dialog of one line: what is typed is checked by its owner and shown wrong until it is right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from textual.widget import Widget
from textual.widgets import Input, Label

from velox_tui.console.screens.dialog import Dialog

Value = TypeVar("Value")


class Entry(Dialog[Value], Generic[Value]):
    """Asks for one line; dismissed with what `read` makes of it. `read` raises ValueError with one clear
    line.
    """

    def __init__(
        self,
        heading: str,
        explanation: str,
        read: Callable[[str], Value],
        *,
        characters_max: int = 0,
    ) -> None:
        """Asked once it is pushed; no more than `characters_max` are taken, 0: any number."""
        super().__init__()
        self._heading = heading
        self._explanation = explanation
        self._read = read
        self._characters_max = characters_max

    def heading(self) -> str:
        """What is asked for."""
        return self._heading

    def body(self) -> Iterator[Widget]:
        """The explanation and the field."""
        yield Label(self._explanation, classes="explanation", markup=False)
        yield Input(id="entry", max_length=self._characters_max, compact=True)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter: take it, or say what is wrong."""
        try:
            value = self._read(event.value)
        except ValueError as error:
            self.complain(str(error))
            return
        self.dismiss(value)
