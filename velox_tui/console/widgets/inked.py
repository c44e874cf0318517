"""A widget that writes in inks: its lines as strips for Textual, its inks as the terminal is told them."""

from __future__ import annotations

from collections.abc import Mapping

from rich.color import ColorSystem
from rich.console import Console
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from velox_tui.console.palette import Ink, Palette, palette
from velox_tui.console.widgets.line import Line, to_strip


class Inked(Widget):
    """Knows the present theme's palette on its own background."""

    _palette: Palette | None = None
    _codes: Mapping[Ink, str] | None = None

    def strip(self, line: Line) -> Strip:
        """The line, as the terminal's colours demand."""
        if self._palette is None:
            self._palette = palette(self.app.theme_variables, self.background_colors[1])
        strip = to_strip(line, self._palette)
        for one in self.get_line_filters():
            strip = strip.apply_filter(one, self.background_colors[1])
        return strip

    def codes(self, console: Console) -> Mapping[Ink, str]:
        """What the terminal is told for each ink, as Textual tells it the same styles."""
        if self._codes is None:
            system = console._color_system or ColorSystem.TRUECOLOR
            styles = {ink: self.strip((("x", ink),))._segments[0].style or Style.null() for ink in Ink}
            self._codes = {ink: Strip.render_ansi(style, system) for ink, style in styles.items()}
        return self._codes

    def notify_style_update(self) -> None:
        """A new theme or background: other colours."""
        self._palette = self._codes = None
        super().notify_style_update()
