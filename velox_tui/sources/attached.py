"""A pipeline of another process, watched through its segment: while it runs, after it ended, after it was
killed.

Watching is read-only and costs the pipeline nothing. Whether its process lives is told by the lock that the
owner of a segment holds for as long as it lives, and which the system takes away from the dead.
"""

from __future__ import annotations

import fcntl
import os
import time
from dataclasses import replace
from pathlib import Path

from velox_tui.engine.segment import Segment
from velox_tui.errors import ControlError, InputError, InputMissingError
from velox_tui.sources.reader import SegmentReader
from velox_tui.telemetry.rates import Reading
from velox_tui.telemetry.sample import Event, Run, State

DIRECTORY = Path("/dev/shm")


def segments(directory: Path = DIRECTORY) -> tuple[Path, ...]:
    """Segments of this user in the directory whose owners live."""
    found = sorted(directory.glob(f"velox-{os.geteuid()}-*.seg"))
    return tuple(path for path in found if is_owned(path))


def is_owned(path: Path) -> bool:
    """Whether a living process holds the segment, and it is this user's: anybody may give a file its name."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return os.fstat(descriptor).st_uid == os.geteuid() and _is_locked(descriptor)
    finally:
        os.close(descriptor)


def _is_locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    return False


def find(target: str | None, directory: Path = DIRECTORY) -> Path:
    """The segment of a pid, of a file's name, or (None) the only one that there is.

    Raises InputMissingError when there is none, or several to choose from.
    """
    if target is not None and not target.isdigit():
        return Path(target)
    running = segments(directory)
    if target is not None:
        running = tuple(path for path in running if path.name.split("-")[2] == target)
    if not running:
        whose = "runs here" if target is None else f"is run by process {target}"
        raise InputMissingError(f"no pipeline {whose}: start one with `velox-tui --headless`")
    if len(running) > 1:
        names = ", ".join(str(path) for path in running)
        raise InputMissingError(f"several pipelines run here: name one of {names}")
    return running[0]


class AttachedSource:
    """Reads a segment that another process owns. Used by one thread."""

    controllable = False
    failure: str | None = None
    """Its own process tells."""

    def __init__(self, path: Path) -> None:
        """Raises InputMissingError or InputError when it is no segment."""
        self._reader = SegmentReader(Segment(path), "attached")
        self._last: Reading | None = None
        self._descriptor = -1
        try:
            self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            self.release()
            raise InputMissingError(f"{path}: {error.strerror}") from None

    @property
    def run(self) -> Run:
        """What stays the same."""
        return self._reader.run

    def read(self) -> Reading:
        """The present moment; the last one, with state LOST, once its process was killed or its file cut
        short. InputError when it was cut short before anything was read.
        """
        try:
            self._last = self._reader.read(alive=_is_locked(self._descriptor))
        except InputError as error:
            if self._last is None:
                raise
            self._last = _lost(self._last, str(error))
        return self._last

    def command(self, command: int, stage: int, value: int) -> None:
        """Another process's pipeline cannot be steered."""
        raise ControlError("no control here: the pipeline belongs to another process")

    def close(self) -> None:
        """Nothing ends: the pipeline is another's."""

    def release(self) -> None:
        """Unmaps the segment. Twice is once."""
        self._reader.close()
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


def _lost(last: Reading, why: str) -> Reading:
    """The same words now, and nothing more to come; why, once."""
    mono_ns = time.monotonic_ns()
    told = last.state == State.LOST
    events = () if told else (Event(mono_ns, "life", "critical", "segment_lost", why),)
    return replace(
        last, mono_ns=mono_ns, unix_ns=time.time_ns(), state=State.LOST, reading_ns=0, events=events
    )
