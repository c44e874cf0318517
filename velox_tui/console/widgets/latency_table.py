"""Latency in full: every percentile at each stage's exit, end to end, and without the bundle wait."""

from __future__ import annotations

from velox_tui.console.palette import Ink, series_ink
from velox_tui.console.widgets import numbers
from velox_tui.console.widgets.choices import percentile_windows
from velox_tui.console.widgets.line import Line, line
from velox_tui.console.widgets.rows import RowsPane
from velox_tui.console.widgets.table import Column, cell, choose, heads, row
from velox_tui.telemetry.sample import Quantiles, Sample
from velox_tui.telemetry.topology import Histogram, Role, Topology
from velox_tui.telemetry.units import format_ns

COLUMNS = (
    Column("where", "SINCE ARRIVAL, AT", 17, widest=24, left=True),
    Column("count", "COUNT", 7, weight=3, widest=13),
    Column("mean", "MEAN", 6, weight=1),
    Column("p50", "p50", 6, weight=7),
    Column("p90", "p90", 6, weight=4),
    Column("p99", "p99", 6),
    Column("p999", "p99.9", 6, weight=8),
    Column("p9999", "p99.99", 6, weight=5),
    Column("max", "max", 6, weight=6),
)


def latencies(topology: Topology) -> list[tuple[str, Histogram, Ink]]:
    """(name, histogram, ink) of every latency, in the order of the flow."""
    found: list[tuple[str, Histogram, Ink]] = []
    last = topology.stages[-1].index if topology.stages else None
    for stage in topology.stages:
        histogram = topology.histogram(Role.LATENCY_EXIT, stage=stage.index)
        if histogram is not None:
            name = "end to end" if stage.index == last else f"{stage.label} exit"
            found.append((name, histogram, series_ink(stage.index)))
    for role, name in ((Role.LATENCY_NO_WAIT, "without wait"), (Role.LATENESS, "generator late")):
        histogram = topology.histogram(role)
        if histogram is not None:
            found.append((name, histogram, Ink.TEXT))
    return found


class LatencyTable(RowsPane):
    """Sample → one row per histogram of latency."""

    TITLE = "Latency"
    HELP = """\
Time since a transaction's *intended* arrival, so that a generator that falls behind does not hide it (no
coordinated omission), over the window in the title (`w`).

- Rows: at the exit of each stage; the last is **end to end**. **without wait** the same less the time
  in the open bundle. **generator late** how late the generator itself was.
- Percentiles come from merged counts, never from averaged percentiles; a value is its bucket's highest, at
  most 1.6 % too high. Dim: fewer than ten values lie beyond it.
"""

    def essential_rows(self) -> int:
        """The rows and the table's head."""
        return self.row_count() + 1

    def row_count(self) -> int:
        """As many as histograms of latency."""
        return 0 if self.sample is None else len(latencies(self.sample.run.topology))

    def row_key(self, row: int) -> Histogram | None:
        """The histogram."""
        return None if self.sample is None else latencies(self.sample.run.topology)[row][1]

    def options(self, width: int) -> Line:
        """The percentile windows."""
        return percentile_windows(self.view, width, self.glyphs, "window", sample=self.sample)

    def content(self, width: int, height: int) -> list[Line]:
        """Head and rows."""
        if self.sample is None:
            return []
        columns = choose(COLUMNS, width - 1)
        rows = latencies(self.sample.run.topology)
        lines = [line((" ", Ink.TEXT), *heads(columns))] if height > len(rows) else []
        for index in self.shown(len(lines), height - len(lines)):
            name, histogram, ink = rows[index]
            found = self._found(self.sample, histogram)
            count = next((column.width for column in columns if column.key == "count"), 0)
            values = {"where": cell(name, ink), **_values(found, count)}
            lines.append(line(self.marker(index), *row(columns, values)))
        return lines

    def _found(self, sample: Sample, histogram: Histogram) -> Quantiles | None:
        return self.windows.quantiles(sample, histogram, self.view)


def _values(found: Quantiles | None, count: int) -> dict[str, Line]:
    return {
        "count": numbers.total(None if found is None else found.count, count),
        "mean": cell(format_ns(None if found is None else found.mean), Ink.TEXT if found else Ink.MUTED),
        "p50": numbers.percentile(found, 0.5),
        "p90": numbers.percentile(found, 0.9),
        "p99": numbers.percentile(found, 0.99),
        "p999": numbers.percentile(found, 0.999),
        "p9999": numbers.percentile(found, 0.9999),
        "max": cell(format_ns(None if found is None else found.maximum), Ink.TEXT if found else Ink.MUTED),
    }
