"""The engine running in this process: created, started, steered, drained. It is read through its segment
only.
"""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import Any

from velox_tui.engine._library import check, error_buffer, library
from velox_tui.engine.options import EngineOptions, native_config


class Pipeline:
    """Four stages on threads of their own. Any thread may call; `stop` and `destroy` block."""

    def __init__(self, options: EngineOptions) -> None:
        """Takes all memory and creates the segment. Raises UsageError, InputError or EngineError."""
        self._ffi, self._lib = library()
        self._pipeline: Any = self._ffi.NULL
        self._ending = Lock()
        made, error = self._ffi.new("velox_pipeline **"), error_buffer()
        with native_config(options) as config:
            check(self._lib.velox_pipeline_create(config, made, error), "pipeline", error)
        self._pipeline = made[0]
        path = self._ffi.string(self._lib.velox_pipeline_segment_path(self._pipeline))
        self.segment_path = Path(path.decode())

    def start(self) -> None:
        """Starts the threads. Raises EngineError when one cannot be created or pinned."""
        error = error_buffer()
        check(self._lib.velox_pipeline_start(self._alive(), error), "pipeline not started", error)

    def command(self, command: int, stage: int, value: int) -> None:
        """Steers it (velox_command). Raises UsageError for a value or action that is not allowed."""
        status = self._lib.velox_pipeline_command(self._alive(), command, stage, value)
        check(status, f"command {command} with {value}")

    def request_stop(self) -> None:
        """Asks for the end without waiting; also from a signal handler."""
        if self._pipeline != self._ffi.NULL:
            self._lib.velox_pipeline_request_stop(self._pipeline)

    def stop(self) -> None:
        """Ends faults, drains every stage, joins the threads. Twice is once."""
        check(self._lib.velox_pipeline_stop(self._alive()), "pipeline not stopped")

    @property
    def drained(self) -> bool:
        """True once every stage has drained: after a stop, or because the input ended."""
        return bool(self._lib.velox_pipeline_drained(self._alive()))

    @property
    def failure(self) -> str | None:
        """Why it drained before its flow was over, in one line: another process cut its input short. None
        otherwise, and until it has drained.
        """
        error = error_buffer()
        if self._lib.velox_pipeline_failure(self._alive(), error) == self._lib.VELOX_OK:
            return None
        return str(self._ffi.string(error).decode(errors="replace"))

    def abandon(self) -> None:
        """Stops a run of which nothing came: `destroy` then also removes the journal that it made."""
        check(self._lib.velox_pipeline_abandon(self._alive()), "pipeline not stopped")

    def destroy(self) -> None:
        """Stops it if need be, removes the segment, gives the memory back. Twice is once."""
        with self._ending:
            pipeline, self._pipeline = self._pipeline, self._ffi.NULL
        if pipeline != self._ffi.NULL:
            self._lib.velox_pipeline_destroy(pipeline)

    def _alive(self) -> Any:
        if self._pipeline == self._ffi.NULL:
            raise RuntimeError("the pipeline has been destroyed")
        return self._pipeline
