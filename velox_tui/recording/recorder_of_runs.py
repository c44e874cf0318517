"""One recording of several runs, one after another: each begins as `--append` does, with its own entry in
the meta file and its own frame of its shape.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from velox_tui.errors import RecordingError
from velox_tui.recording.recorder import FileRecorder, Mode
from velox_tui.recording.rotation import Rotation
from velox_tui.recording.status import RecordingStatus, RecordingSummary
from velox_tui.telemetry.sample import Run, Sample

RUN_ENDED = "pipeline ended"


class RecorderOfRuns:
    """Goes on in the same files when a Sample of another run comes; rows for which it cannot are lost."""

    def __init__(
        self, first: FileRecorder, run: Run, target: Path, given: Mapping[str, Any], rotation: Rotation | None
    ) -> None:
        """Goes on with `first`, which was opened on `target` for `run` with `given` and `rotation`."""
        self._recorder = first
        self._run_id = run.run_id
        self._target = target
        self._given = given
        self._rotation = rotation
        self._rows = self._lost = 0
        """Of the runs before the present one, and of runs that could not be begun."""
        self._trouble: str | None = None
        self._summary: RecordingSummary | None = None

    @property
    def status(self) -> RecordingStatus:
        """How it stands, all runs together; bytes are the present recorder's."""
        now = self._recorder.status
        rows, lost = self._rows + now.rows, self._lost + now.lost_rows
        return RecordingStatus(now.path, rows, lost, now.bytes, self._trouble or now.degraded)

    def write(self, sample: Sample) -> None:
        """Adds a Sample."""
        if sample.run.run_id != self._run_id:
            self._begin(sample.run)
        if self._trouble is None:
            self._recorder.write(sample)
        else:
            self._lost += 1

    def close(self, final: Sample | None, reason: str) -> RecordingSummary:
        """Writes the final Sample if there is one, syncs and closes. Twice is once."""
        if self._summary is None:
            try:
                if final is not None:
                    self.write(final)
            finally:
                self._recorder.close(None, reason)
                status = self.status
                self._summary = RecordingSummary(status.path, status.rows, status.lost_rows, status.degraded)
        return self._summary

    def _begin(self, run: Run) -> None:
        """Ends the run before and begins this one; a failure becomes the trouble and is tried again."""
        self._recorder.close(None, RUN_ENDED)
        try:
            following = FileRecorder(
                self._target, run, self._given, mode=Mode.APPEND, rotation=self._rotation
            )
        except RecordingError as error:
            self._trouble = str(error)
            return
        self._trouble = None
        before = self._recorder.status
        self._rows, self._lost = self._rows + before.rows, self._lost + before.lost_rows
        self._recorder, self._run_id = following, run.run_id
