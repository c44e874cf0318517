"""The .vtx file: header of 4,096 bytes and transactions of 32, little-endian, as native/src/input.h has it.

Written under a temporary name beside its place and renamed once it is whole and on disk.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from velox_tui.errors import OutputError

MAGIC = b"VELOXVTX"
VERSION = 1
HEADER = np.dtype(
    [
        ("magic", "S8"),
        ("version", "<u4"),
        ("header_bytes", "<u4"),
        ("count", "<u8"),
        ("source", "S256"),
        ("source_sha256", "V32"),
        ("base_price", "<i8"),
        ("ticks_per_level", "<u4"),
        ("levels", "<u4"),
        ("zero", "V3768"),
    ]
)
"""As vx_vtx_header: `count` of records, the source's name and sha256, and the book's window."""
TRANSACTION = np.dtype(
    [
        ("id", "<u8"),
        ("price", "<i8"),
        ("size", "<u4"),
        ("side", "u1"),
        ("kind", "u1"),
        ("reserved", "<u2"),
        ("ts_ns", "<u8"),
    ]
)
"""As vx_transaction: side 0 bid, 1 ask; kind 0 add, 1 reduce; price with 4 decimals."""
ADD, REDUCE = 0, 1


@dataclass(frozen=True, slots=True)
class Origin:
    """What a file was made from: its name and the sha256 of its bytes."""

    name: str
    sha256: bytes


@dataclass(frozen=True, slots=True)
class BookWindow:
    """The prices that the book shall cover: levels × ticks a level (price units of 0.0001) from the base."""

    base_price: int
    ticks_per_level: int
    levels: int

    @property
    def end_price(self) -> int:
        """The first price above."""
        return self.base_price + self.levels * self.ticks_per_level


class VtxWriter:
    """A context manager: what was written is there after `commit`, and nothing is left without it."""

    def __init__(self, path: Path, *, force: bool) -> None:
        """Takes the temporary name. OutputError where the output exists (unless forced) or cannot be made."""
        if path.is_dir():
            raise OutputError(f"{path}: is a directory")
        if not force and os.path.lexists(path):
            raise _exists(path)
        self._path = path
        self._force = force
        self._partial = path.with_name(f".{path.name}.{os.getpid()}.part")
        self.count = 0
        """Transactions written."""
        try:
            self._file = self._partial.open("xb", buffering=1 << 20)
            self._file.write(bytes(HEADER.itemsize))
        except OSError as error:
            raise self._cannot(error) from None

    def append(self, transactions: NDArray[Any]) -> None:
        """More transactions, of dtype TRANSACTION."""
        try:
            self._file.write(np.ascontiguousarray(transactions, TRANSACTION).data)
        except OSError as error:
            raise self._cannot(error) from None
        self.count += len(transactions)

    def commit(self, origin: Origin, window: BookWindow) -> None:
        """Writes the header, waits for the disk, and gives the file its name."""
        try:
            self._file.seek(0)
            self._file.write(header(self.count, origin, window))
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._rename()
        except OSError as error:
            raise self._cannot(error) from None

    def _rename(self) -> None:
        """A link refuses a name that has been taken meanwhile; not every file system has links."""
        if self._force:
            self._partial.replace(self._path)
            return
        try:
            os.link(self._partial, self._path)
        except FileExistsError:
            raise _exists(self._path) from None
        except OSError:
            self._partial.rename(self._path)

    def _cannot(self, error: OSError) -> OutputError:
        return OutputError(f"{self._path}: cannot be written: {error.strerror or error}")

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Removes the temporary name."""
        with suppress(OSError):  # what could not be written is thrown away here
            self._file.close()
        self._partial.unlink(missing_ok=True)


def _exists(path: Path) -> OutputError:
    return OutputError(f"{path}: exists; --force writes over it")


def header(count: int, origin: Origin, window: BookWindow) -> bytes:
    """The first 4,096 bytes of a file; the name's last characters are kept where it is too long."""
    one = np.zeros(1, HEADER)
    one["magic"], one["version"], one["header_bytes"], one["count"] = MAGIC, VERSION, HEADER.itemsize, count
    one["source"] = origin.name.encode(errors="replace")[-255:]
    one["source_sha256"] = np.void(origin.sha256)
    one["base_price"], one["ticks_per_level"] = window.base_price, window.ticks_per_level
    one["levels"] = window.levels
    return one.tobytes()
