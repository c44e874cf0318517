"""What all dialogs share: a title, a body, one line that says which keys do what, one for an error; escape
leaves.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, Label

from velox_tui.console.screens.once import Once

Result = TypeVar("Result")


class Dialog(ModalScreen[Result], Once[Result]):
    """A box over the screen. Dismissed with None when the user left it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Cancel", show=False)]
    HEADING: ClassVar[str] = ""
    HINT: ClassVar[str] = "enter apply   esc cancel"

    def compose(self) -> ComposeResult:
        """Title, body, error, hint."""
        with Vertical(id="dialog"):
            yield Label(self.heading(), id="heading", markup=False)
            yield from self.body()
            yield Label("", id="error", markup=False)
            yield Label(self.HINT, id="hint", markup=False)

    def heading(self) -> str:
        """The title's text."""
        return self.HEADING

    def body(self) -> Iterator[Widget]:
        """What is between title and hint."""
        raise NotImplementedError

    def complain(self, problem: str) -> None:
        """Shows what is wrong; the dialog stays."""
        self.query_one("#error", Label).update(problem)


class Field(Horizontal):
    """A labelled input with a word on what it takes."""

    def __init__(self, label: str, *, id: str, value: str = "", hint: str = "") -> None:
        """`id` is the input's, `hint` says what it takes."""
        super().__init__(classes="field")
        self._label = label
        self._hint = hint
        self._input = Input(value, id=id, compact=True, select_on_focus=True)

    def compose(self) -> ComposeResult:
        """Label, input, hint."""
        yield Label(self._label, classes="name", markup=False)
        yield self._input
        yield Label(self._hint, classes="takes", markup=False)
