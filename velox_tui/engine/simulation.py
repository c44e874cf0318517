"""The same stages on one thread under a virtual clock: same options and commands, same bytes."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any

from velox_tui.engine._library import check, error_buffer, library
from velox_tui.engine.options import EngineOptions, native_config


class Simulation:
    """Used by one thread. A context manager that destroys it at the end."""

    def __init__(self, options: EngineOptions) -> None:
        """At virtual time 0. Raises UsageError, InputError or EngineError."""
        self._ffi, self._lib = library()
        made, error = self._ffi.new("velox_simulation **"), error_buffer()
        with native_config(options) as config:
            check(self._lib.velox_simulation_create(config, made, error), "simulation", error)
        self._simulation: Any = made[0]
        path = self._ffi.string(self._lib.velox_simulation_segment_path(self._simulation))
        self.segment_path = Path(path.decode())

    def run_until(self, virtual_ns: int) -> None:
        """Runs to that virtual time, which must not lie in the past."""
        check(
            self._lib.velox_simulation_run_until(self._simulation, virtual_ns), f"run until {virtual_ns} ns"
        )

    def command(self, command: int, stage: int, value: int) -> None:
        """Steers it (velox_command). Raises UsageError for a value or action that is not allowed."""
        status = self._lib.velox_simulation_command(self._simulation, command, stage, value)
        check(status, f"command {command} with {value}")

    def stop(self) -> None:
        """Ends faults and drains every stage. Twice is once."""
        check(self._lib.velox_simulation_stop(self._simulation), "simulation not stopped")

    @property
    def now_ns(self) -> int:
        """The virtual time."""
        return int(self._lib.velox_simulation_now_ns(self._simulation))

    @property
    def digest(self) -> int:
        """Of everything that Output has taken, in order: equal runs have equal digests."""
        return int(self._lib.velox_simulation_digest(self._simulation))

    def destroy(self) -> None:
        """Removes the segment, gives the memory back. Twice is once."""
        simulation, self._simulation = self._simulation, self._ffi.NULL
        self._lib.velox_simulation_destroy(simulation)

    def __enter__(self) -> Simulation:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Destroys it."""
        self.destroy()
