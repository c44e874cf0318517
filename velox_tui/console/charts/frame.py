"""What is around a picture: the value axis on its left, the time axis below, marks of events.

The value axis has a fixed width, so that the picture does not move when the numbers change.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from velox_tui.console.charts import axes
from velox_tui.console.charts.axes import Scale, Span
from velox_tui.console.charts.canvas import Canvas
from velox_tui.console.glyphs import Glyphs
from velox_tui.console.palette import Ink
from velox_tui.console.widgets.line import Line, clean, line, right
from velox_tui.telemetry.sample import Event

GUTTER = 6
"""Cells left of the plot: a tick's text, then the axis."""
LEAST_FOR_TIME = 3
"""Lines from which on there is a time axis."""
_ZEROS = re.compile(r"\.0+(?=\D|$)|(?<=[.]\d)0+(?=\D|$)")
_INKS = {"info": Ink.INFO, "warn": Ink.WARN, "critical": Ink.CRITICAL}

Unit = Callable[[float], str]
"""Text of a value."""


@dataclass(frozen=True, slots=True)
class Mark:
    """An event on the time axis."""

    mono_ns: int
    text: str
    ink: Ink = Ink.WARN


def marks_between(events: tuple[Event, ...], from_ns: int, to_ns: int) -> tuple[Mark, ...]:
    """What a chart marks: what was done and what began; alerts first, since the last one's text wins."""
    shown = [event for event in events if event.phase in ("", "start") and from_ns <= event.mono_ns <= to_ns]
    shown.sort(key=lambda event: (event.kind != "alert", event.mono_ns))
    return tuple(
        Mark(event.mono_ns, clean(event.name.replace("_", " ")), _INKS.get(event.severity, Ink.INFO))
        for event in shown
    )


def plot_size(width: int, height: int) -> tuple[int, int]:
    """Cells of the plot proper within width × height: without gutter, axis and time line."""
    return max(1, width - GUTTER), max(1, height - (2 if height >= LEAST_FOR_TIME else 0))


def tick_text(text: str) -> str:
    """A tick's number without the zeros that say nothing: `50.0k` → `50k`, `1.20ms` → `1.2ms`."""
    return _ZEROS.sub("", text)


def framed(painted: list[Line], scale: Scale, unit: Unit, drawn: Glyphs) -> list[Line]:
    """The picture's lines with the value axis."""
    ticks = axes.tick_rows(scale, len(painted))
    lines = []
    for row, spans in enumerate(painted):
        label = tick_text(unit(ticks[row])) if row in ticks else ""
        axis = drawn.axis_y if row in ticks else drawn.vertical
        lines.append(line((right(label, GUTTER - 1), Ink.MUTED), (axis, Ink.FRAME), *spans))
    return lines


def below(scale: Scale, unit: Unit, axis: Line, labels: Line, drawn: Glyphs) -> list[Line]:
    """Two lines under a picture: the axis, with the lowest tick at its left, and its labels."""
    bottom = (right(tick_text(unit(scale.ticks[0])), GUTTER - 1), Ink.MUTED)
    return [line(bottom, (drawn.axis_corner, Ink.FRAME), *axis), line((" " * GUTTER, Ink.MUTED), *labels)]


@dataclass(frozen=True, slots=True)
class TimeAxis:
    """Time under a picture `width` cells wide, of which each is `per_cell` columns of the span."""

    span: Span
    window_ns: int
    width: int
    per_cell: int = 1

    def cell(self, mono_ns: int | None) -> int | None:
        """The cell of a moment; None outside."""
        column = None if mono_ns is None else self.span.column(mono_ns)
        return None if column is None else column // self.per_cell

    def placed(self, marks: tuple[Mark, ...]) -> dict[int, Mark]:
        """The marks by their cells; of several in one the last stays."""
        cells = ((self.cell(mark.mono_ns), mark) for mark in marks)
        return {cell: mark for cell, mark in cells if cell is not None}

    def lines(self, marks: tuple[Mark, ...], cursor_ns: int | None, drawn: Glyphs) -> tuple[Line, Line]:
        """The axis with its marks and the crosshair's foot; times, and notes of the marks."""
        axis = Canvas(self.width, 1)
        axis.text(0, 0, drawn.axis_x * self.width, Ink.FRAME)
        placed = self.placed(marks)
        for cell, mark in placed.items():
            axis.text(0, cell, drawn.event, mark.ink)
        foot = self.cell(cursor_ns)
        if foot is not None:
            axis.text(0, foot, drawn.position, Ink.FOCUS)
        notes = tuple((cell, mark.text) for cell, mark in placed.items())
        times = axes.time_labels(self.window_ns, self.width, notes)
        return axis.lines()[0], ((times, Ink.MUTED),)
