"""Paints curves over time: axes, event marks, limit lines, crosshair. Pure: no widget, no history.

The value axis has a fixed width, so that the picture does not move when the numbers change.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from velox_tui.console.charts import axes, raster
from velox_tui.console.charts.axes import Scale, Span
from velox_tui.console.charts.canvas import Canvas
from velox_tui.console.glyphs import Glyphs, GraphStyle, glyphs
from velox_tui.console.palette import Ink
from velox_tui.console.widgets.line import Line, fit, line, right

_ZEROS = re.compile(r"\.0+(?=\D|$)|(?<=[.]\d)0+(?=\D|$)")
GUTTER = 6
"""Cells left of the plot: a tick's text, then the axis."""


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """One series: `times` int64 ns ascending, `values` float64 with NaN where there is a gap."""

    label: str
    ink: Ink
    times: NDArray[np.int64]
    values: NDArray[np.float64]

    def at(self, mono_ns: int) -> float | None:
        """The value of the reading at or next after a moment (a rate concerns the time up to its reading)."""
        index = int(np.searchsorted(self.times, mono_ns))
        if index >= len(self.times) or not np.isfinite(self.values[index]):
            return None
        return float(self.values[index])


@dataclass(frozen=True, slots=True)
class Limit:
    """A horizontal line at a value that should not be passed."""

    value: float
    label: str


@dataclass(frozen=True, slots=True)
class Mark:
    """An event on the time axis."""

    mono_ns: int
    text: str
    ink: Ink = Ink.WARN


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """All that is painted. The first curve lies on top."""

    curves: tuple[Curve, ...]
    span: Span
    window_ns: int
    unit: Callable[[float], str]
    """Text of a value, at most five cells."""
    log: bool = False
    marks: tuple[Mark, ...] = ()
    limits: tuple[Limit, ...] = ()
    cursor_ns: int | None = None
    style: GraphStyle = GraphStyle.BRAILLE


def plot_size(width: int, height: int) -> tuple[int, int]:
    """Cells of the plot proper within width × height: without gutter, axis and time line."""
    return max(1, width - GUTTER), max(1, height - (2 if height > 2 else 0))


def span_of(width: int, end_ns: int, window_ns: int, style: GraphStyle) -> Span:
    """The time span of a picture `width` cells wide, one column a dot."""
    columns, _ = raster.dot_size(plot_size(width, 1)[0], 1, style)
    return axes.span(end_ns, window_ns, columns)


def paint(picture: Picture, width: int, height: int) -> list[Line]:
    """`height` lines of `width` cells."""
    plot_width, plot_height = plot_size(width, height)
    columns = [_columns(curve, picture.span) for curve in picture.curves]
    scale = _scale(picture, columns, plot_height)
    canvas = Canvas(plot_width, plot_height)
    for curve, (low, high) in reversed(list(zip(picture.curves, columns, strict=True))):
        canvas.layer(_drawn(low, high, scale, picture.style, plot_height), curve.ink)
    _draw_limits(canvas, picture, scale)
    _draw_uprights(canvas, picture)
    drawn = glyphs(picture.style)
    ticks = axes.tick_rows(scale, plot_height)
    lines = []
    for row, painted in enumerate(canvas.lines()):
        label = _tick(picture, ticks[row]) if row in ticks else ""
        axis = drawn.axis_y if row in ticks else drawn.vertical
        lines.append(line((right(label, GUTTER - 1), Ink.MUTED), (axis, Ink.FRAME), *painted))
    if height > 2:
        lines += _time_axis(picture, scale, drawn, plot_width)
    return [fit(one, width) for one in lines[:height]]


def tick_text(text: str) -> str:
    """A tick's number without the zeros that say nothing: `50.0k` → `50k`, `1.20ms` → `1.2ms`."""
    return _ZEROS.sub("", text)


def _tick(picture: Picture, value: float) -> str:
    return tick_text(picture.unit(value))


def _columns(curve: Curve, span: Span) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return raster.columns_of(curve.times, curve.values, span.start_ns, span.end_ns, span.columns)


def _scale(
    picture: Picture, columns: list[tuple[NDArray[np.float64], NDArray[np.float64]]], rows: int
) -> Scale:
    """From what is shown, and the limits where they are not far above it."""
    known = np.concatenate([np.zeros(0), *(np.concatenate(pair) for pair in columns)])
    known = known[np.isfinite(known)]
    highest = float(known.max()) if len(known) else 0.0
    near = [limit.value for limit in picture.limits if limit.value <= 2 * highest]
    highest = max([highest, *near])
    most = max(1, rows // 2)
    if not picture.log:
        return axes.linear(highest, most)
    positive = known[known > 0]
    return axes.logarithmic(float(positive.min()) if len(positive) else np.nan, highest, most)


def _drawn(
    low: NDArray[np.float64], high: NDArray[np.float64], scale: Scale, style: GraphStyle, height: int
) -> NDArray[np.str_]:
    rows = height * raster.CELLS[style].rows
    dots = raster.curve(scale.place(low), scale.place(high), scale.bottom, scale.top, rows)
    return raster.glyphs_of(dots, style)


def _draw_limits(canvas: Canvas, picture: Picture, scale: Scale) -> None:
    dash = "-" if picture.style is GraphStyle.ASCII else "╌"
    for limit in picture.limits:
        share = scale.share(limit.value)
        if 0 <= share <= 1:
            row = max(0, canvas.height - 1 - int(share * canvas.height))
            canvas.behind(row, slice(None), dash, Ink.WARN)
            canvas.text(row, 1, f" {limit.label} ", Ink.WARN)


def _cell(picture: Picture, mono_ns: int) -> int | None:
    column = picture.span.column(mono_ns)
    return None if column is None else column // raster.CELLS[picture.style].columns


def _draw_uprights(canvas: Canvas, picture: Picture) -> None:
    ascii_only = picture.style is GraphStyle.ASCII
    for mark in picture.marks:
        cell = _cell(picture, mark.mono_ns)
        if cell is not None:
            canvas.behind(slice(None), cell, ":" if ascii_only else "┊", Ink.FRAME)
    if picture.cursor_ns is not None:
        cell = _cell(picture, picture.cursor_ns)
        if cell is not None:
            canvas.behind(slice(None), cell, "|" if ascii_only else "│", Ink.FOCUS)


def _time_axis(picture: Picture, scale: Scale, drawn: Glyphs, width: int) -> list[Line]:
    """The axis with its marks, and the line of times and notes below it."""
    axis = Canvas(width, 1)
    axis.text(0, 0, drawn.axis_x * width, Ink.FRAME)
    notes: list[tuple[int, str]] = []
    for mark in picture.marks:
        cell = _cell(picture, mark.mono_ns)
        if cell is not None:
            axis.text(0, cell, drawn.event, mark.ink)
            notes.append((cell, mark.text))
    cursor = None if picture.cursor_ns is None else _cell(picture, picture.cursor_ns)
    if cursor is not None:
        axis.text(0, cursor, drawn.position, Ink.FOCUS)
    start = (right(_tick(picture, scale.ticks[0]), GUTTER - 1), Ink.MUTED), (drawn.axis_corner, Ink.FRAME)
    times = axes.time_labels(picture.window_ns, width, tuple(notes))
    return [line(*start, *axis.lines()[0]), line((" " * GUTTER + times, Ink.MUTED))]
