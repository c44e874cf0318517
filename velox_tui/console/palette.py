"""Inks: what a piece of text means. A palette gives each its style in the present theme.

Panes speak only of inks; colours live in themes/*.toml. An ink that carries a state also carries an attribute
(bold, reverse), so that the state survives NO_COLOR.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache

from rich.style import Style
from textual.color import Color, ColorParseError

SERIES = 8
"""Colours of series; a stage has the colour of its index, modulo."""
HEATS = 8
"""Shades of a heat map."""


class Ink(StrEnum):
    """Meaning of a piece of text."""

    TEXT = "text"
    MUTED = "muted"
    BRIGHT = "bright"
    FRAME = "frame"
    TITLE = "title"
    FOCUS = "focus"
    CHOSEN = "chosen"
    PRIMARY = "primary"
    SECONDARY = "secondary"
    OK = "ok"
    WARN = "warn"
    CRITICAL = "critical"
    INFO = "info"
    BID = "bid"
    ASK = "ask"
    CURSOR = "cursor"
    SERIES_0 = "series-0"
    SERIES_1 = "series-1"
    SERIES_2 = "series-2"
    SERIES_3 = "series-3"
    SERIES_4 = "series-4"
    SERIES_5 = "series-5"
    SERIES_6 = "series-6"
    SERIES_7 = "series-7"
    HEAT_0 = "heat-0"
    HEAT_1 = "heat-1"
    HEAT_2 = "heat-2"
    HEAT_3 = "heat-3"
    HEAT_4 = "heat-4"
    HEAT_5 = "heat-5"
    HEAT_6 = "heat-6"
    HEAT_7 = "heat-7"


_SERIES = tuple(Ink(f"series-{index}") for index in range(SERIES))
_HEATS = tuple(Ink(f"heat-{index}") for index in range(HEATS))

_BOLD = frozenset({Ink.BRIGHT, Ink.TITLE, Ink.FOCUS, Ink.CHOSEN, Ink.WARN, Ink.CRITICAL})
_SAME_AS = {
    Ink.TEXT: "foreground",
    Ink.BRIGHT: "foreground",
    Ink.CURSOR: "foreground",
    Ink.TITLE: "secondary",
    Ink.FOCUS: "primary",
    Ink.CHOSEN: "primary",
}
"""Inks that have no colour token of their own."""


def series_ink(index: int) -> Ink:
    """The ink of a series (of a stage: by its index), modulo the number of them."""
    return _SERIES[index % SERIES]


def heat_ink(level: int) -> Ink:
    """The ink of a heat map's shade, 0 (faintest) to HEATS - 1."""
    return _HEATS[level]


def token(ink: Ink) -> str:
    """The theme's colour token of an ink."""
    return _SAME_AS.get(ink, ink.value)


_TOKENS = tuple(sorted({token(ink) for ink in Ink} | {"foreground"}))


class Palette:
    """Styles of all inks on one background."""

    def __init__(self, styles: Mapping[Ink, Style]) -> None:
        """`styles` has every ink."""
        self._styles = dict(styles)

    def style(self, ink: Ink) -> Style:
        """The style of an ink."""
        return self._styles[ink]


def _color(variables: Mapping[str, str], ink: Ink) -> Color | None:
    """The ink's colour; a theme that is not ours gives its foreground."""
    for name in (token(ink), "foreground"):
        try:
            return Color.parse(variables[name])
        except (KeyError, ColorParseError):
            continue
    return None


@lru_cache(maxsize=64)
def _palette(variables: tuple[tuple[str, str], ...], background: Color) -> Palette:
    """The palette of some of a theme's variables."""
    known = dict(variables)
    styles = {}
    for ink in Ink:
        color = _color(known, ink)
        style = Style.from_color(None if color is None else color.rich_color, background.rich_color)
        styles[ink] = style + Style(bold=ink in _BOLD or None, reverse=ink is Ink.CURSOR or None)
    return Palette(styles)


def palette(variables: Mapping[str, str], background: Color) -> Palette:
    """The palette of a theme's CSS variables (App.theme_variables) on a widget's background."""
    wanted = {token(ink) for ink in Ink} | {"foreground"}
    return _palette(
        tuple((name, variables[name]) for name in sorted(wanted) if name in variables), background
    )
