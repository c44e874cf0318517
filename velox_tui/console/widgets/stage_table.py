"""The stages: throughput, losses, busy share and latency, one row each."""

from __future__ import annotations

from velox_tui.console.charts.raster import columns_of, levels_of
from velox_tui.console.palette import Ink, series_ink
from velox_tui.console.view import SECOND_NS
from velox_tui.console.widgets import numbers
from velox_tui.console.widgets.choices import percentile_windows
from velox_tui.console.widgets.facts import (
    core_of,
    flow_word,
    per_second,
    poll_hits,
    rate_series,
    share_of_time,
)
from velox_tui.console.widgets.line import Line, line
from velox_tui.console.widgets.meter import meter
from velox_tui.console.widgets.rows import RowsPane
from velox_tui.console.widgets.table import Column, cell, choose, heads, row
from velox_tui.telemetry.sample import Sample
from velox_tui.telemetry.topology import Role, Stage

TREND_NS = 60 * SECOND_NS
COLUMNS = (
    Column("stage", "STAGE", 9, widest=12, left=True),
    Column("core", "CORE", 4, weight=4),
    Column("rate", "RATE/s", 7),
    Column("total", "TOTAL", 7, weight=7, widest=14),
    Column("drop", "DROP/s", 6),
    Column("drops", "DROPS", 7, weight=2),
    Column("bar", "", 10, weight=5, left=True),
    Column("busy", "BUSY", 4, weight=8),
    Column("polls", "POLLS", 5, weight=1),
    Column("p50", "p50", 6, weight=6),
    Column("p99", "p99", 6),
    Column("p999", "p99.9", 6, weight=3),
    Column("trend", "TREND 60s", 10, weight=0, widest=60, left=True),
)


class StageTable(RowsPane):
    """Sample → one row per stage."""

    TITLE = "Stages"
    HELP = """\
One row per stage, in the order of the flow.

- **RATE/s** what the stage passed on in the last interval, divided by the measured time (bundles where it
  takes bundles). **TOTAL** the same since the start.
- **DROP/s**, **DROPS** transactions lost at this stage. Only a full first ring loses any; 0 is dim.
- **BUSY** share of the time spent in loop turns that moved at least one item.
- **POLLS** share of loop turns that moved something.
- **p50 p99 p99.9** latency since the *intended* arrival at the stage's exit, over the window in the title
  (`w`). Dim: fewer than ten values lie beyond it.
- **CORE** where its thread is pinned. **TREND** the rate over 60 s, from zero.
"""

    def essential_rows(self) -> int:
        """The stages and the table's head."""
        return self.row_count() + 1

    def row_count(self) -> int:
        """As many as stages."""
        return 0 if self.sample is None else len(self.sample.run.topology.stages)

    def row_key(self, row: int) -> Stage | None:
        """The stage."""
        return None if self.sample is None else self.sample.run.topology.stages[row]

    def options(self, width: int) -> Line:
        """The percentile windows."""
        return percentile_windows(self.view, width, self.glyphs, sample=self.sample)

    def content(self, width: int, height: int) -> list[Line]:
        """Head and rows."""
        if self.sample is None:
            return []
        columns = choose(COLUMNS, width - 1)
        lines = [line((" ", Ink.TEXT), *heads(columns))] if height > self.row_count() else []
        for index in self.shown(len(lines), height - len(lines)):
            stage = self.sample.run.topology.stages[index]
            lines.append(line(self.marker(index), *row(columns, self._values(self.sample, stage, columns))))
        return lines

    def _values(self, sample: Sample, stage: Stage, columns: tuple[Column, ...]) -> dict[str, Line]:
        topology, width = sample.run.topology, {column.key: column.width for column in columns}
        flow = flow_word(topology, stage)
        busy = share_of_time(sample, Role.BUSY_NS, stage)
        latency = self.windows.quantiles(
            sample, topology.histogram(Role.LATENCY_EXIT, stage=stage.index), self.view
        )
        core = core_of(sample, stage)
        ink = series_ink(stage.index)
        return {
            "stage": cell(stage.label, ink),
            "core": cell(self.glyphs.unknown if core is None else str(core), Ink.MUTED),
            "rate": numbers.rate(per_second(sample, flow), Ink.BRIGHT),
            "total": numbers.total(sample.value(flow), width.get("total", 0)),
            "drop": numbers.loss(sample.rate(Role.DROPPED, stage=stage.index)),
            "drops": numbers.lost_total(sample.total(Role.DROPPED, stage=stage.index), 7),
            "bar": meter(busy, width.get("bar", 0), ink, self.glyphs),
            "busy": numbers.share(busy),
            "polls": numbers.share(poll_hits(sample, stage)),
            "p50": numbers.percentile(latency, 0.5),
            "p99": numbers.percentile(latency, 0.99),
            "p999": numbers.percentile(latency, 0.999),
            "trend": self._trend(sample, stage, width.get("trend", 0)),
        }

    def _trend(self, sample: Sample, stage: Stage, width: int) -> Line:
        """The rate of the last 60 s, one cell a column."""
        flow = flow_word(sample.run.topology, stage)
        if not width or flow is None:
            return ()
        column_ns = TREND_NS // width
        end_ns = (sample.mono_ns // column_ns + 1) * column_ns
        start_ns = end_ns - column_ns * width
        times, values = self.windows.series(rate_series(flow), start_ns - column_ns, sample.mono_ns)
        _, highest = columns_of(times, values, start_ns, end_ns, width)
        return cell(levels_of(highest, self.glyphs.levels), series_ink(stage.index))
