"""A regular file open for reading by position."""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from velox_tui.errors import InputError, InputMissingError

CHUNK_BYTES = 1 << 20
"""Small enough to stay in the processor's cache while it is searched."""


class Readable:
    """A file open for reading by position; a context manager. What is deleted meanwhile can still be read."""

    def __init__(self, path: Path) -> None:
        """InputMissingError where there is no such file, InputError for what is no regular file."""
        self.path = path
        try:
            self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
        except OSError as error:
            raise InputMissingError(f"{path}: cannot be read: {error.strerror}") from None
        mode = os.fstat(self._descriptor).st_mode
        if not stat.S_ISREG(mode):
            self.close()
            kind = "a directory" if stat.S_ISDIR(mode) else "not a regular file"
            raise InputError(f"{path}: {kind}; a recording is a file FILE.csv")

    def close(self) -> None:
        """Closes the file. Twice is once."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, kind: type | None, value: BaseException | None, trace: TracebackType | None) -> None:
        """Closes it."""
        self.close()

    @property
    def size_bytes(self) -> int:
        """How long it is now."""
        return os.fstat(self._descriptor).st_size

    @property
    def deleted(self) -> bool:
        """Whether no name leads to it any more."""
        return os.fstat(self._descriptor).st_nlink == 0

    @property
    def locked(self) -> bool:
        """Whether a recorder holds it: the system takes that lock away from the dead."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)
        return False

    def read(self, begin: int, end: int) -> bytes:
        """The bytes between two places, fewer at the end of the file. InputError when the disk fails."""
        try:
            return os.pread(self._descriptor, end - begin, begin)
        except OSError as error:
            raise InputError(f"{self.path}: cannot be read: {error.strerror}") from None

    def chunks(self, begin: int) -> Iterator[tuple[int, bytes]]:
        """The file from `begin` on, with the place of every chunk."""
        while chunk := self.read(begin, begin + CHUNK_BYTES):
            yield begin, chunk
            begin += len(chunk)
