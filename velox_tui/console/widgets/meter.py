"""Horizontal bars in cells: a share filled, or an occupancy with high-water marks."""

from __future__ import annotations

from velox_tui.console.glyphs import Glyphs
from velox_tui.console.palette import Ink
from velox_tui.console.widgets.line import Line, Span, line

WARN_SHARE, CRITICAL_SHARE = 0.5, 0.9


def load_ink(share: float | None) -> Ink:
    """How an occupancy is told by colour: more than half is a warning, nearly full critical."""
    if share is None or share < WARN_SHARE:
        return Ink.OK
    return Ink.WARN if share < CRITICAL_SHARE else Ink.CRITICAL


def filled(share: float, width: int, drawn: Glyphs) -> str:
    """The filled part of a bar of `width` cells, in parts of a cell; anything above nothing shows a trace."""
    parts = len(drawn.bar) - 1
    steps = round(min(max(share, 0.0), 1.0) * width * parts)
    if share > 0 and not steps:
        steps = 1
    whole, rest = divmod(steps, parts)
    return drawn.bar[-1] * whole + (drawn.bar[rest] if rest else "")


def meter(share: float | None, width: int, ink: Ink, drawn: Glyphs) -> Line:
    """A share 0..1 as a bar; blank where unknown."""
    if share is None:
        return line((" " * width, Ink.MUTED))
    done = filled(share, width, drawn)
    return line((done, ink), (drawn.bar[0] * (width - len(done)), Ink.FRAME))


def occupancy_bar(
    now: float | None, window: float | None, run: float | None, width: int, drawn: Glyphs
) -> Line:
    """Shares of a ring's capacity: filled to now, marks at the high water of the window and of the run."""
    room = width - 1
    spans: list[Span] = [(character, load_ink(now)) for character in filled(now or 0.0, room, drawn)]
    spans += [(drawn.groove, Ink.FRAME)] * (room - len(spans))
    for share, glyph in ((window, drawn.mark_window), (run, drawn.mark)):
        if share is not None:
            place = min(room - 1, int(share * room))
            spans[place] = (glyph, load_ink(share) if share >= WARN_SHARE else Ink.TEXT)
    return line((drawn.edge, Ink.MUTED), *spans)
