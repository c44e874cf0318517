"""A replay's transport: which row is looked at, and how it goes on by itself. Pure state, no terminal."""

from __future__ import annotations

from velox_tui.console.pausing.timeline import Timeline
from velox_tui.telemetry.past import Past

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 10.0, 30.0, 60.0, 300.0, 3600.0)
_SECOND_NS = 10**9
_LONGEST = 2
"""Usual intervals that a gap lasts at most: nobody waits through the night between two runs."""
_ONE_BY_ONE = 64
"""Rows that are gone through one after another; more at once are jumped over."""


class Player:
    """Moves a Timeline along a recording. `speed` is a factor on the recording's own time."""

    def __init__(self, timeline: Timeline, past: Past, speed: float = 1.0) -> None:
        """Standing at the first row."""
        self._timeline = timeline
        self._past = past
        self._credit_ns = 0.0
        self.speed = speed
        self.playing = False
        timeline.to_start()

    @property
    def number(self) -> int:
        """The row looked at."""
        return self._timeline.number

    @property
    def at_end(self) -> bool:
        """Whether it is the newest."""
        return self.number >= self._past.last

    def play(self) -> None:
        """Goes on from here."""
        self.playing = True
        self._credit_ns = 0.0

    def stop(self) -> None:
        """Stands here."""
        self.playing = False

    def faster(self, step: int) -> None:
        """The next of SPEEDS, up or down; stays at either end."""
        others = [one for one in SPEEDS if (one > self.speed if step > 0 else one < self.speed)]
        if others:
            self.speed = others[0] if step > 0 else others[-1]

    def follow(self) -> bool:
        """To the newest row, which has just come; whether that is another."""
        before = self.number
        self._timeline.to_end()
        self._credit_ns = 0.0
        return self.number != before

    def advance(self, elapsed_ns: int) -> bool:
        """So much time has gone by; whether another row is looked at now."""
        if not self.playing or self.at_end:
            return False
        before = number = self.number
        self._credit_ns += elapsed_ns * self.speed
        while number < self._past.last:
            wait_ns = self._wait_ns(number)
            if self._credit_ns < wait_ns:
                break
            if number - before >= _ONE_BY_ONE:
                number = self._far(number)
                break
            self._credit_ns -= wait_ns
            number += 1
        if number != before:
            self._timeline.stand(number)
        return number != before

    def _wait_ns(self, number: int) -> int:
        """How long a row is looked at."""
        following = self._past.moment_ns(number + 1) - self._past.moment_ns(number)
        return min(following, max(_SECOND_NS, _LONGEST * self._past.interval_ns))

    def _far(self, number: int) -> int:
        """Where the credit leads to, gaps included."""
        found = self._past.number_at(self._past.moment_ns(number) + int(self._credit_ns))
        self._credit_ns = 0.0
        return max(number + 1, found or 0)
