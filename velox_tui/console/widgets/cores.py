"""Cores: how each stage spends its time, what the system says of its thread and core, and all other cores."""

from __future__ import annotations

from velox_tui.console.palette import Ink, series_ink
from velox_tui.console.widgets import numbers, processor
from velox_tui.console.widgets.facts import core_of, poll_hits, share_of_time
from velox_tui.console.widgets.line import Line, Span, cells, line
from velox_tui.console.widgets.meter import load_ink, meter
from velox_tui.console.widgets.rows import RowsPane
from velox_tui.console.widgets.table import Column, cell, choose, heads, row
from velox_tui.telemetry.processor import is_counted
from velox_tui.telemetry.sample import Sample, Thread
from velox_tui.telemetry.topology import Role, Stage
from velox_tui.telemetry.units import UNKNOWN, format_bytes, format_ns, format_percent

COLUMNS = (
    Column("core", "CORE", 4),
    Column("stage", "STAGE", 9, left=True),
    Column("bar", "busy▓blocked", 8, weight=8, widest=40, left=True),
    Column("busy", "BUSY", 5),
    Column("blocked", "BLOCK", 5, weight=7),
    Column("idle", "IDLE", 4, weight=4),
    Column("use", "CORE%", 5, weight=9),
    Column("cpu", "THR%", 4, weight=5),
    Column("polls", "POLLS", 5, weight=2),
    Column("longest", "LONGEST", 7, weight=6),
    *processor.COLUMNS,
    Column("parks", "PARK/s", 6, weight=1),
    Column("voluntary", "VOL/s", 6, weight=3),
    Column("involuntary", "INVOL/s", 7, weight=5),
    Column("migrations", "MIGR", 5, weight=1),
    Column("thread", "THREAD", 8, weight=0),
)
CORE_CELLS = 13
"""Cells of one core in the grid of other cores."""


