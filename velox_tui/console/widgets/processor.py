"""The processor's counters in the table of cores: a stage's figures, and what must be said of them."""

from __future__ import annotations

import textwrap

from velox_tui.console.palette import Ink
from velox_tui.console.view import ViewState
from velox_tui.console.widgets import numbers
from velox_tui.console.widgets.line import Line, line
from velox_tui.console.widgets.table import Column, cell
from velox_tui.console.windows import Windows
from velox_tui.telemetry import processor
from velox_tui.telemetry.sample import Sample
from velox_tui.telemetry.topology import Stage
from velox_tui.telemetry.units import UNKNOWN

COLUMNS = (
    Column("ipc", "IPC", 4, weight=4),
    Column("cycles", "CYC/tx", 6, weight=3),
    Column("cache", "LLC/ktx", 7, weight=3),
    Column("branch", "BR/ktx", 6, weight=2),
)
TEXT = "hardware_counters"
"""The text of the segment that says what is counted, or why not."""
ABOVE = "↑"
"""In the row of a stage whose thread is counted in the row of an earlier one."""
HELP = """\
- **IPC** instructions a cycle, by the processor's own counters, of the stage's thread in user space, over the
  percentile window (`w`): low where it waits for memory, but also where it pauses between looks for work.
  **CYC/tx** cycles a transaction that the stage passed on, those of looking for work among them: a spinning
  thread spends all it has. **LLC/ktx**, **BR/ktx** misses of the last-level cache and of the branch
  prediction a thousand transactions. `—` is unknown. Stages of one thread have its figures once, in the first
  one's row; the others show `↑`. Where nothing can be counted, a line below says why and what helps.
"""


def values(sample: Sample, stage: Stage, windows: Windows, view: ViewState) -> dict[str, Line]:
    """A stage's figures over the percentile window, by column."""
    topology = sample.run.topology
    if not processor.has_counters(topology, stage.index):
        sharing = processor.stages_of_thread(sample, stage.index)
        counted = any(processor.has_counters(topology, other) for other in sharing)
        return {column.key: cell(ABOVE if counted else UNKNOWN, Ink.MUTED) for column in COLUMNS}
    change = windows.change(sample, view)
    if change is None:
        return {column.key: cell(UNKNOWN, Ink.MUTED) for column in COLUMNS}
    found = processor.figures(topology, stage.index, change.deltas, change.duration_ns)
    ipc = found.instructions_per_cycle
    return {
        "ipc": cell(UNKNOWN, Ink.MUTED) if ipc is None else cell(f"{ipc:.2f}"),
        "cycles": numbers.rate(found.cycles_per_transaction),
        "cache": numbers.rate(found.cache_misses_per_thousand),
        "branch": numbers.rate(found.branch_misses_per_thousand),
    }


def notes(sample: Sample, width: int) -> list[Line]:
    """Which stages share their figures; or why there are none, as the pipeline itself says it."""
    topology = sample.run.topology
    text = dict(topology.texts).get(TEXT, "")
    if processor.is_counted(topology):
        labels = {stage.index: stage.label for stage in topology.stages}
        shared = {processor.stages_of_thread(sample, stage.index) for stage in topology.stages}
        threads = ["+".join(labels[stage] for stage in one) for one in sorted(shared) if len(one) > 1]
        text = f"of whole threads: {', '.join(threads)}" if threads else ""
    if not text:
        return []
    parts = textwrap.wrap(f"hardware counters: {text}", max(20, width - 1), subsequent_indent="  ")
    return [line((f" {part}", Ink.MUTED)) for part in parts]
