"""The palette: every command of the key table with its key, and themes with live preview."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from velox_tui.console.bindings.keys import shown
from velox_tui.console.bindings.table import KEYS

THEME = "Theme"
"""Name of each theme's command; the app previews the theme while such a command is highlighted."""

HIDDEN = frozenset({"palette", "quit_always", "up", "down", "left", "right", "open", "back"})
"""Of no use in a list of commands."""


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
    """All of them, whatever is focused; those that do not apply now are left out, as a palette cannot
    grey.
    """

    def _commands(self) -> Iterator[Command]:
        app = self.app
        for key in KEYS:
            if key.id not in HIDDEN and app.check_action(key.name, ()):
                run = partial(app.run_action, f"app.{key.action}")
                yield Command(key.label, shown(key, app._keymap), key.tooltip, run)
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


def theme_of(text: str) -> str | None:
    """The theme that a command's text chooses, or None."""
    name, _, theme = text.strip().partition(" ")
    return theme.strip() if name == THEME else None
