"""Opening the files of a recording without ever writing over anything, following a link, or sharing with
another recorder.

A new file is created exclusively. An existing one is continued (`append`) only if it is a regular file of one
name, no other recorder holds its lock and it begins as ours do; a row that a kill or a power cut left
unterminated is cut off. Modes follow the umask. Failures are RecordingErrors.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import stat
from contextlib import suppress
from pathlib import Path

from velox_tui.errors import RecordingError

_CREATE = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
_EXISTING = os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_TAIL_BYTES = 1 << 16


def create(path: Path) -> int:
    """A new file, locked; its descriptor. RecordingError when there is one already or it cannot be made."""
    try:
        descriptor = os.open(path, _CREATE, 0o666)
    except FileExistsError:
        raise exists(path) from None
    except OSError as error:
        raise RecordingError(f"{path}: cannot be created: {error.strerror}") from None
    return _locked(descriptor, path)


def exists(path: Path) -> RecordingError:
    """The refusal to touch a file that is there."""
    return RecordingError(f"{path} exists; --append continues the recording, --force moves it aside")


def open_existing(path: Path) -> int:
    """An existing regular file without other names, locked, for appending; its descriptor."""
    try:
        descriptor = os.open(path, _EXISTING)
    except OSError as error:
        reason = "is a symbolic link" if path.is_symlink() else f"cannot be opened: {error.strerror}"
        raise RecordingError(f"{path}: {reason}") from None
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        os.close(descriptor)
        raise RecordingError(f"{path}: not a regular file; `--record -` writes to stdout")
    if found.st_nlink > 1:
        os.close(descriptor)
        raise RecordingError(
            f"{path}: a hard link, one of {found.st_nlink} names of its file; put a copy in its place, or "
            "--force moves it aside"
        )
    return _locked(descriptor, path)


def _locked(descriptor: int, path: Path) -> int:
    """The descriptor with its lock taken; closed when another recorder has it."""
    try:
        lock(descriptor, path)
    except RecordingError:
        os.close(descriptor)
        raise
    return descriptor


def lock(descriptor: int, path: Path) -> None:
    """Keeps a second recorder out until the descriptor is closed; file systems without locks are used
    without. RecordingError where another has it, or has given the name to another file before it was ours.
    """
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise busy(path) from None
    except OSError:
        pass
    try:
        named = path.lstat()
    except OSError:
        raise busy(path) from None
    if not os.path.samestat(named, os.fstat(descriptor)):
        raise busy(path)


def busy(path: Path) -> RecordingError:
    """The refusal to touch what another recorder holds."""
    return RecordingError(f"{path}: another recorder is writing to it")


def begin_rows(path: Path, header: bytes) -> int:
    """A new CSV that holds its header; its descriptor. Nothing is left where the header cannot be written."""
    descriptor = create(path)
    try:
        if os.write(descriptor, header) == len(header):
            return descriptor
        reason = "no space left"
    except OSError as error:
        reason = str(error.strerror)
    path.unlink(missing_ok=True)
    os.close(descriptor)
    raise RecordingError(f"{path}: cannot be written: {reason}")


def continue_records(path: Path, mark: bytes) -> int:
    """An existing file of records that begin with a mark, or an empty one; its descriptor."""
    descriptor = open_existing(path)
    try:
        first = os.pread(descriptor, len(mark), 0)
    except OSError as error:
        os.close(descriptor)
        raise RecordingError(f"{path}: cannot be continued: {error.strerror}") from None
    if not mark.startswith(first):
        os.close(descriptor)
        raise RecordingError(
            f"{path}: cannot be continued: it begins with {first!r}, ours begin with {mark!r}; move it away"
        )
    return descriptor


def continue_rows(path: Path, header: bytes) -> tuple[int, int]:
    """An existing CSV with this header; its descriptor and how many bytes of an unterminated row were cut
    off.

    An empty file, or one cut within its header, gets the header anew. Any other file is left as it is.
    """
    descriptor = open_existing(path)
    try:
        first = os.pread(descriptor, len(header), 0)
        if first != header and not header.startswith(first):
            raise RecordingError(f"{path}: cannot be continued: {_difference(descriptor, header)}")
        cut = _cut_tail(descriptor)
        if first != header and os.write(descriptor, header) != len(header):
            raise RecordingError(f"{path}: cannot be continued: no space left")
    except (RecordingError, OSError) as error:
        os.close(descriptor)
        if isinstance(error, RecordingError):
            raise
        raise RecordingError(f"{path}: cannot be continued: {error.strerror}") from None
    return descriptor, cut


def _cut_tail(descriptor: int) -> int:
    """Truncates after the last line feed; how many bytes that were. Rows hold no line feed of their own."""
    size, end = os.fstat(descriptor).st_size, end_of_lines(descriptor)
    if end < size:
        os.ftruncate(descriptor, end)
    return size - end


def end_of_lines(descriptor: int) -> int:
    """Where the last line feed of a file ends; 0 without any."""
    end = os.fstat(descriptor).st_size
    while end > 0:
        begin = max(0, end - _TAIL_BYTES)
        found = os.pread(descriptor, end - begin, begin).rfind(b"\n")
        if found >= 0:
            return begin + found + 1
        end = begin
    return 0


def _difference(descriptor: int, header: bytes) -> str:
    """The first column in which the header of the file and ours differ."""
    theirs = os.pread(descriptor, 1 << 20, 0).split(b"\n", 1)[0].decode(errors="replace").split(",")
    ours = header.decode().rstrip("\n").split(",")
    for place, (their, our) in enumerate(itertools.zip_longest(theirs, ours, fillvalue="nothing"), start=1):
        if their != our:
            return f"column {place} of its header is {their[:48]!r}, this recording has {our!r}"
    return "its header differs"


def sync_folder(folder: Path) -> None:
    """Makes new names in a folder survive a power cut, where its file system can."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
