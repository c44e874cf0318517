"""Help: what each number of the focused pane means, then every key."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Label, Markdown

from velox_tui.console.bindings.keys import KEYS, Key, display
from velox_tui.console.widgets.base import PaneWidget

INTRODUCTION = """Transactions flow **Ingress → OrderBook → Bundle → Output** through lock-free rings. Everything shown
is read from counters in shared memory once an interval; watching costs the pipeline nothing. Rates divide by the
measured time between two readings. `—` is unknown, never zero.
"""


class HelpScreen(ModalScreen[None]):
    """A page over the screen; escape, ? and q leave it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q", "dismiss", "Back", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("space,pagedown", "scroll(10)", show=False),
        Binding("pageup", "scroll(-10)", show=False),
    ]

    def __init__(self, pane: PaneWidget | None) -> None:
        super().__init__()
        self._pane = pane

    def compose(self) -> ComposeResult:
        """The page."""
        with VerticalScroll(id="page"):
            yield Markdown(self.text())
        yield Label("↑↓ scroll   tab then ? for another pane   esc back", id="hint", markup=False)

    def text(self) -> str:
        """The whole page as Markdown."""
        pane = self._pane
        about = INTRODUCTION if pane is None else f"## {pane.TITLE}\n\n{pane.HELP}\n"
        return f"{about}\n## Keys\n\n{keys_table(self.app._keymap)}"

    def action_scroll(self, lines: int) -> None:
        """Up or down the page."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)


def keys_table(keymap: dict[str, str]) -> str:
    """Every key as Markdown, grouped, with the config's changes."""
    groups: dict[str, list[Key]] = {}
    for key in KEYS:
        groups.setdefault(key.group, []).append(key)
    parts = []
    for group, keys in groups.items():
        rows = "\n".join(f"| `{_shown(key, keymap)}` | {key.label} | {key.tooltip} |" for key in keys)
        parts.append(f"**{group}**\n\n| key | | |\n|---|---|---|\n{rows}\n")
    return "\n".join(parts)


def _shown(key: Key, keymap: dict[str, str]) -> str:
    return " ".join(display(one) for one in keymap.get(key.id, key.keys).split(","))
