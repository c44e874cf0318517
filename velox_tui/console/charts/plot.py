"""Paints curves over time: axes, event marks, limit lines, crosshair. Pure: no widget, no history."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from velox_tui.console.charts import axes, raster
from velox_tui.console.charts.axes import Scale, Span
from velox_tui.console.charts.canvas import Canvas
from velox_tui.console.charts.frame import LEAST_FOR_TIME, Mark, TimeAxis, Unit, below, framed, plot_size
from velox_tui.console.glyphs import GraphStyle, glyphs
from velox_tui.console.palette import Ink
from velox_tui.console.widgets.line import Line, fit


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


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """All that is painted. The first curve lies on top."""

    curves: tuple[Curve, ...]
    span: Span
    window_ns: int
    unit: Unit
    log: bool = False
    marks: tuple[Mark, ...] = ()
    limits: tuple[Limit, ...] = ()
    cursor_ns: int | None = None
    style: GraphStyle = GraphStyle.BRAILLE


def span_of(width: int, end_ns: int, window_ns: int, style: GraphStyle) -> Span:
    """The time span of a picture `width` cells wide, one column a dot."""
    columns, _ = raster.dot_size(plot_size(width, 1)[0], 1, style)
    return axes.span(end_ns, window_ns, columns)


def paint(picture: Picture, width: int, height: int) -> list[Line]:
    """`height` lines of `width` cells."""
    plot_width, plot_height = plot_size(width, height)
    low, high = _columns(picture)
    scale = _scale(picture, low, high, plot_height)
    canvas = Canvas(plot_width, plot_height)
    rows = plot_height * raster.CELLS[picture.style].rows
    dots = raster.curve(scale.place(low), scale.place(high), scale.bottom, scale.top, rows)
    drawn_curves = raster.glyphs_of(dots, picture.style)
    for curve, characters in reversed(list(zip(picture.curves, drawn_curves, strict=True))):
        canvas.layer(characters, curve.ink)
    time = TimeAxis(picture.span, picture.window_ns, plot_width, raster.CELLS[picture.style].columns)
    _draw_limits(canvas, picture, scale)
    _draw_uprights(canvas, picture, time)
    drawn = glyphs(picture.style)
    lines = framed(canvas.lines(), scale, picture.unit, drawn)
    if height >= LEAST_FOR_TIME:
        axis, labels = time.lines(picture.marks, picture.cursor_ns, drawn)
        lines += below(scale, picture.unit, axis, labels, drawn)
    return [fit(one, width) for one in lines[:height]]


def _columns(picture: Picture) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lowest and highest values, float64 (curves, columns) each."""
    span = picture.span
    both = [
        raster.columns_of(curve.times, curve.values, span.start_ns, span.end_ns, span.columns)
        for curve in picture.curves
    ]
    shape = (len(both), span.columns)
    low, high = (np.array([pair[index] for pair in both]).reshape(shape) for index in (0, 1))
    return low, high


def _scale(picture: Picture, low: NDArray[np.float64], high: NDArray[np.float64], rows: int) -> Scale:
    """From what is shown, and the limits where they are not far above it."""
    known = high[np.isfinite(high)]
    highest = float(known.max()) if len(known) else 0.0
    near = [limit.value for limit in picture.limits if limit.value <= 2 * highest]
    highest = max([highest, *near])
    most = max(1, rows // 2)
    if not picture.log:
        return axes.linear(highest, most)
    # Where each column that has a value also has a 0, the least of the columns' highest is what there is.
    positive = low[low > 0] if (low > 0).any() else high[high > 0]
    return axes.logarithmic(float(positive.min()) if len(positive) else np.nan, highest, most)


def _draw_limits(canvas: Canvas, picture: Picture, scale: Scale) -> None:
    dash = "-" if picture.style is GraphStyle.ASCII else "╌"
    for limit in picture.limits:
        share = scale.share(limit.value)
        if 0 <= share <= 1:
            row = max(0, canvas.height - 1 - int(share * canvas.height))
            canvas.behind(row, slice(None), dash, Ink.WARN)
            canvas.text(row, 1, f" {limit.label} ", Ink.WARN)


def _draw_uprights(canvas: Canvas, picture: Picture, time: TimeAxis) -> None:
    drawn = glyphs(picture.style)
    canvas.behind(slice(None), list(time.placed(picture.marks)), drawn.mark_window, Ink.FRAME)
    cell = time.cell(picture.cursor_ns)
    if cell is not None:
        canvas.behind(slice(None), cell, drawn.mark, Ink.FOCUS)
