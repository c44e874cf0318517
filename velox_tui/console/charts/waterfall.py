"""Where the mean latency is spent: ring by ring and stage by stage, each bar beginning where the one before
ended.
"""

from __future__ import annotations

from velox_tui.console.palette import Ink, series_ink
from velox_tui.console.widgets.base import PaneWidget
from velox_tui.console.widgets.choices import percentile_windows
from velox_tui.console.widgets.line import Line, line
from velox_tui.console.widgets.residence import Part, parts
from velox_tui.console.widgets.table import Column, cell, choose, row
from velox_tui.telemetry.units import format_ns, format_percent

COLUMNS = (
    Column("part", "", 14, widest=16, left=True),
    Column("mean", "", 6),
    Column("share", "", 5, weight=5),
    Column("bar", "", 8, weight=4, widest=200, left=True),
)


class Waterfall(PaneWidget):
    """Sample → one row per part of the mean, and their sum."""

    TITLE = "Mean latency"
    HELP = """\
The **mean** latency since intended arrival, in parts, over the window (`w`): rings (waiting to be taken),
stages (being handled; the bundle stage is mostly the wait in the open bundle), each beginning where the one
before ended. Means add up to the mean end to end; percentiles do not, and are therefore never stacked.
"""

    def options(self, width: int) -> Line:
        """The windows."""
        return percentile_windows(self.view, width, self.glyphs, "window")

    def content(self, width: int, height: int) -> list[Line]:
        """The parts in the order of the flow; the longest where there is no room for all; the sum last."""
        if self.sample is None:
            return []
        found = parts(self.sample, self.windows, self.view)
        if not found:
            return [line((" not known for this window", Ink.MUTED))]
        total_ns = sum(part.mean_ns for part in found)
        columns = choose(COLUMNS, width - 1)
        bar = next((column.width for column in columns if column.key == "bar"), 0)
        longest = sorted(found, key=lambda part: -part.mean_ns)[: max(0, height - 1)]
        lines, before_ns = [], 0.0
        for part in found:
            if part in longest:
                values = self._values(part, before_ns, total_ns, bar)
                lines.append(line((" ", Ink.TEXT), *row(columns, values)))
            before_ns += part.mean_ns
        total = {"part": cell("end to end", Ink.MUTED), "mean": cell(format_ns(total_ns), Ink.BRIGHT)}
        return [*lines, line((" ", Ink.TEXT), *row(columns, total))]

    def _values(self, part: Part, before_ns: float, total_ns: float, bar: int) -> dict[str, Line]:
        share = part.mean_ns / total_ns if total_ns > 0 else None
        ink = Ink.MUTED if part.stage is None else series_ink(part.stage)
        mean = format_ns(part.mean_ns) if part.mean_ns >= 0 else f"-{format_ns(-part.mean_ns)}"
        return {
            "part": cell(part.name, Ink.TEXT if part.stage is None else ink),
            "mean": cell(mean),
            "share": cell(format_percent(share, decimals=1), Ink.MUTED),
            "bar": self._bar(before_ns, part.mean_ns, total_ns, bar, ink),
        }

    def _bar(self, before_ns: float, mean_ns: float, total_ns: float, width: int, ink: Ink) -> Line:
        """From where the part begins to where it ends, at least a trace."""
        if total_ns <= 0 or width <= 0 or mean_ns <= 0:
            return ()
        begin = min(width - 1, int(before_ns / total_ns * width))
        end = round((before_ns + mean_ns) / total_ns * width)
        body = self.glyphs.bar[-1] * (end - begin) if end > begin else self.glyphs.mark
        return line((" " * begin, Ink.TEXT), (body, ink))