class Cores(RowsPane):
    """Sample → a row per stage, what is to be said of its counters, the console's own cost, the machine's
    other cores.
    """

    TITLE = "Cores"
    HELP = f"""\
One row per stage; stages of one thread share core and CPU.

- **BUSY** share of time in loop turns that moved at least one item. **BLOCK** in turns that could not go on
  since the ring downstream was full. **IDLE** the rest: looking for work.
- **CPU** use of that thread's core time as the operating system counts it: a spinning thread shows 100 % even
  when it is idle.
- **LONGEST** the longest turn of its loop, since the start. **POLLS** share of turns that moved something.
{processor.HELP.rstrip()}
- **VOL/s**, **INVOL/s** context switches: of its own will (parking), or pushed off its core by something else
  — the latter cost latency. **MIGR** moves to another core.
- **console** what watching costs: CPU of this process without the stage threads, memory, time of one reading,
  and how late the last reading was.
- The grid: every other core of this machine.
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

    def content(self, width: int, height: int) -> list[Line]:
        """Stages, then own cost, then other cores."""
        sample = self.sample
        if sample is None:
            return []
        absent = () if is_counted(sample.run.topology) else processor.COLUMNS
        columns = choose([column for column in COLUMNS if column not in absent], width - 1)
        lines = [line((" ", Ink.TEXT), *heads(columns))] if height > self.row_count() else []
        threads = {stage: thread for thread in sample.threads for stage in thread.stages}
        for index in self.shown(len(lines), height - len(lines)):
            stage = sample.run.topology.stages[index]
            values = self._values(sample, stage, threads.get(stage.index), columns)
            lines.append(line(self.marker(index), *row(columns, values)))
        notes = processor.notes(sample, width)
        if height > len(lines) + len(notes):  # whole, or not at all: the screen of the cores has the room
            lines += notes
        if height > len(lines):
            lines.append(_cost(sample, width))
        return lines + self._others(sample, width)

    def _values(
        self, sample: Sample, stage: Stage, thread: Thread | None, columns: tuple[Column, ...]
    ) -> dict[str, Line]:
        bar = next((column.width for column in columns if column.key == "bar"), 0)
        busy = share_of_time(sample, Role.BUSY_NS, stage)
        blocked = share_of_time(sample, Role.BLOCKED_NS, stage)
        idle = None if busy is None else max(0.0, 1 - busy - (blocked or 0))
        core = core_of(sample, stage)
        longest = sample.value(sample.run.topology.first(Role.LONGEST_CYCLE_NS, stage=stage.index))
        return {
            "core": cell(UNKNOWN if core is None else str(core), Ink.MUTED),
            "stage": cell(stage.label, series_ink(stage.index)),
            "bar": self._bar(busy, blocked, bar, series_ink(stage.index)),
            "busy": numbers.share(busy),
            "blocked": numbers.share(blocked, Ink.WARN),
            "idle": numbers.share(idle, Ink.MUTED),
            "use": numbers.share(
                sample.cores[core] if core is not None and core < len(sample.cores) else None
            ),
            "polls": numbers.share(poll_hits(sample, stage)),
            "longest": cell(format_ns(longest)),
            "parks": numbers.rate(sample.rate(Role.PARKS, stage=stage.index)),
            **processor.values(sample, stage, self.windows, self.view),
            **_of_thread(sample, thread),
        }

    def _bar(self, busy: float | None, blocked: float | None, width: int, ink: Ink) -> Line:
        """Busy, then blocked in another shade, then empty."""
        if busy is None or not width:
            return meter(busy, width, ink, self.glyphs)
        held = min(width, round((blocked or 0.0) * width))
        done = meter(busy, width, ink, self.glyphs)
        if not held:
            return done
        filled = sum(len(text) for text, drawn in done if drawn is ink)
        held = min(held, width - filled)
        rest = self.glyphs.bar[0] * (width - filled - held)
        return line(
            *(span for span in done if span[1] is ink),
            (self.glyphs.shades[3] * held, Ink.WARN),
            (rest, Ink.FRAME),
        )

    def _others(self, sample: Sample, width: int) -> list[Line]:
        """The cores that no stage is pinned to, as a grid of bars."""
        stages = sample.run.topology.stages
        taken = {core_of(sample, stage) for stage in stages}
        others = [(core, ratio) for core, ratio in enumerate(sample.cores) if core not in taken]
        per_line = max(1, (width - 1) // CORE_CELLS)
        lines = []
        for start in range(0, len(others), per_line):
            spans: list[Span] = [(" ", Ink.TEXT)]
            for core, ratio in others[start : start + per_line]:
                spans += [(f"{core:>3} ", Ink.MUTED), *meter(ratio, 4, load_ink(ratio), self.glyphs)]
                spans.append((f"{format_percent(ratio):>5}"[:5], Ink.TEXT if ratio else Ink.MUTED))
            lines.append(line(*spans))
        return lines


def _of_thread(sample: Sample, thread: Thread | None) -> dict[str, Line]:
    if thread is None:
        return {}
    seconds = (sample.interval_ns or 0) / 1e9

    def per_s(number: int | None) -> float | None:
        return None if number is None or not seconds else number / seconds

    involuntary = per_s(thread.involuntary_switches)
    return {
        "cpu": numbers.share(thread.cpu_ratio),
        "voluntary": numbers.rate(per_s(thread.voluntary_switches)),
        "involuntary": numbers.rate(involuntary, Ink.WARN),
        "migrations": numbers.total(thread.migrations, 5, Ink.WARN),
        "thread": cell(str(thread.thread_id), Ink.MUTED),
    }


def _cost(sample: Sample, width: int) -> Line:
    """What watching costs; what does not fit goes from the end."""
    cost = sample.cost
    if cost is None:
        return line((" console cost unknown", Ink.MUTED))
    told: Line = line((" console ", Ink.MUTED))
    for name, text, after in (
        ("", format_percent(cost.cpu_ratio, decimals=1), " of a core"),
        ("  late ", format_ns(cost.tick_late_ns), ""),
        ("  reading ", format_ns(cost.reading_ns), ""),
        ("  memory ", format_bytes(cost.rss_bytes), ""),
    ):
        one = line((name, Ink.MUTED), (text, Ink.TEXT), (after, Ink.MUTED))
        if cells(told) + cells(one) > width:
            break
        told = line(*told, *one)
    return told
