"""The pipe: a box per stage, joined by rings that fill with what waits in them."""

from __future__ import annotations

from velox_tui.console.palette import Ink, series_ink
from velox_tui.console.widgets.base import PaneWidget
from velox_tui.console.widgets.facts import flow_word, occupancy, per_second, share_of_time
from velox_tui.console.widgets.line import Line, Span, cells, left, line, right
from velox_tui.console.widgets.meter import occupancy_bar
from velox_tui.console.widgets.numbers import load, loss, share
from velox_tui.telemetry.sample import Sample
from velox_tui.telemetry.topology import Ring, Role, Stage, Unit
from velox_tui.telemetry.units import format_rate

BOX = 14
"""Cells of a box at least."""
LINK = 8
"""Cells of a ring at least, its arrow included."""


class Pipe(PaneWidget, can_focus=False):
    """Sample → stages and rings from left to right, three or four lines high."""

    TITLE = "Pipe"
    HELP = """\
The stages in the order of the flow, each with its rate (and drops) and the share of its time in which it
moved something; between them the rings: filled to the occupancy now, `┊` high-water mark of the window, `│`
of the run.
"""

    def titled(self, height: int) -> bool:
        """The boxes name themselves."""
        return False

    def content(self, width: int, height: int) -> list[Line]:
        """Boxes and rings side by side; nothing where they do not fit."""
        sample = self.sample
        stages = sample.run.topology.stages if sample else ()
        links = max(0, len(stages) - 1)
        if sample is None or width < BOX * len(stages) + LINK * links or height < 3:
            return []
        box = max(BOX, min(BOX + 10, width * 64 // (100 * max(1, len(stages)))))
        room = width - box * len(stages)
        inner = 2 if height >= 4 else 1
        rows: list[list[Span]] = [[] for _ in range(inner + 2)]
        for index, stage in enumerate(stages):
            pieces = self._box(sample, stage, box, inner)
            if index < links:
                size = room // links + (1 if index < room % links else 0)
                link = self._link(sample, stage, size, inner)
                pieces = [line(*one, *two) for one, two in zip(pieces, link, strict=True)]
            for row, piece in zip(rows, pieces, strict=True):
                row += piece
        return [line(*row) for row in rows]

    def _box(self, sample: Sample, stage: Stage, width: int, inner: int) -> list[Line]:
        drawn = self.glyphs
        top_left, top_right, bottom_left, bottom_right = tuple(drawn.corners)
        ink, room = series_ink(stage.index), width - 2
        name = f" {stage.label} "
        title = left(name, min(room - 1, len(name)))
        rule = drawn.horizontal * (room - 1 - cells(((title, ink),)))
        rate = self._rate(sample, stage, room - 1)
        lines = [line((top_left + drawn.horizontal, Ink.FRAME), (title, ink), (rule + top_right, Ink.FRAME))]
        lines.append(self._side(line((right(rate, room - 1), Ink.BRIGHT)), room))
        if inner > 1:
            dropped = loss(sample.rate(Role.DROPPED, stage=stage.index))
            busy = share(share_of_time(sample, Role.BUSY_NS, stage))
            start = line((" busy ", Ink.MUTED), *busy)
            end = line(("drop ", Ink.MUTED), *dropped)
            gap = room - 1 - cells(start) - cells(end)
            lines.append(self._side(line(*start, (" " * gap, Ink.TEXT), *end) if gap > 0 else start, room))
        return [*lines, line((bottom_left + drawn.horizontal * room + bottom_right, Ink.FRAME))]

    def _rate(self, sample: Sample, stage: Stage, room: int) -> str:
        """Per second; of what, where that is not transactions and there is room to say so."""
        word = flow_word(sample.run.topology, stage)
        number = format_rate(per_second(sample, word))
        named = f"{number} {word.unit.name.lower()}/s" if word and word.unit is not Unit.TRANSACTIONS else ""
        return named if named and len(named) <= room else f"{number}/s"

    def _side(self, spans: Line, room: int) -> Line:
        bar = (self.glyphs.vertical, Ink.FRAME)
        return line(bar, *spans, (" " * (room - cells(spans)), Ink.TEXT), bar)

    def _link(self, sample: Sample, stage: Stage, width: int, inner: int) -> list[Line]:
        ring = next((one for one in sample.run.topology.rings if one.producer == stage.index), None)
        blank = line((" " * width, Ink.TEXT))
        arrow = self.glyphs.arrow
        if ring is None:
            joined = line((self.glyphs.horizontal * (width - 1), Ink.FRAME), (arrow, Ink.FRAME))
            return [blank, joined, *[blank] * inner]
        slots = occupancy(sample, ring)
        now = None if slots is None else slots / max(1, ring.capacity)
        window, run = (self._mark(sample, ring, whole) for whole in (False, True))
        bar = occupancy_bar(now, window, run, width - 1, self.glyphs)
        told = line(*load(now, self.glyphs), (" of ", Ink.MUTED), (str(ring.capacity), Ink.MUTED))
        below = (
            line((" ", Ink.TEXT), *told)
            if cells(told) < width
            else line((" ", Ink.TEXT), *load(now, self.glyphs))
        )
        lines = [blank, line(*bar, (arrow, Ink.MUTED)), _padded(below, width)]
        return [*lines, blank] if inner > 1 else lines

    def _mark(self, sample: Sample, ring: Ring, whole_run: bool) -> float | None:
        slots = self.windows.high_water(sample, ring, self.view, whole_run=whole_run)
        return None if slots is None else slots / max(1, ring.capacity)


def _padded(spans: Line, width: int) -> Line:
    return line(*spans, (" " * (width - cells(spans)), Ink.TEXT))
