"""Which moment the console looks at: live, or paused at a Sample of the history while sampling goes on.

Pure state, no terminal: the actions move it, the app shows `sample`.
"""

from __future__ import annotations

from collections.abc import Callable

from velox_tui.console.pausing.moment import parse_moment
from velox_tui.telemetry.past import Past
from velox_tui.telemetry.sample import Sample

Parse = Callable[[str, Sample, Sample], int]
"""Text, oldest and newest Sample → moment; ValueError where it is none."""


class Timeline:
    """Live (`sample` is None) or paused at a Sample that the history keeps."""

    def __init__(self, history: Past, parse: Parse = parse_moment) -> None:
        """Live. `parse` turns what a user writes into a moment."""
        self._history = history
        self._parse = parse
        self._number = -1
        self.sample: Sample | None = None

    @property
    def paused(self) -> bool:
        """Whether a moment of the past is looked at."""
        return self.sample is not None

    @property
    def at_ns(self) -> int | None:
        """The moment looked at (Sample.mono_ns); None: live."""
        return None if self.sample is None else self.sample.mono_ns

    @property
    def number(self) -> int:
        """Of the Sample looked at; the newest while live."""
        return self._number if self.paused else self._history.last

    def resume(self) -> None:
        """Live again."""
        self.sample = None

    def step(self, samples: int) -> None:
        """That many Samples on (back where negative); pauses, and stops at either end."""
        self.stand(self.number + samples)

    def seek(self, duration_ns: int) -> None:
        """That long on (back where negative), to the nearest Sample; pauses, and stops at either end."""
        now = self.sample or self._history.sample(self._history.last)
        if now is not None:
            number = self._history.number_at(now.mono_ns + duration_ns + self._history.interval_ns // 2)
            self.stand(self._history.first if number is None else number)

    def to_start(self) -> None:
        """At the oldest Sample kept."""
        self.stand(self._history.first)

    def to_end(self) -> None:
        """At the newest Sample."""
        self.stand(self._history.last)

    def show(self, mono_ns: int) -> None:
        """At the Sample whose interval holds that moment; at the nearest end where none does."""
        before = self._history.number_at(mono_ns - 1)
        self.stand(self._history.first if before is None else before + 1)

    def find(self, text: str) -> int:
        """The moment (mono_ns) that a user's text means. Raises ValueError where it is none, or none that is
        kept.
        """
        oldest, newest = self._history.sample(self._history.first), self._history.sample(self._history.last)
        if oldest is None or newest is None:
            raise ValueError("nothing has been sampled yet")
        return self._parse(text, oldest, newest)

    def stand(self, number: int) -> None:
        """At that Sample; at the nearest one kept where it is gone or not yet there."""
        if len(self._history):
            self._number = min(max(number, self._history.first), self._history.last)
            self.sample = self._history.sample(self._number)
