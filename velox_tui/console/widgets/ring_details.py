"""The rings in full: marks in slots, batches, time to full, residence by Little's law beside the measured
wait.
"""

from __future__ import annotations

import numpy as np

from velox_tui.console.charts.axes import span
from velox_tui.console.charts.raster import columns_of, levels_of
from velox_tui.console.palette import Ink
from velox_tui.console.widgets import numbers
from velox_tui.console.widgets.choices import percentile_windows
from velox_tui.console.widgets.facts import occupancy
from velox_tui.console.widgets.line import Line, line
from velox_tui.console.widgets.meter import load_ink
from velox_tui.console.widgets.residence import little_ns, ring_wait_ns, slots_per_second
from velox_tui.console.widgets.rows import RowsPane
from velox_tui.console.widgets.table import Column, cell, choose, heads, row
from velox_tui.telemetry.sample import Sample
from velox_tui.telemetry.topology import Ring, Role
from velox_tui.telemetry.units import UNKNOWN, format_ns, format_rate

COLUMNS = (
    Column("ring", "RING", 13, widest=16, left=True),
    Column("now", "NOW", 5),
    Column("window", "HWM", 5),
    Column("run", "RUN", 5, weight=8),
    Column("capacity", "OF", 5, weight=7),
    Column("full", "FULL/s", 6, weight=9),
    Column("batch", "BATCH", 5, weight=3),
    Column("batch99", "p99", 4, weight=2),
    Column("net", "NET/s", 7, weight=1),
    Column("fills", "FULL IN", 7, weight=4),
    Column("little", "LITTLE", 6, weight=5),
    Column("wait", "WAIT", 6, weight=6),
)
SOON_S = 60
"""A ring that would be full sooner than this is a warning."""


class RingDetails(RowsPane):
    """Sample → per ring a row of numbers; where there is room, a strip of its high-water mark over time."""

    TITLE = "Rings in slots"
    HELP = """\
- **NOW** slots taken when the consumer last looked; **HWM** most it found in the window (`w`).
- **RUN** most it found in the run. **OF** how many slots there are.
- **FULL/s** how often the producer found no free slot.
- **BATCH** items a pop took: mean and p99 over the window. **NET/s** what goes in less what comes out, at the
  last readings; **FULL IN** when the ring would be full if that went on.
- **LITTLE** residence by Little's law: the mean number that the consumer found waiting, over all its turns,
  divided by the rate. **WAIT** the measured mean: latency at the consumer's entry less that at the producer's
  exit. In steady flow they are of one size; a stalled consumer takes few turns, so that LITTLE then says
  less.
- The strip: the high-water mark of each moment of the chart window (`[` `]`), as a share of the ring.
"""

    def essential_rows(self) -> int:
        """The rings and the table's head."""
        return self.row_count() + 1

    def row_count(self) -> int:
        """As many as rings."""
        return 0 if self.sample is None else len(self.sample.run.topology.rings)

    def row_key(self, row: int) -> Ring | None:
        """The ring."""
        return None if self.sample is None else self.sample.run.topology.rings[row]

    def options(self, width: int) -> Line:
        """The windows."""
        return percentile_windows(self.view, width, self.glyphs, "window")

    def content(self, width: int, height: int) -> list[Line]:
        """Head, rows, strips."""
        sample = self.sample
        if sample is None:
            return []
        columns = choose(COLUMNS, width - 1)
        rings = sample.run.topology.rings
        lines = [line((" ", Ink.TEXT), *heads(columns))] if height > len(rings) else []
        strips = height >= len(lines) + 2 * len(rings)
        for index in self.shown(len(lines), height - len(lines)):
            lines.append(line(self.marker(index), *row(columns, self._values(sample, rings[index]))))
        if strips:
            lines += [self._strip(sample, ring, width) for ring in rings]
        return lines

    def _values(self, sample: Sample, ring: Ring) -> dict[str, Line]:
        now = occupancy(sample, ring)
        window = self.windows.high_water(sample, ring, self.view)
        run = self.windows.high_water(sample, ring, self.view, whole_run=True)
        topology = sample.run.topology
        batch = self.windows.quantiles(sample, topology.histogram(Role.BATCH, stage=ring.consumer), self.view)
        net = slots_per_second(sample, ring)
        return {
            "ring": cell(ring.label),
            "now": _slots(now, ring),
            "window": _slots(window, ring),
            "run": _slots(run, ring),
            "capacity": cell(str(ring.capacity), Ink.MUTED),
            "full": numbers.loss(sample.rate(Role.FULL_EVENTS, ring=ring.index)),
            "batch": cell(UNKNOWN if batch is None else f"{batch.mean:.2f}"),
            "batch99": cell(UNKNOWN if batch is None else str(batch.p99)),
            "net": _signed(net),
            "fills": _fills_in(net, now, ring),
            "little": cell(format_ns(little_ns(sample, self.windows, self.view, ring))),
            "wait": cell(format_ns(ring_wait_ns(sample, self.windows, self.view, ring))),
        }

    def _strip(self, sample: Sample, ring: Ring, width: int) -> Line:
        room = max(1, width - 18)
        shown = span(self.view.end_ns(sample), self.view.window_ns, room)
        times, values = self.windows.series(
            f"{ring.name}_high_water_slots", shown.start_ns, self.view.end_ns(sample)
        )
        _, high = columns_of(times, values / max(1, ring.capacity), shown.start_ns, shown.end_ns, room)
        peak = float(np.nanmax(high)) if np.isfinite(high).any() else None
        graph = levels_of(np.append(high, 1.0), self.glyphs.levels)[:-1]
        return line((f" {ring.label[:16]:<16} ", Ink.MUTED), (graph, load_ink(peak)))


def _slots(value: int | None, ring: Ring) -> Line:
    ink = load_ink(None if value is None else value / max(1, ring.capacity))
    text = UNKNOWN if value is None else str(value)
    return cell(text, Ink.MUTED if not value else Ink.TEXT if ink is Ink.OK else ink)


def _signed(per_s: float | None) -> Line:
    if not per_s:
        return cell(UNKNOWN if per_s is None else "0", Ink.MUTED)
    return cell(f"{'-' if per_s < 0 else '+'}{format_rate(abs(per_s))}", Ink.TEXT)


def _fills_in(net: float | None, now: int | None, ring: Ring) -> Line:
    """Time until the ring is full at this net inflow; "never" where it does not fill."""
    if net is None or now is None:
        return cell(UNKNOWN, Ink.MUTED)
    if net <= 0:
        return cell("never", Ink.MUTED)
    left_s = (ring.capacity - now) / net
    return cell(format_ns(left_s * 1e9), Ink.WARN if left_s < SOON_S else Ink.MUTED)
