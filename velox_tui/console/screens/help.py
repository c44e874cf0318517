"""Help: what each number of the focused pane means, then every key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Label, Markdown, Static

from velox_tui.console.bindings.keys import display
from velox_tui.console.bindings.table import KEYS
from velox_tui.console.screens.once import Once
from velox_tui.console.widgets.base import PaneWidget

INTRODUCTION = """\
Transactions flow **Ingress → OrderBook → Bundle → Output** through lock-free rings. Everything shown is read
from counters in shared memory once an interval; watching costs the pipeline nothing. Rates divide by the
measured time between two readings. `—` is unknown, never zero.
"""


class HelpScreen(ModalScreen[None], Once[None]):
    """A page over the screen; escape, ? and q leave it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q", "dismiss", "Back", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("space,pagedown", "scroll(10)", show=False),
        Binding("pageup", "scroll(-10)", show=False),
    ]

    def __init__(self, pane: PaneWidget | None) -> None:
        """On this pane; None: on the console as a whole."""
        super().__init__()
        self._pane = pane

    def compose(self) -> ComposeResult:
        """The page."""
        pane = self._pane
        with VerticalScroll(id="page"):
            yield Markdown(INTRODUCTION if pane is None else f"## {pane.TITLE}\n\n{pane.HELP}")
            yield Markdown("## Keys")
            yield Static(keys_page(self.app._keymap), markup=False)
        yield Label("arrows scroll   tab then ? another pane   esc back", id="hint", markup=False)

    def action_scroll(self, lines: int) -> None:
        """Up or down the page."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)


def keys_page(keymap: Mapping[str, str]) -> str:
    """Every key, grouped, with the config's changes: one line each."""
    lines: list[str] = []
    group = ""
    for key in KEYS:
        if key.group != group:
            group = key.group
            lines += ["", group]
        written = " ".join(display(one) for one in keymap.get(key.id, key.keys).split(","))
        lines.append(f"  {written:<11}{key.label:<15}{key.tooltip}")
    return "\n".join(lines[1:])
