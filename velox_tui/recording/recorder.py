"""The recorder: a row and a frame for every Sample, in one recording or in parts. Called from one thread at a
time.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Any

from velox_tui.errors import RecordingError
from velox_tui.recording import aside, opening, paths
from velox_tui.recording.columns_words import ts_utc
from velox_tui.recording.frames import MinuteMerger, interval_frame
from velox_tui.recording.part import Part
from velox_tui.recording.paths import PartPaths
from velox_tui.recording.rotation import Rotation
from velox_tui.recording.rows import Rows
from velox_tui.recording.status import RecordingStatus, RecordingSummary
from velox_tui.telemetry.sample import Run, Sample


class Mode(Enum):
    """What to do where the recording exists."""

    NEW = "refuse"
    APPEND = "continue it"
    FORCE = "move it aside"


class FileRecorder:
    """Writes to files. Once open, nothing that the disk does raises: it becomes lost rows and the status."""

    def __init__(
        self,
        target: Path,
        run: Run,
        given: Mapping[str, Any],
        *,
        mode: Mode = Mode.NEW,
        rotation: Rotation | None = None,
    ) -> None:
        """`given` goes into the meta file. RecordingError when the files cannot be had."""
        if not target.name:
            raise RecordingError(f"{target}: not the name of a file")
        paths.require_room(target, rotated=rotation is not None)
        self._target = target
        self._run = run
        self._given = given
        self._rotation = rotation
        self._rows = Rows(run.topology)
        self._minutes = MinuteMerger(run)
        self._kept = self._lost = self._bytes = 0
        """Of the parts before the present one, and rows that could not be made."""
        self._rotation_trouble: str | None = None
        self._last: Sample | None = None
        self._summary: RecordingSummary | None = None
        self.moved: Mapping[Path, Path] = {}
        """Old files that were moved aside, and where they are now."""
        self._part = self._first_part(mode)
        self._part_unix_ns = self._part.newest_unix_ns

    @property
    def cut_bytes(self) -> int:
        """Of an unterminated row at the end of a continued recording, which was cut off."""
        return self._part.cut_bytes

    @property
    def status(self) -> RecordingStatus:
        """How it stands."""
        rows = self._part.rows
        trouble = self._part.trouble or self._rotation_trouble
        kept, lost = self._kept + rows.kept, self._lost + rows.lost
        return RecordingStatus(self._part.paths.csv, kept, lost, self._bytes + rows.size_bytes, trouble)

    def write(self, sample: Sample) -> None:
        """Adds a Sample; what cannot be written is counted, a fault of ours too (and raised)."""
        try:
            row = self._rows.row(sample)
        except Exception:
            self._lost += 1
            raise
        if self._rotation is not None:
            self._rotate_if_due(self._rotation, sample, len(row))
        minute = self._minutes.add(sample)
        frames = [minute] if minute else []
        self._part.write(row, [*frames, interval_frame(sample)])
        self._last = sample

    def close(self, final: Sample | None, reason: str) -> RecordingSummary:
        """Writes the final Sample, syncs, completes the meta file. Idempotent."""
        if self._summary is None:
            try:
                if final is not None:
                    self.write(final)
            finally:
                self._close_part(reason)
                status = self.status
                self._summary = RecordingSummary(status.path, status.rows, status.lost_rows, status.degraded)
        return self._summary

    def _first_part(self, mode: Mode) -> Part:
        self._number = 1
        if mode == Mode.APPEND:
            numbers = paths.part_numbers(self._target) if self._rotation else []
            self._number = max(numbers, default=1)
            return self._open_part(append=True)
        existing = paths.existing_parts(self._target) if self._rotation else self._paths().existing
        if mode == Mode.FORCE:
            self.moved = aside.move_aside(existing)
        elif existing:
            raise opening.exists(existing[0])
        return self._open_part(append=False)

    def _paths(self) -> PartPaths:
        return paths.numbered(self._target, self._number) if self._rotation else paths.beside(self._target)

    def _open_part(self, *, append: bool) -> Part:
        return Part(self._paths(), self._run, self._rows, self._given, append=append)

    def _rotate_if_due(self, rotation: Rotation, sample: Sample, row_bytes: int) -> None:
        """A new part where it is time for one; where it cannot be had, the present one goes on."""
        if self._part_unix_ns is None:
            self._part_unix_ns = sample.unix_ns
        rows = self._part.rows
        due = rotation.due(
            part_unix_ns=self._part_unix_ns,
            now_unix_ns=sample.unix_ns,
            size_bytes=rows.size_bytes,
            row_bytes=row_bytes,
        )
        if not due:
            return
        self._number += 1
        try:
            following = self._open_part(append=False)
        except RecordingError as error:
            self._number -= 1
            self._rotation_trouble = f"no new part: {error}"
            return
        self._rotation_trouble = None
        self._close_part("rotated")
        self._kept, self._lost = self._kept + rows.kept, self._lost + rows.lost
        self._bytes += rows.size_bytes
        self._part, self._part_unix_ns = following, sample.unix_ns

    def _close_part(self, reason: str) -> None:
        minute = self._minutes.finish()
        if minute:
            self._part.frames.append(minute)
        self._part.close(ts_utc(self._last.unix_ns) if self._last else None, reason)
