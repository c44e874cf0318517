"""One recording on disk, or one part of it: rows, frames and the meta file, opened together or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from typing import Any

from velox_tui.recording import opening
from velox_tui.recording.append_file import AppendFile
from velox_tui.recording.frame_codec import MARK
from velox_tui.recording.frames import run_frame
from velox_tui.recording.meta import MetaFile
from velox_tui.recording.paths import PartPaths
from velox_tui.recording.rows import Rows
from velox_tui.telemetry.sample import Run


class Part:
    """Three open files. RecordingError when they cannot be had; what existed is as it was then."""

    def __init__(
        self, paths: PartPaths, run: Run, rows: Rows, given: Mapping[str, Any], *, append: bool
    ) -> None:
        """`append`: continue the files where the rows exist."""
        self.paths = paths
        self.cut_bytes = 0
        """Of an unterminated row at the end of a continued file, which was cut off."""
        self.newest_unix_ns: int | None = None
        """When a continued file was last written to."""
        continued = append and os.path.lexists(paths.csv)
        if not continued and paths.existing:
            raise opening.exists(paths.existing[0])
        self._meta = MetaFile(paths.meta, run, rows.columns, given)
        with ExitStack() as undo:
            if continued:  # opening changes nothing in frames: where it is refused, the rows are as they were
                self.frames = self._open_frames(run_frame(run), undo)
                self.rows = self._open_rows(rows.header, continued, undo)
            else:  # a kill in between leaves rows, which --append continues
                self.rows = self._open_rows(rows.header, continued, undo)
                self.frames = self._open_frames(run_frame(run), undo)
            self._meta.add()
            undo.pop_all()
        opening.sync_folder(paths.csv.parent)
        self.frames.append(b"")

    def _open_rows(self, header: bytes, continued: bool, undo: ExitStack) -> AppendFile:
        path = self.paths.csv
        if continued:
            self.newest_unix_ns = path.lstat().st_mtime_ns
            descriptor, self.cut_bytes = opening.continue_rows(path, header)
        else:
            descriptor = opening.begin_rows(path, header)
            undo.callback(path.unlink, missing_ok=True)
        file = AppendFile(descriptor, synced=True, lines=True, head=header, head_end=len(header))
        undo.callback(file.close)
        return file

    def _open_frames(self, head: bytes, undo: ExitStack) -> AppendFile:
        path = self.paths.frames
        if os.path.lexists(path):
            descriptor = opening.continue_records(path, MARK)
        else:
            descriptor = opening.create(path)
            undo.callback(path.unlink, missing_ok=True)
        head_end = os.fstat(descriptor).st_size + len(head)
        file = AppendFile(descriptor, synced=False, head=head, head_end=head_end)
        undo.callback(file.close)
        return file

    @property
    def trouble(self) -> str | None:
        """What is wrong with one of the files at present, with its name."""
        for path, trouble in (
            (self.paths.csv, self.rows.trouble),
            (self.paths.frames, self.frames.trouble),
            (self.paths.meta, self._meta.trouble),
        ):
            if trouble:
                return f"{path} {trouble}"
        return None

    def write(self, row: bytes, frames: Iterable[bytes]) -> bool:
        """A row, then its frames; whether the row is in the file."""
        kept = self.rows.append(row)
        for frame in frames:
            self.frames.append(frame)
        return kept

    def close(self, stopped_utc: str | None, reason: str) -> None:
        """Syncs and closes everything; the meta file says how it ended."""
        self.rows.close()
        self.frames.close()
        self._meta.complete(
            stopped_utc=stopped_utc,
            exit_reason=reason,
            rows=self.rows.kept,
            lost_rows=self.rows.lost,
            lost_frames=self.frames.lost,
        )
