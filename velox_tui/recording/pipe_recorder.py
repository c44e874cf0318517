"""Rows to stdout. A reader that is slow never delays a tick, one that is gone ends the run.

Rows wait in memory, at most WAITING_BYTES_MAX of them; beyond that they are lost and counted. A descriptor of
a pipe is only written to when the system says that it has room for PIPE_BUF bytes, so that a write never
blocks.
"""

from __future__ import annotations

import os
import select
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from velox_tui.recording.rows import Rows
from velox_tui.recording.status import RecordingStatus, RecordingSummary
from velox_tui.telemetry.sample import Run, Sample

WAITING_BYTES_MAX: Final = 4 << 20
PATIENCE_S: Final = 2.0
"""How long the end of a run waits for a slow reader."""


class PipeRecorder:
    """Writes to an open descriptor, which it does not close. No frames and no meta file."""

    def __init__(self, descriptor: int, run: Run, *, on_closed: Callable[[], None]) -> None:
        """`on_closed` is called once, when nobody reads any more."""
        self._descriptor = descriptor
        self._rows = Rows(run.topology)
        self._on_closed = on_closed
        self._poll = select.poll()
        self._poll.register(descriptor, select.POLLOUT)
        self._header = self._rows.header
        self._waiting: deque[bytes] = deque([self._header])
        self._waiting_bytes = 0
        """Of rows; the header comes on top."""
        self._begun = 0
        """Bytes of the first waiting line that are written."""
        self._kept = -1
        """Lines written, without the header."""
        self._lost = self._bytes = 0
        self._closed = False
        self._degraded: str | None = None
        self._summary: RecordingSummary | None = None

    @property
    def status(self) -> RecordingStatus:
        """How it stands; rows that still wait count as neither kept nor lost."""
        return RecordingStatus(None, max(0, self._kept), self._lost, self._bytes, self._degraded)

    def write(self, sample: Sample) -> None:
        """Adds a row and writes what the reader takes at once."""
        if self._closed:
            return
        try:
            row = self._rows.row(sample)
        except Exception:
            self._lost += 1
            raise
        if self._waiting_bytes + len(row) > WAITING_BYTES_MAX:
            self._lost += 1
        else:
            self._waiting.append(row)
            self._waiting_bytes += len(row)
        self._drain(time.monotonic())

    def close(self, final: Sample | None, reason: str) -> RecordingSummary:
        """The final row; then gives the reader PATIENCE_S for the rest. Idempotent."""
        if self._summary is None:
            if final is not None:
                self.write(final)
            self._drain(time.monotonic() + PATIENCE_S)
            self._lost += sum(line is not self._header for line in self._waiting)
            status = self.status
            self._summary = RecordingSummary(None, status.rows, status.lost_rows, status.degraded)
        return self._summary

    def _drain(self, deadline_s: float) -> None:
        """Writes until nothing waits, the reader takes no more until the deadline, or writing fails."""
        while self._waiting:
            if not self._poll.poll(max(0.0, deadline_s - time.monotonic()) * 1000):
                self._degraded = "the reader of stdout does not keep up"
                return
            if not self._write_some():
                return
        self._degraded = None

    def _write_some(self) -> bool:
        line = self._waiting[0]
        try:
            written = os.write(self._descriptor, line[self._begun : self._begun + select.PIPE_BUF])
        except BrokenPipeError:
            self._closed = True
            self._waiting.clear()
            self._on_closed()
            return False
        except OSError as error:
            self._degraded = f"stdout cannot be written: {error.strerror}"
            return False
        self._begun += written
        self._bytes += written
        if self._begun == len(line):
            self._waiting.popleft()
            self._waiting_bytes -= len(line) if self._kept >= 0 else 0
            self._kept += 1
            self._begun = 0
        return True
