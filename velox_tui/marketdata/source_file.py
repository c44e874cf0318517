"""The bytes of an input: a regular file, plain or Zstandard, read once from front to back in bounded memory.

What is read is hashed, so that a header can say what it was made from. Raises InputMissingError for a file
that cannot be opened, InputError for anything else that is wrong with it.
"""

from __future__ import annotations

import hashlib
import os
import stat
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from velox_tui.errors import InputError, InputMissingError

ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_CHUNK = 1 << 20


class SourceFile:
    """One input, decompressed where need be. A context manager that closes it."""

    def __init__(self, path: Path) -> None:
        """Opens it. What is written behind its present end is not read."""
        self.path = path
        try:
            # O_NONBLOCK: opening a pipe must not wait for its other end.
            self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
        except (OSError, ValueError) as error:
            what = getattr(error, "strerror", None) or error
            raise InputMissingError(f"{path}: cannot be opened: {what}") from None
        status = os.fstat(self._fd)
        if not stat.S_ISREG(status.st_mode):
            os.close(self._fd)
            raise InputError(f"{path}: not a regular file")
        self.bytes = status.st_size
        """Of the file as it lies on disk."""
        self.bytes_read = 0
        self._sha256 = hashlib.sha256()
        first = os.pread(self._fd, len(ZSTD_MAGIC), 0)
        self._frames = _Frames(path) if first == ZSTD_MAGIC else None
        self._ahead = b""

    def read(self, size: int) -> bytes:
        """Up to `size` bytes; b"" only at the end."""
        if self._ahead:
            given, self._ahead = self._ahead[:size], self._ahead[size:]
            return given
        return self._raw(size) if self._frames is None else self._frames.read(self._raw, size)

    def peek(self, size: int) -> bytes:
        """The next bytes, which a later `read` gives again; fewer than `size` only at the end."""
        while len(self._ahead) < size:
            ahead, self._ahead = self._ahead, b""
            more = self.read(size - len(ahead))
            self._ahead = ahead + more
            if not more:
                break
        return self._ahead[:size]

    @property
    def sha256(self) -> bytes:
        """Of the bytes read so far: of the whole file once `read` has given b""."""
        return self._sha256.digest()

    def _raw(self, size: int) -> bytes:
        try:
            chunk = os.read(self._fd, min(size, self.bytes - self.bytes_read))
        except OSError as error:
            raise InputError(f"{self.path}: cannot be read: {error.strerror}") from None
        if not chunk and size and self.bytes_read < self.bytes:
            raise InputError(f"{self.path}: became shorter while it was read")
        self.bytes_read += len(chunk)
        self._sha256.update(chunk)
        return chunk

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes it."""
        os.close(self._fd)


class _Raw(Protocol):
    def __call__(self, size: int) -> bytes: ...


class _Frames:
    """Zstandard frames, one after the other (RFC 8878). Never holds more than a chunk, however much it stands
    for.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._library = _library(path)
        self._decompressor: Any = self._library.ZstdDecompressor()
        self._rest = b""
        self._began = False

    def read(self, raw: _Raw, size: int) -> bytes:
        while True:
            if self._decompressor.eof:
                self._rest, self._began = self._decompressor.unused_data, False
                self._decompressor = self._library.ZstdDecompressor()
            if not self._rest and self._decompressor.needs_input:
                self._rest = raw(_CHUNK)
                if not self._rest and self._began:
                    raise InputError(f"{self._path}: truncated: ends within a Zstandard frame")
                if not self._rest:
                    return b""
            given, self._rest, self._began = self._rest, b"", True
            try:
                made: bytes = self._decompressor.decompress(given, size)
            except self._library.ZstdError as error:
                raise InputError(f"{self._path}: damaged Zstandard data: {error}") from None
            if made:
                return made


def _library(path: Path) -> Any:
    """Python's own module, from 3.14 on; else the same for older ones."""
    for name in ("compression.zstd", "backports.zstd"):
        with suppress(ImportError):
            return import_module(name)
    raise InputError(
        f"{path}: Zstandard needs Python 3.14 or pip install 'velox-tui[import]'; or decompress it first"
    )
