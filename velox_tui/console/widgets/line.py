"""Lines of a pane: tuples of (text, ink), compared to find what changed, turned into strips only where it
did.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.strip import Strip

from velox_tui.console.palette import Ink, Palette

Span = tuple[str, Ink]
Line = tuple[Span, ...]

BLANK: Final[Line] = ()


def line(*spans: Span) -> Line:
    """A line of spans; empty ones are left out and neighbours of one ink are joined."""
    joined: list[Span] = []
    for text, ink in spans:
        if not text:
            continue
        if joined and joined[-1][1] is ink:
            joined[-1] = (joined[-1][0] + text, ink)
        else:
            joined.append((text, ink))
    return tuple(joined)


def cells(spans: Iterable[Span]) -> int:
    """Width in terminal cells."""
    width = 0
    for text, _ in spans:
        width += len(text) if text.isascii() else cell_len(text)
    return width


def plain(spans: Iterable[Span]) -> str:
    """The text alone."""
    return "".join(text for text, _ in spans)


def clean(text: str) -> str:
    """The text without characters that would move the terminal's cursor or change its state."""
    return text if text.isprintable() else "".join(c if c.isprintable() else "?" for c in text)


def left(text: str, width: int) -> str:
    """Text at the left of a column of `width` cells, cropped to it."""
    return set_cell_size(clean(text), width)


def right(text: str, width: int) -> str:
    """Text at the right of a column of `width` cells; a number that does not fit shows as dots, never cut."""
    length = len(text) if text.isascii() else cell_len(text)
    return " " * (width - length) + text if length <= width else "·" * width


def fit(spans: Line, width: int) -> Line:
    """The line in exactly `width` cells: padded with blanks or cropped."""
    length = cells(spans)
    if length < width:
        return line(*spans, (" " * (width - length), Ink.TEXT))
    if length == width:
        return spans
    fitted: list[Span] = []
    room = width
    for text, ink in spans:
        if room <= 0:
            break
        piece = set_cell_size(text, min(room, cell_len(text)))
        fitted.append((piece, ink))
        room -= cell_len(piece)
    return tuple(fitted)


def spread(start: Line, end: Line, width: int, filler: Span) -> Line:
    """`start` at the left, `end` at the right, the filler's one-cell text between; `end` goes when it is too
    tight.
    """
    room = width - cells(start) - cells(end)
    if room < 0:
        return fit((*start, *spread(BLANK, BLANK, max(0, width - cells(start)), filler)), width)
    return line(*start, (filler[0] * room, filler[1]), *end)


def to_strip(spans: Line, palette: Palette) -> Strip:
    """The line as Textual paints it."""
    segments = [Segment(clean(text), palette.style(ink)) for text, ink in spans]
    return Strip(segments, cells(spans))


def changed_until(before: Line, after: Line) -> int:
    """Cells from the left up to and with the last that differs; 0 for equal lines.

    Textual paints a changed line from the widget's left edge, so that only the tail can be spared.
    """
    if before == after:
        return 0
    old, new = list(before), list(after)
    while old and new and old[-1] == new[-1]:
        old.pop()
        new.pop()
    until = cells(new)
    return until if until == cells(old) else max(cells(before), cells(after))


def overlay(spans: Line, column: int, text: str, ink: Ink) -> Line:
    """The line with `text` written over it from a cell on; all of it must be single-cell characters."""
    whole = plain(spans)
    if column < 0 or column + len(text) > len(whole):
        return spans
    before, after = _slice(spans, 0, column), _slice(spans, column + len(text), len(whole))
    return line(*before, (text, ink), *after)


def _slice(spans: Line, start: int, end: int) -> list[Span]:
    found: list[Span] = []
    at = 0
    for text, ink in spans:
        piece = text[max(0, start - at) : max(0, end - at)]
        found.append((piece, ink))
        at += len(text)
    return found
