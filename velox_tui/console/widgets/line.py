"""Lines of a pane: tuples of (text, ink), compared to find what changed, turned into strips only where it
did.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.strip import Strip

from velox_tui.console.palette import Ink, Palette

Span = tuple[str, Ink]
Line = tuple[Span, ...]

_one_cell_each = re.compile(
    "[ -~\u00a1-\u00ac\u00ae-\u02ff\u0391-\u03c9\u2010-\u2027\u2030-\u205e\u2190-\u21ff"
    "\u2500-\u25fc\u2713\u2717\u2800-\u28ff]*"
).fullmatch
"""Whether a text holds nothing but letters, signs, arrows, boxes, ticks and braille of one cell each."""
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


def differences(before: Line, after: Line) -> list[tuple[int, Line]]:
    """(cell, spans) of the pieces of `after` that differ from `before`, a line of as many cells; in between
    lies what is the same. With characters of no cell or two, all of the line.
    """
    if before == after:
        return []
    if not all(_one_cell_each(text) for text, _ in (*before, *after)):
        return [(0, after)]
    if len(before) == len(after) and all(map(_alike, before, after)):
        return list(_pieces(before, after))
    first, last, shorter = 0, 0, min(len(before), len(after))
    while first < shorter and before[first] == after[first]:
        first += 1
    while last < shorter - first and before[-1 - last] == after[-1 - last]:
        last += 1
    middle = after[first : len(after) - last]
    return [(sum(len(text) for text, _ in after[:first]), middle)]


def _alike(old: Span, new: Span) -> bool:
    """Of one ink and length."""
    return old[1] is new[1] and len(old[0]) == len(new[0])


def _pieces(before: Line, after: Line) -> Iterator[tuple[int, Line]]:
    """Of lines whose spans are alike one by one: what changed within each."""
    at = 0
    for (old, ink), (new, _) in zip(before, after, strict=True):
        if old != new:
            first, end = 0, len(new)
            while old[first] == new[first]:
                first += 1
            while old[end - 1] == new[end - 1]:
                end -= 1
            yield at + first, ((new[first:end], ink),)
        at += len(new)


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
