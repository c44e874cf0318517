"""A pipeline of this process: started with the source, drained by its close, read through its segment."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from velox_tui.engine import segment as segments
from velox_tui.engine.options import EngineOptions
from velox_tui.engine.pipeline import Pipeline
from velox_tui.engine.segment import Segment
from velox_tui.errors import ControlError, VeloxError
from velox_tui.sources.reader import SegmentReader
from velox_tui.telemetry.commands import NAMES, Command
from velox_tui.telemetry.rates import Reading
from velox_tui.telemetry.sample import Event, Run, State

FIRST_CUT_NS = 500_000_000
"""Longest wait for the first cut, which comes within milliseconds, so that the first reading has a ledger."""
_REFUSALS = {
    Command.BURST: "no burst: the transactions come from a file",
    Command.RATE_MILLIHZ: "the rate cannot be changed: this flow is not paced by a rate",
    Command.WAIT: "wait spin is refused: there are more stage threads than usable cores",
}
"""Why the engine refuses a command with a value that it allows."""


class LiveSource:
    """Owns a Pipeline. `read` is one thread's; `command` and `request_stop` are anybody's."""

    controllable = True

    def __init__(self, options: EngineOptions) -> None:
        """Starts the pipeline, after left-over segments of dead processes were removed.

        Raises UsageError, InputError or EngineError; nothing is left behind then.
        """
        segments.clean(options.segment_dir)
        self._was_read = False
        self._failure: str | None = None
        self._pipeline = Pipeline(options)
        try:
            self._reader = SegmentReader(Segment(self._pipeline.segment_path), "live")
            self._pipeline.start()
            self._reader.await_cut(FIRST_CUT_NS)
        except BaseException:
            self._pipeline.abandon()
            self._pipeline.destroy()
            raise

    @property
    def run(self) -> Run:
        """What stays the same."""
        return self._reader.run

    @property
    def segment_path(self) -> Path:
        """Where others can watch it."""
        return self._reader.segment.path

    def read(self) -> Reading:
        """The present moment; after `close`, the rest. Tells of a failure once."""
        self._was_read = True
        reading = self._reader.read()
        if reading.state != State.STOPPED or self._failure is not None:
            return reading
        self._failure = self._pipeline.failure
        return reading if self._failure is None else _told(reading, self._failure)

    @property
    def failure(self) -> str | None:
        """What another process did to its input, once a reading has found it stopped."""
        return self._failure

    def command(self, command: int, stage: int, value: int) -> None:
        """Steers the pipeline. Raises ControlError when the engine refuses."""
        try:
            self._pipeline.command(command, stage, value)
        except VeloxError as error:
            known = _REFUSALS.get(Command(command)) if "permitted" in str(error) else None
            raise ControlError(known or f"{NAMES[command]} is refused by the engine: {error}") from None

    def request_stop(self) -> None:
        """Asks for the end without waiting; also from a signal handler."""
        self._pipeline.request_stop()

    def close(self) -> None:
        """Drains and joins the stages. Twice is once."""
        self._pipeline.stop()

    def release(self) -> None:
        """Removes the segment, and the journal of a run that was never read; gives the memory back. Twice is
        once.
        """
        if not self._was_read:
            self._was_read = True
            self._pipeline.abandon()
        self._reader.close()
        self._pipeline.destroy()


def _told(reading: Reading, failure: str) -> Reading:
    event = Event(reading.mono_ns, "life", "critical", "input_cut", failure)
    return replace(reading, events=(*reading.events, event))
