"""What a terminal too small for any screen shows: its size, the size needed, and the three vital numbers."""

from __future__ import annotations

from textual.reactive import reactive
from textual.widget import Widget

from velox_tui.telemetry.sample import Sample
from velox_tui.telemetry.topology import Role
from velox_tui.telemetry.units import format_ns, format_rate

NEEDED_WIDTH, NEEDED_HEIGHT = 40, 10


def too_small(width: int, height: int) -> bool:
    """Whether a terminal of that size is shown the message instead of a screen."""
    return width < NEEDED_WIDTH or height < NEEDED_HEIGHT


def vital(sample: Sample | None) -> list[str]:
    """Throughput at the exit, drops, end-to-end p99: one short line each."""
    if sample is None:
        return ["rate —", "drops —", "p99 —"]
    topology = sample.run.topology
    last = topology.stages[-1].index
    quantiles = sample.quantile(topology.histogram(Role.LATENCY_EXIT, stage=last))
    return [
        f"rate {format_rate(sample.rate(Role.OUT, stage=last))}/s",
        f"drops {format_rate(sample.rate(Role.DROPPED))}/s",
        f"p99 {format_ns(None if quantiles is None else quantiles.p99)}",
    ]


class TooSmall(Widget):
    """The centred message; styles show it in place of everything else."""

    sample: reactive[Sample | None] = reactive(None)

    def render(self) -> str:
        """As many of the lines as fit."""
        width, height = self.size
        size = self.screen.size
        lines = [f"{size.width}x{size.height}: needs {NEEDED_WIDTH}x{NEEDED_HEIGHT}", *vital(self.sample)]
        shown = lines[:height] if height < len(lines) else [""] * ((height - len(lines)) // 2) + lines
        return "\n".join(line[:width].center(width).rstrip() for line in shown)
