"""A file that only ever grows by whole records: what was written stays whole whatever happens.

One `write` a record. A short write, a full disk or any other failure is undone by truncating to the last good
record; the record counts as lost and the next one is tried again, so that writing goes on when there is room.
A file that was deleted or cut short meanwhile is noticed: what it held is lost, a head that is gone is
written again, and half a line is cut off, so that what follows can be read. Nothing here raises for what the
disk does.
"""

from __future__ import annotations

import os
from contextlib import suppress

from velox_tui.recording import opening


class AppendFile:
    """One open file of records. Owns its descriptor, which must be open for appending."""

    def __init__(
        self, descriptor: int, *, synced: bool, lines: bool = False, head: bytes = b"", head_end: int = 0
    ) -> None:
        """`synced`: every record is on the disk before `append` returns. `lines`: records end in a line feed
        and hold no other. `head`: what the records cannot be read without; it is written first wherever the
        file ends before `head_end`.
        """
        self._descriptor = descriptor
        self._synced = synced
        self._lines = lines
        self._head = head
        self._head_end = head_end
        self._good_size = os.fstat(descriptor).st_size
        self._torn = False
        self._deleted = False
        self.kept = 0
        """Records written here and still in the file."""
        self.lost = 0
        self.trouble: str | None = None
        """What is wrong at present."""

    @property
    def size_bytes(self) -> int:
        """All that is in the file, what was there before included."""
        return self._good_size

    def append(self, record: bytes) -> bool:
        """Writes a record; False when it is lost."""
        written = self._usable() and self._write(record)
        if written:
            self.kept += 1
        else:
            self.lost += 1
        return written

    def sync(self) -> None:
        """Puts what was written onto the disk; a failure becomes the trouble."""
        try:
            os.fdatasync(self._descriptor)
        except OSError as error:
            self.trouble = f"cannot be synced: {error.strerror}"

    def close(self) -> None:
        """Syncs and closes; a lock on it ends."""
        self.sync()
        with suppress(OSError):
            os.close(self._descriptor)

    def _usable(self) -> bool:
        """Whether the file is still there and ends with a whole record."""
        found = os.fstat(self._descriptor)
        if found.st_nlink == 0 and not self._deleted:
            self._deleted = True
            self.trouble = "was deleted while recording"
            self._lose()
        if self._torn and found.st_size >= self._good_size:
            self._cut()
        elif found.st_size != self._good_size:
            self._changed(found.st_size)
        return not (self._deleted or self._torn) and self._headed()

    def _changed(self, size: int) -> None:
        """Somebody else cut the file short or added to it."""
        if size < self._good_size:
            self._lose()
        self._good_size, self._torn = size, False
        if self._lines:
            with suppress(OSError):
                self._good_size = opening.end_of_lines(self._descriptor)
        if self._good_size < size:
            self._cut()

    def _headed(self) -> bool:
        """Whether the head is in the file, by now."""
        if self._good_size >= self._head_end:
            return True
        written = self._write(self._head)
        if written:
            self._head_end = self._good_size
        return written

    def _lose(self) -> None:
        """What was kept is gone."""
        self.lost += self.kept
        self.kept = 0

    def _write(self, record: bytes) -> bool:
        try:
            written = os.write(self._descriptor, record)
            reason = "no space left"
        except OSError as error:
            written, reason = 0, error.strerror or str(error)
        if written != len(record):
            self.trouble = f"cannot be written: {reason}"
            self._cut()
            return False
        self._good_size += written
        self.trouble = None
        if self._synced:
            self.sync()
        return True

    def _cut(self) -> None:
        try:
            os.ftruncate(self._descriptor, self._good_size)
            self._torn = False
        except OSError:
            self._torn = True
