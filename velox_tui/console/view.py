"""What the user has chosen to look at. One frozen value, shared by every pane; each key that changes it makes
a new one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from velox_tui.console.glyphs import GraphStyle
from velox_tui.telemetry.sample import Sample

SECOND_NS = 1_000_000_000
CHART_WINDOWS_NS = tuple(seconds * SECOND_NS for seconds in (30, 60, 300, 900, 1800, 3600))
"""Choices of `ViewState.window_ns`, in the order in which `[` and `]` step through them."""
WINDOW_NS = 300 * SECOND_NS
"""What a chart shows unless the user chose, and…"""
YOUNG_WINDOW_NS = 60 * SECOND_NS
"""…until so much has been seen."""
PERCENTILE_WINDOWS_NS: tuple[int | None, ...] = (SECOND_NS, 10 * SECOND_NS, 60 * SECOND_NS, None)
"""Choices of `ViewState.percentile_window_ns`; None is the whole run."""


Playback = Literal["", "playing", "paused", "following"]
"""Following: at the end of a recording that is being written."""


@dataclass(frozen=True, slots=True)
class ViewState:
    """Windows, cursor, pause and scale of every pane. Times are on the axis of Sample.mono_ns."""

    window_ns: int = WINDOW_NS
    """Time that a chart shows."""
    growing: bool = True
    """Whether `window_ns` grows with a young run: until the user chooses one, or it is full."""
    percentile_window_ns: int | None = 10 * SECOND_NS
    """Time over which percentiles and high-water marks are taken; None: the run (since the last reset)."""
    cursor_ns: int | None = None
    """The crosshair's moment; None: no crosshair."""
    paused_at_ns: int | None = None
    """The moment that is looked at while paused or replaying; None: live."""
    log_scale: bool = False
    """Logarithmic value axis where the pane leaves the choice."""
    series: int = 0
    """Which of its subjects a chart shows, modulo the number it has."""
    graph: GraphStyle = GraphStyle.BRAILLE
    since_ns: int = 0
    """The moment of the last reset of windows: nothing before it counts in a window (totals always do)."""
    speed: float = 1.0
    """Of a replay."""
    playback: Playback = ""
    """What a replay does; "" where none is."""
    kept_ns: int = 0
    """Moment of a replay's newest row: a longer recording is another view."""

    def grown(self, age_ns: int) -> ViewState:
        """The view once so much has been seen: a chart of a young run is not mostly empty."""
        young = age_ns <= YOUNG_WINDOW_NS
        return replace(self, window_ns=YOUNG_WINDOW_NS if young else WINDOW_NS, growing=young)

    def end_ns(self, sample: Sample | None) -> int:
        """Where charts end: the moment looked at, else the newest reading; 0 without either."""
        if self.paused_at_ns is not None:
            return self.paused_at_ns
        return 0 if sample is None else sample.mono_ns
