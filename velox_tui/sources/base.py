"""Where readings come from. A Session asks no more of it than this."""

from __future__ import annotations

from typing import Protocol

from velox_tui.telemetry.rates import Reading
from velox_tui.telemetry.sample import Run


class Steered(Protocol):
    """One pipeline, as far as it can be steered."""

    @property
    def run(self) -> Run:
        """What stays the same; another one after a reading that found the pipeline started anew."""

    @property
    def controllable(self) -> bool:
        """Whether `command` does anything."""

    def command(self, command: int, stage: int, value: int) -> None:
        """Steers the pipeline (velox_command); from any thread. Raises ControlError when refused."""


class Source(Steered, Protocol):
    """One pipeline, as far as it can be read (and, where `controllable`, steered). Used by one thread at a
    time.
    """

    @property
    def failure(self) -> str | None:
        """Why the pipeline stopped before its flow was over, in one line, once a reading has found it
        stopped. None otherwise.
        """

    def read(self) -> Reading:
        """The present moment. Raises a VeloxError when there is nothing to read any more."""

    def close(self) -> None:
        """Live: stops the pipeline and waits until it has drained; then one more `read` finds it at rest.
        Twice is once.
        """

    def release(self) -> None:
        """Gives everything back; nothing may be read afterwards. Twice is once."""
