"""The palette: every command of the key table with its key, and themes with live preview."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from textual.app import App
from textual.command import DiscoveryHit, Hit, Hits, Provider

from velox_tui.console.bindings.keys import KEYS, Key, display

THEME = "Theme: "
"""Begins the name of each theme's command; the app previews the theme while such a command is highlighted."""


class Command(NamedTuple):
    """One entry: name, key as a person writes it (may be empty), what it does."""

    name: str
    key: str
    explanation: str
    run: Callable[[], object]

    @property
    def text(self) -> str:
        """What is searched: name and key."""
        return f"{self.name}  [{self.key}]" if self.key else self.name


class Commands(Provider):
    """All of them, whatever is focused; those that do not apply now are left out, as a palette cannot grey."""

    def _commands(self) -> Iterator[Command]:
        app = self.app
        keymap = app._keymap
        for key in KEYS:
            if key.id not in ("palette", "quit_always") and app.check_action(_name(key), ()):
                keys = keymap.get(key.id, key.keys).split(",")
                yield Command(key.label, display(keys[0]), key.tooltip, partial(app.run_action, f"app.{key.action}"))
        for theme in sorted(theme_names(app)):
            yield Command(THEME + theme, "", "colours", partial(setattr, app, "theme", theme))

    async def discover(self) -> Hits:
        """Without a search: the table's order."""
        for command in self._commands():
            yield DiscoveryHit(command.text, command.run, help=command.explanation)

    async def search(self, query: str) -> Hits:
        """Fuzzy, in name and key and explanation."""
        matcher = self.matcher(query)
        for command in self._commands():
            score = max(matcher.match(command.text), 0.8 * matcher.match(command.explanation))
            if score > 0:
                yield Hit(score, matcher.highlight(command.text), command.run, help=command.explanation)


def _name(key: Key) -> str:
    return key.action.split("(")[0]


def theme_names(app: App[int]) -> list[str]:
    """Themes to choose from: those that are loaded, not those that Textual brings."""
    return [name for name in app.available_themes if name in getattr(app, "own_themes", ())]
