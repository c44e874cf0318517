"""Latency over time as a heat map: x time, y latency on a logarithmic axis, the shade how many."""

from __future__ import annotations

import numpy as np
from textual.events import Click

from velox_tui.console.charts import axes
from velox_tui.console.charts.axes import Span
from velox_tui.console.charts.canvas import Canvas
from velox_tui.console.charts.frame import (
    GUTTER,
    LEAST_FOR_TIME,
    TimeAxis,
    below,
    framed,
    marks_between,
    plot_size,
)
from velox_tui.console.charts.heat import Grid, HeatColumns, grid, levels
from velox_tui.console.palette import HEATS, Ink, heat_ink
from velox_tui.console.widgets.base import PaneWidget
from velox_tui.console.widgets.facts import clock_text, wall_ns, without_histograms
from velox_tui.console.widgets.latency_table import latencies
from velox_tui.console.widgets.line import Line, cells, line
from velox_tui.telemetry.histogram import count, quantiles
from velox_tui.telemetry.sample import Sample
from velox_tui.telemetry.topology import Histogram
from velox_tui.telemetry.units import format_count, format_ns


class Heatmap(PaneWidget):
    """History → heat map of one latency; `x` goes to the next, from end to end on."""

    TITLE = "Latency heat map"
    HELP = """\
Every recorded latency of the chart window (`[` `]`): a cell's shade says how many fell into its time and
range, on a logarithmic scale, so that a single outlier still shows. `x` goes through the stages' exits, end
to end and without the bundle wait. The crosshair reads out count, p50, p99 and max of its moment.
"""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        """`id` and `classes` as any widget's."""
        super().__init__(id=id, classes=classes)
        self._columns = HeatColumns()

    def _shown(self, sample: Sample) -> tuple[str, Histogram] | None:
        """The chosen latency: end to end first."""
        found = latencies(sample.run.topology)
        if not found:
            return None
        first = next((index for index, one in enumerate(found) if one[0] == "end to end"), 0)
        name, histogram, _ = found[(first + self.view.series) % len(found)]
        return name, histogram

    def title(self) -> str:
        """With the latency's name."""
        shown = self._shown(self.sample) if self.sample else None
        return f"Heat map, {shown[0]}" if shown else self.TITLE

    def natural_height(self, width: int) -> int:
        """Enough to see a shape."""
        return 12

    def options(self, width: int) -> Line:
        """The crosshair's values, or what the shades mean."""
        if self.sample is not None and self.view.cursor_ns is not None:
            return self._readout(self.sample, self.view.cursor_ns, width)
        shades = self.glyphs.shades
        scale = [(shades[_glyph(level, shades)], heat_ink(level - 1)) for level in range(1, HEATS + 1)]
        return line(("few ", Ink.MUTED), *scale, (" many  x", Ink.MUTED))

    def content(self, width: int, height: int) -> list[Line]:
        """The map with its axes."""
        sample = self.sample
        shown = self._shown(sample) if sample else None
        if sample is None or shown is None or self.windows.history is None:
            return []
        plot_width, plot_height = plot_size(width, height)
        span = self._span(sample, plot_width)
        end_ns = self.view.end_ns(sample)
        columns = self._columns.columns(self.windows.history, shown[1], span, end_ns)
        found = grid(columns, plot_width, plot_height)
        if found is None:
            return [line((f" {without_histograms(sample) or 'no latency in this time'}", Ink.MUTED))]
        return self._drawn(sample, found, span, plot_width, height)

    def _span(self, sample: Sample, columns: int) -> Span:
        return axes.span(self.view.end_ns(sample), self.view.window_ns, columns)

    def _drawn(self, sample: Sample, found: Grid, span: Span, width: int, height: int) -> list[Line]:
        drawn, which = self.glyphs, levels(found.counts)
        canvas = Canvas(width, len(found.counts))
        shades = np.array([drawn.shades[_glyph(level, drawn.shades)] for level in range(HEATS + 1)])
        inks = [heat_ink(0), *(heat_ink(level) for level in range(HEATS))]
        canvas.shaded(shades[which], inks, which)
        time = TimeAxis(span, self.view.window_ns, width)
        foot = time.cell(self.view.cursor_ns)
        if foot is not None:
            canvas.behind(slice(None), foot, drawn.mark, Ink.FOCUS)
        lines = framed(canvas.lines(), found.scale, format_ns, drawn)
        if height >= LEAST_FOR_TIME:
            marks = marks_between(self.windows.events(), span.start_ns, self.view.end_ns(sample))
            axis, labels = time.lines(marks, self.view.cursor_ns, drawn)
            lines += below(found.scale, format_ns, axis, labels, drawn)
        return lines

    def _readout(self, sample: Sample, at_ns: int, width: int) -> Line:
        shown, history = self._shown(sample), self.windows.history
        at = None if history is None else history.number_at(at_ns)
        covering = None if history is None or at is None else history.sample(min(at + 1, history.last))
        kept = None if covering is None else covering.histograms
        part = None if shown is None or kept is None else kept[shown[1].index]
        found = quantiles(part)
        clock = (clock_text(wall_ns(sample, at_ns)), Ink.CHOSEN)
        if part is None or found is None:
            return line(clock, (f" {self.glyphs.unknown}", Ink.MUTED))
        told = line(clock)
        values = (("p99", found.p99), ("max", found.maximum), ("p50", found.p50))
        for name, text in (
            *((name, format_ns(value)) for name, value in values),
            ("n", format_count(count(part))),
        ):
            one = line((f" {name} ", Ink.MUTED), (text, Ink.BRIGHT))
            if cells(told) + cells(one) <= width:
                told = line(*told, *one)
        return told

    def step(self, dx: int, dy: int) -> bool:
        """Left and right move the crosshair by a column."""
        if not dx or self.sample is None:
            return False
        end_ns = self.view.end_ns(self.sample)
        span = self._span(self.sample, plot_size(*self.content_size)[0])
        now = end_ns if self.view.cursor_ns is None else self.view.cursor_ns + dx * span.column_ns
        self.post_message(self.CursorMoved(self, min(max(now, span.start_ns), end_ns)))
        return True

    def on_click(self, event: Click) -> None:
        """The crosshair goes under the mouse."""
        if self.sample is not None and event.x >= GUTTER:
            span = self._span(self.sample, plot_size(*self.content_size)[0])
            moment = span.moment(event.x - GUTTER)
            self.post_message(self.CursorMoved(self, min(moment, self.view.end_ns(self.sample))))


def _glyph(level: int, shades: tuple[str, ...]) -> int:
    """Which of the shades' glyphs a level has; only level 0 has the first."""
    return -(-level * (len(shades) - 1) // HEATS)
