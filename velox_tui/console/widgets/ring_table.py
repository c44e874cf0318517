"""The rings: occupancy now and its high-water marks, one row each."""

from __future__ import annotations

from velox_tui.console.palette import Ink
from velox_tui.console.widgets import numbers
from velox_tui.console.widgets.choices import window_name
from velox_tui.console.widgets.facts import occupancy
from velox_tui.console.widgets.line import Line, line, overlay
from velox_tui.console.widgets.meter import occupancy_bar
from velox_tui.console.widgets.rows import RowsPane
from velox_tui.console.widgets.table import Column, cell, choose, placed, row
from velox_tui.telemetry.sample import Sample
from velox_tui.telemetry.topology import Ring, Role

COLUMNS = (
    Column("ring", "", 13, widest=16, left=True),
    Column("capacity", "slots", 6, weight=2),
    Column("full", "full/s", 6, weight=0),
    Column("bar", "", 10, widest=200, weight=3, left=True),
    Column("now", "now", 5),
    Column("window", "hwm", 7, weight=5),
    Column("run", "hwm run", 7, weight=4),
)


class RingTable(RowsPane):
    """Sample → one row per ring; the heads are in the title's rule."""

    TITLE = "Rings"
    HELP = """\
One row per ring, from producer to consumer.

- **bar** filled to the occupancy that the consumer last found; `┊` the high-water mark of the window (`w`),
  `│` that of the run. More than half is a warning (`▲`), nine tenths are critical (`✗`).
- **now**, **hwm** the same as shares of the capacity. The consumer looks at every refresh, so that a mark is
  the most it ever found, not the most at a reading of the console. `0` (the key) begins a new window.
- **full/s** how often the producer found no free slot; at the first ring each is a lost transaction or, with
  `block`, a wait.
"""

    def essential_rows(self) -> int:
        """All rings."""
        return max(1, self.row_count())

    def row_count(self) -> int:
        """As many as rings."""
        return 0 if self.sample is None else len(self.sample.run.topology.rings)

    def row_key(self, row: int) -> Ring | None:
        """The ring."""
        return None if self.sample is None else self.sample.run.topology.rings[row]

    def title_line(self, width: int) -> Line:
        """The rule with the table's heads over their columns."""
        rule = super().title_line(width)
        columns = choose(COLUMNS, width - 2)
        heads = {
            "full": "full/s",
            "now": "now",
            "window": f"hwm {window_name(self.view.percentile_window_ns)}",
            "run": "hwm run",
        }
        for key, head in heads.items():
            place = placed(columns, key)
            if place is not None:
                begin, size = place
                rule = overlay(rule, 1 + begin + size - len(head) - 1, f" {head} ", Ink.MUTED)
        return rule

    def content(self, width: int, height: int) -> list[Line]:
        """The rows."""
        if self.sample is None:
            return []
        columns = choose(COLUMNS, width - 2)
        rings = self.sample.run.topology.rings
        return [
            line(self.marker(index), *row(columns, self._values(self.sample, rings[index], columns)))
            for index in self.shown(0, height)
        ]

    def _values(self, sample: Sample, ring: Ring, columns: tuple[Column, ...]) -> dict[str, Line]:
        bar = next((column.width for column in columns if column.key == "bar"), 0)
        now = _share(occupancy(sample, ring), ring)
        window = _share(self.windows.high_water(sample, ring, self.view), ring)
        run = _share(self.windows.high_water(sample, ring, self.view, whole_run=True), ring)
        return {
            "ring": cell(ring.label),
            "capacity": cell(str(ring.capacity), Ink.MUTED),
            "full": numbers.loss(sample.rate(Role.FULL_EVENTS, ring=ring.index)),
            "bar": occupancy_bar(now, window, run, bar, self.glyphs) if bar else (),
            "now": numbers.load(now, self.glyphs),
            "window": numbers.load(window, self.glyphs),
            "run": numbers.load(run, self.glyphs),
        }


def _share(slots: int | None, ring: Ring) -> float | None:
    return None if slots is None or not ring.capacity else slots / ring.capacity
