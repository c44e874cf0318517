"""A pipeline of another process, and after its end whichever runs in its place.

The end is read once more, so that the last counters and the state are seen; from the next reading on a
successor is looked for. Until there is one, the last reading stays.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from velox_tui.errors import ControlError, VeloxError
from velox_tui.sources.base import Source
from velox_tui.telemetry.rates import Reading
from velox_tui.telemetry.sample import Event, Run, State
from velox_tui.telemetry.topology import Topology

OVER = (State.STOPPED, State.LOST)


class FollowedSource:
    """Whatever `attach` finds, one after another. Used by one thread."""

    controllable = False
    failure: str | None = None
    """Their own processes tell."""

    def __init__(
        self,
        attach: Callable[[], Source],
        *,
        any_shape: bool = False,
        tell: Callable[[str], None] = lambda text: None,
    ) -> None:
        """Attaches; raises what `attach` raises.

        A successor of another shape is followed only with `any_shape`: those who keep columns cannot. `tell`
        is told of ends, successors and those not followed, each in one line.
        """
        self._attach = attach
        self._any_shape = any_shape
        self._tell = tell
        self._source = attach()
        self._over = False
        self._refused: str | None = None
        """run_id of the successor that is of another shape."""

    @property
    def run(self) -> Run:
        """That of the newest reading."""
        return self._source.run

    def read(self) -> Reading:
        """The present moment of the pipeline that runs; else the last one of that which ended."""
        found = self._successor() if self._over else None
        if found is not None:
            return found
        reading = self._source.read()
        if reading.state in OVER and not self._over:
            self._over = True
            how = "has stopped" if reading.state == State.STOPPED else "is gone"
            self._tell(f"pid {reading.run.pid} {how}; waiting for another pipeline in its place")
        return reading

    def command(self, command: int, stage: int, value: int) -> None:
        """Another process's pipeline cannot be steered."""
        raise ControlError("no control here: the pipeline belongs to another process")

    def close(self) -> None:
        """Nothing ends: the pipeline is another's."""

    def release(self) -> None:
        """Lets go of the pipeline. Twice is once."""
        self._source.release()

    def _successor(self) -> Reading | None:
        """The first reading of a pipeline that runs in place of the one that is over, with the event."""
        try:
            found = self._attach()
        except (VeloxError, OSError):
            return None
        reading = None
        try:
            reading = found.read()
        except (VeloxError, OSError):
            return None
        finally:
            if reading is None:
                found.release()
        if reading.state in OVER or not self._takes(found.run):
            found.release()
            return None
        self._source.release()
        self._source, self._over = found, False
        run = found.run
        text = f"another pipeline goes on here: pid {run.pid}, run {run.run_id}"
        self._tell(text)
        event = Event(reading.mono_ns, "life", "warn", "restarted", text)
        return replace(reading, events=(event, *reading.events))

    def _takes(self, run: Run) -> bool:
        if self._any_shape or _columns(run.topology) == _columns(self.run.topology):
            return True
        if self._refused != run.run_id:
            self._refused = run.run_id
            self._tell(f"pid {run.pid} runs a pipeline of another shape: attach to it anew")
        return False


def _columns(topology: Topology) -> Topology:
    """What columns and histories are made from: everything but texts."""
    return replace(topology, texts=())
