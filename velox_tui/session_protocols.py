"""What a Session needs of a recording, without knowing recordings: implemented by velox_tui.recording."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from velox_tui.telemetry.sample import Run, Sample


class RecordingStatus(Protocol):
    """How a recording stands."""

    @property
    def path(self) -> Path | None:
        """The file; None for stdout."""

    @property
    def rows(self) -> int:
        """Rows written."""

    @property
    def lost_rows(self) -> int:
        """Rows that could not be written."""

    @property
    def bytes(self) -> int:
        """Bytes written."""

    @property
    def degraded(self) -> str | None:
        """Why rows are being lost; None: all is well."""


class RecordingSummary(Protocol):
    """What a recording came to."""

    @property
    def path(self) -> Path | None:
        """The file; None for stdout."""

    @property
    def rows(self) -> int:
        """Rows written."""

    @property
    def lost_rows(self) -> int:
        """Rows that could not be written."""


class Recorder(Protocol):
    """Writes Samples somewhere. `write` never raises for input or output: it counts lost rows."""

    @property
    def status(self) -> RecordingStatus:
        """How it stands; may be asked from any thread."""

    def write(self, sample: Sample) -> None:
        """Keeps one Sample."""

    def close(self, final: Sample | None, reason: str) -> RecordingSummary:
        """Writes the final Sample if there is one, syncs and closes. Twice is once."""


OpenRecording = Callable[[Path, Run], Recorder]
"""Makes the recorder of a new file; raises RecordingError when it exists or cannot be created."""
