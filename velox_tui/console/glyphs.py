"""Every glyph the console draws, per graph style, and the glyph and word of each state.

A state is told by glyph, word and colour together, so that no one of them has to be seen. Braille and block
glyphs are single-width outside East-Asian locales; the ascii style needs nothing but ASCII.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from velox_tui.telemetry.sample import State


class GraphStyle(StrEnum):
    """What graphs are drawn with."""

    BRAILLE = "braille"
    BLOCK = "block"
    ASCII = "ascii"


@dataclass(frozen=True, slots=True)
class Glyphs:
    """One style's glyphs, each a single cell."""

    rule: str
    rule_focused: str
    vertical: str
    horizontal: str
    corners: str
    """Top left, top right, bottom left, bottom right."""
    axis_y: str
    axis_corner: str
    axis_x: str
    event: str
    cursor: str
    """Before the selected row."""
    chosen: tuple[str, str]
    """Around the chosen one of several options."""
    bar: tuple[str, ...]
    """Horizontal bar, from empty to full in equal parts of a cell; the first is the empty cell."""
    levels: tuple[str, ...]
    """Vertical bar in one cell, from zero to full."""
    shades: tuple[str, ...]
    """Density, from none to full."""
    mark: str
    """High-water mark of the run on an occupancy bar."""
    mark_window: str
    """That of the window."""
    groove: str
    """The empty part of an occupancy bar."""
    edge: str
    """Left end of an occupancy bar."""
    arrow: str
    good: str
    bad: str
    warn: str
    unknown: str
    """A value that is not known, e.g. a rate at the first reading."""
    position: str
    """Where the replay stands."""
    paused: str
    playing: str
    record: str


UNICODE = Glyphs(
    rule="─",
    rule_focused="━",
    vertical="│",
    horizontal="─",
    corners="┌┐└┘",
    axis_y="┤",
    axis_corner="└",
    axis_x="─",
    event="▲",
    cursor="▸",
    chosen=("‹", "›"),
    bar=("░", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"),
    levels=(" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"),
    shades=(" ", "░", "▒", "▓", "█"),
    mark="│",
    mark_window="┊",
    groove="·",
    edge="▏",
    arrow="►",
    good="✓",
    bad="✗",
    warn="▲",
    unknown="—",
    position="┃",
    paused="‖",
    playing="►",
    record="●",
)

ASCII = Glyphs(
    rule="-",
    rule_focused="=",
    vertical="|",
    horizontal="-",
    corners="++++",
    axis_y="|",
    axis_corner="+",
    axis_x="-",
    event="^",
    cursor=">",
    chosen=("<", ">"),
    bar=(".", "#"),
    levels=(" ", ".", ":", "-", "=", "+", "*", "#"),
    shades=(" ", ".", ":", "+", "#"),
    mark="|",
    mark_window=":",
    groove=".",
    edge="[",
    arrow=">",
    good="=",
    bad="x",
    warn="!",
    unknown="-",
    position="|",
    paused="=",
    playing=">",
    record="*",
)


_IN_ASCII = str.maketrans(
    {
        "→": ">",
        "—": "-",
        "µ": "u",
        "…": "~",
        "‹": "<",
        "›": ">",
        "×": "x",
        "·": ".",
        "✓": "=",
        "✗": "x",
        "▓": "#",
        "↑": "^",
    }
)


def in_ascii(text: str) -> str:
    """The text in ASCII and in the same number of characters; what has no likeness becomes "?"."""
    if text.isascii():
        return text
    return text.translate(_IN_ASCII).encode("ascii", "replace").decode()


def glyphs(style: GraphStyle) -> Glyphs:
    """The glyphs of a graph style."""
    return ASCII if style is GraphStyle.ASCII else UNICODE


STATES: dict[State, tuple[str, str, str]] = {
    State.STARTING: ("○", "o", "STARTING"),
    State.RUNNING: ("●", "*", "LIVE"),
    State.DRAINING: ("▼", "v", "DRAINING"),
    State.STOPPED: ("■", "#", "STOPPED"),
    State.LOST: ("✗", "x", "LOST"),
}
"""Of the pipeline: glyph, ascii glyph, word."""

SEVERITIES: dict[str, tuple[str, str, str]] = {
    "info": ("·", ".", "INFO"),
    "warn": ("▲", "!", "WARN"),
    "critical": ("✗", "x", "CRIT"),
}
"""Of an event: glyph, ascii glyph, word."""


def state_word(state: State, style: GraphStyle) -> str:
    """Glyph and word of the pipeline's state, e.g. "● LIVE"."""
    glyph, ascii_glyph, word = STATES[state]
    return f"{ascii_glyph if style is GraphStyle.ASCII else glyph} {word}"


def severity_word(severity: str, style: GraphStyle) -> str:
    """Glyph and word of an event's severity in six cells, e.g. "▲ WARN"."""
    glyph, ascii_glyph, word = SEVERITIES.get(severity, ("?", "?", severity[:4].upper()))
    return f"{ascii_glyph if style is GraphStyle.ASCII else glyph} {word:<4}"
