"""Latency by percentile: x how many nines, y latency. Shows the tail that single percentiles hide."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from velox_tui.console.charts import axes, raster
from velox_tui.console.charts.axes import Scale
from velox_tui.console.charts.canvas import Canvas
from velox_tui.console.charts.frame import GUTTER, LEAST_FOR_TIME, below, framed, plot_size
from velox_tui.console.palette import Ink, series_ink
from velox_tui.console.widgets.base import PaneWidget
from velox_tui.console.widgets.choices import percentile_windows
from velox_tui.console.widgets.facts import without_histograms
from velox_tui.console.widgets.latency_table import latencies
from velox_tui.console.widgets.line import Line, cells, line
from velox_tui.telemetry.histogram import HIGHEST
from velox_tui.telemetry.sample import Buckets, Sample
from velox_tui.telemetry.topology import Histogram, Role
from velox_tui.telemetry.units import format_ns

NINES = 5.0
"""The right edge: 1 - 10^-5."""
_TICKS = (
    *((2.0, "p99"), (0.30103, "p50"), (3.0, "p99.9"), (1.0, "p90"), (4.0, "p99.99"), (5.0, "p99.999")),
    (0.0, "0"),
)
"""(nines, label), those that matter most first: others go where there is no room."""


def curve_of(buckets: Buckets, nines: NDArray[np.float64]) -> NDArray[np.float64]:
    """Latency in ns at the percentiles 1 - 10^-nines, float64; NaN where fewer than one value lies beyond."""
    cumulated = np.cumsum(buckets.counts).astype(np.float64)
    total = cumulated[-1]
    ranks = np.maximum(1.0, np.ceil((1 - 10.0**-nines) * total - 1e-6))
    found = HIGHEST[buckets.indices[np.searchsorted(cumulated, ranks).clip(0, len(cumulated) - 1)]]
    return np.where(10.0**-nines * total >= 1, found.astype(np.float64), np.nan)


class PercentileCurve(PaneWidget):
    """History → one curve per latency over the percentile window."""

    TITLE = "Percentiles"
    HELP = """\
Latency since intended arrival by percentile, over the window (`w`). To the right each step is a nine more:
p90, p99, p99.9, … A curve ends where fewer than one value lies beyond. `l` linear or logarithmic latency. A
flat curve with a sudden rise is a pipeline that is quick but for rare stops; the bundle wait is the straight
part up to its timeout.
"""

    def natural_height(self, width: int) -> int:
        """Enough to see a shape."""
        return 12

    def options(self, width: int) -> Line:
        """The windows."""
        return percentile_windows(self.view, width, self.glyphs, "window")

    def content(self, width: int, height: int) -> list[Line]:
        """Curves and axes, a legend above where there is room."""
        sample = self.sample
        if sample is None:
            return []
        named = self._curves(sample)
        if not named:
            return [line((f" {without_histograms(sample) or 'no latency in this window'}", Ink.MUTED))]
        legend = [self._legend(named, width)] if height >= 6 else []
        return legend + self._drawn(named, width, height - len(legend))

    def _curves(self, sample: Sample) -> list[tuple[str, Ink, Buckets]]:
        known = latencies(sample.run.topology)
        exits = [one for one in known if one[1].role == Role.LATENCY_EXIT]
        found = []
        for name, histogram, _ in (*exits[-1:], *known[len(exits) :], *exits[-2::-1]):
            buckets = self.windows.merged(sample, histogram, self.view)
            if buckets is not None and len(buckets.counts):
                found.append((name, _ink(sample, histogram), buckets))
        return found

    def _legend(self, named: list[tuple[str, Ink, Buckets]], width: int) -> Line:
        legend = line((" " * GUTTER, Ink.TEXT))
        for name, ink, _ in named:
            one = line((f"{self.glyphs.bar[-1]} ", ink), (f"{name}  ", Ink.MUTED))
            if cells(legend) + cells(one) > width:
                break
            legend = line(*legend, *one)
        return legend

    def _drawn(self, named: list[tuple[str, Ink, Buckets]], width: int, height: int) -> list[Line]:
        plot_width, plot_height = plot_size(width, height)
        columns, rows = raster.dot_size(plot_width, plot_height, self.view.graph)
        nines = np.linspace(0, NINES, columns)
        curves = [(ink, curve_of(buckets, nines)) for _, ink, buckets in named]
        known = np.concatenate([values[np.isfinite(values)] for _, values in curves])
        scale = self._scale(known, plot_height)
        canvas = Canvas(plot_width, plot_height)
        for ink, values in reversed(curves):
            placed = scale.place(values)
            dots = raster.curve(placed, placed, scale.bottom, scale.top, rows)
            canvas.layer(raster.glyphs_of(dots, self.view.graph), ink)
        return self._with_axes(canvas, scale, height)

    def _scale(self, known: NDArray[np.float64], rows: int) -> Scale:
        most = max(1, rows // 2)
        highest = float(known.max()) if len(known) else 1.0
        if self.view.log_scale:
            return axes.linear(highest, most)
        lowest = float(known.min()) if len(known) else 1.0
        return axes.logarithmic(max(1.0, lowest), highest, most)  # a lateness of 0 is below any decade

    def _with_axes(self, canvas: Canvas, scale: Scale, height: int) -> list[Line]:
        drawn = self.glyphs
        lines = framed(canvas.lines(), scale, format_ns, drawn)
        if height < LEAST_FOR_TIME:
            return lines
        notes = [(round(nines / NINES * (canvas.width - 1)), text) for nines, text in _TICKS]
        labels = ((axes.placed(notes, canvas.width), Ink.MUTED),)
        axis = ((drawn.axis_x * canvas.width, Ink.FRAME),)
        return lines + below(scale, format_ns, axis, labels, drawn)


def _ink(sample: Sample, histogram: Histogram) -> Ink:
    """A stage's colour for its exit; others have the colours after the stages'."""
    if histogram.role == Role.LATENCY_EXIT and histogram.stage is not None:
        return series_ink(histogram.stage)
    return series_ink(len(sample.run.topology.stages) + (histogram.role == Role.LATENESS))
