"""The palette: every command of the key table with its key, and themes with live preview."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from velox_tui.console.bindings.keys import KEYS, Key, display

THEME = "Theme"
"""Name of each theme's command; the app previews the theme while such a command is highlighted."""


class Command(NamedTuple):
    """One entry: name, key as a person writes it (may be empty), what it does."""

    name: str
    key: str
    explanation: str
    run: Callable[[], object]

    @property
    def text(self) -> str:
        """One line: key, name, explanation."""
        return f"{self.key:<10} {self.name:<16} {self.explanation}"


class Commands(Provider):
    """All of them, whatever is focused; those that do not apply now are left out, as a palette cannot grey."""

    def _commands(self) -> Iterator[Command]:
        app = self.app
        keymap = app._keymap
        for key in KEYS:
            if key.id not in ("palette", "quit_always") and app.check_action(_name(key), ()):
                keys = keymap.get(key.id, key.keys).split(",")
                run = partial(app.run_action, f"app.{key.action}")
                yield Command(key.label, display(keys[0]), key.tooltip, run)
        for theme in sorted(getattr(app, "own_themes", ())):
            yield Command(THEME, "", theme, partial(setattr, app, "theme", theme))

    async def discover(self) -> Hits:
        """Without a search: the table's order."""
        for command in self._commands():
            yield DiscoveryHit(Content(command.text), command.run, command.text)

    async def search(self, query: str) -> Hits:
        """Fuzzy, in name and key and explanation."""
        matcher = self.matcher(query)
        for command in self._commands():
            score = max(matcher.match(command.name), 0.8 * matcher.match(command.text))
            if score > 0:
                yield Hit(score, matcher.highlight(command.text), command.run, command.text)


def _name(key: Key) -> str:
    return key.action.split("(")[0]



def theme_of(text: str) -> str | None:
    """The theme that a command's text chooses, or None."""
    name, _, theme = text.strip().partition(" ")
    return theme.strip() if name == THEME else None
