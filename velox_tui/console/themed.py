"""Themes of the app: loaded from their folders, a failed one told once, previewed while chosen in the
palette.
"""

from __future__ import annotations

import dataclasses

from textual.command import CommandPalette
from textual.theme import BUILTIN_THEMES, Theme

from velox_tui.console import themes
from velox_tui.console.base import ConsoleBase
from velox_tui.console.commands import theme_of


class Themed(ConsoleBase):
    """The themes' part of the app."""

    own_themes: frozenset[str] = frozenset()
    _before_preview: str | None = None

    _loaded: themes.Loaded

    def take_themes(self, loaded: themes.Loaded) -> None:
        """Registers all themes that loaded and takes the one of the settings, else the default. Before the
        app runs.
        """
        for theme in loaded.themes.values():
            self.register_theme(_complete(theme.to_textual()))
        self._loaded = loaded
        self.own_themes = frozenset(loaded.themes)
        self.theme = loaded.choose(self.settings.theme).name

    def tell_themes(self) -> None:
        """One notification for each theme that failed, and for a name that there is not."""
        for failure in self._loaded.failed:
            self.tell(str(failure), title="theme not loaded", severity="warning")
        if self.settings.theme not in self.own_themes:
            known = ", ".join(sorted(self.own_themes))
            self.tell(
                f"no theme {self.settings.theme!r}; there are {known}", title="theme", severity="warning"
            )

    def on_command_palette_option_highlighted(self, event: CommandPalette.OptionHighlighted) -> None:
        """Preview a theme while its command is highlighted, the former one otherwise."""
        hit = getattr(event.highlighted_event.option, "hit", None)
        self._before_preview = self._before_preview or self.theme
        name = theme_of(getattr(hit, "text", None) or "") or self._before_preview
        if name in self.own_themes:
            self.theme = name

    def on_command_palette_closed(self, event: CommandPalette.Closed) -> None:
        """Not chosen: as before."""
        before, self._before_preview = self._before_preview, None
        if before is not None and not event.option_selected:
            self.theme = before


def _complete(theme: Theme) -> Theme:
    """Textual's own styles want more variables in a theme of the terminal's colours than in others."""
    if not theme.ansi:
        return theme
    builtin = BUILTIN_THEMES["ansi-dark" if theme.dark else "ansi-light"]
    return dataclasses.replace(theme, variables={**builtin.variables, **theme.variables})
