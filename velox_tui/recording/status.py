"""What a recorder says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class RecordingStatus:
    """A recording at this moment; `path` None: stdout. `degraded` says what is wrong, None for nothing."""

    path: Path | None
    rows: int
    lost_rows: int
    bytes: int
    degraded: str | None


@dataclass(frozen=True, slots=True)
class RecordingSummary:
    """A finished recording."""

    path: Path | None
    rows: int
    lost_rows: int
    degraded: str | None
