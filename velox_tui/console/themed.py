"""Themes of the app: loaded from their folders, a failed one told once, previewed while chosen in the palette."""

from __future__ import annotations

import os

from textual.command import CommandPalette

from velox_tui.console import themes
from velox_tui.console.base import ConsoleBase
from velox_tui.console.commands import THEME


class Themed(ConsoleBase):
    """The themes' part of the app."""

    own_themes: frozenset[str] = frozenset()
    _before_preview: str | None = None

    def load_themes(self) -> None:
        """Registers all themes that load and takes the one of the settings, else the default."""
        loaded = themes.load(themes.directories(os.environ))
        for theme in loaded.themes.values():
            self.register_theme(theme.to_textual())
        self.own_themes = frozenset(loaded.themes)
        for failure in loaded.failed:
            self.tell(str(failure), title="theme not loaded", severity="warning")
        wanted = self.settings.theme
        if wanted not in loaded.themes:
            known = ", ".join(sorted(loaded.themes))
            self.tell(f"no theme {wanted!r}; there are {known}", title="theme", severity="warning")
        self.theme = loaded.choose(wanted).name

    def on_command_palette_option_highlighted(self, event: CommandPalette.OptionHighlighted) -> None:
        """Preview a theme while its command is highlighted, the former one otherwise."""
        prompt = getattr(event.highlighted_event.option, "hit", None)
        text = getattr(prompt, "text", None) or ""
        if self._before_preview is None:
            self._before_preview = self.theme
        name = text.removeprefix(THEME) if text.startswith(THEME) else self._before_preview
        if name in self.own_themes:
            self.theme = name

    def on_command_palette_closed(self, event: CommandPalette.Closed) -> None:
        """Not chosen: as before."""
        before, self._before_preview = self._before_preview, None
        if before is not None and not event.option_selected:
            self.theme = before
