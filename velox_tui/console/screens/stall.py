"""Stop a stage for a while: which, and how long."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from textual.widget import Widget
from textual.widgets import Input, Label, OptionList
from textual.widgets.option_list import Option

from velox_tui.console.screens.dialog import Dialog, Field
from velox_tui.telemetry.topology import Stage
from velox_tui.telemetry.units import parse_duration_ns

LONGEST_NS = 60 * 10**9
"""A stall that outlasts a minute is a mistyped unit."""


class Stall(NamedTuple):
    """What was chosen."""

    stage: int
    duration_ns: int


class StallDialog(Dialog[Stall]):
    """Asks for stage and time."""

    HEADING = "Stall a stage"
    HINT = "arrows stage   tab time   enter stall   esc cancel"

    def __init__(self, stages: tuple[Stage, ...], *, chosen: int = 1, duration: str = "500ms") -> None:
        """`chosen` and `duration` are what it begins with."""
        super().__init__()
        self._stages = stages
        self._chosen = min(chosen, len(stages) - 1)
        self._duration = duration

    def body(self) -> Iterator[Widget]:
        """The stages and the time."""
        yield Label("The stage takes nothing for that long; the ring before it fills.", classes="explanation")
        stages = OptionList(*(Option(stage.label, id=stage.name) for stage in self._stages), id="stages")
        stages.highlighted = self._chosen
        yield stages
        yield Field("time", id="time", value=self._duration, hint="100us, 500ms, 2s")

    def on_option_list_option_selected(self) -> None:
        """Enter on a stage."""
        self._apply()

    def on_input_submitted(self) -> None:
        """Enter on the time."""
        self._apply()

    def _apply(self) -> None:
        try:
            duration_ns = parse_duration_ns(self.query_one("#time", Input).value)
        except ValueError as error:
            self.complain(str(error))
            return
        if not 0 < duration_ns <= LONGEST_NS:
            self.complain("a stall lasts more than nothing and at most 1m")
            return
        stage = self.query_one("#stages", OptionList).highlighted or 0
        self.dismiss(Stall(self._stages[stage].index, duration_ns))
