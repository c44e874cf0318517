"""Stand-ins for what a Session drives: a recorder and sources that remember who called them."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from velox_tui.errors import InputError
from velox_tui.sources.canned import CannedSource
from velox_tui.telemetry.rates import Reading
from velox_tui.telemetry.sample import Sample

MS = 1_000_000


@dataclass
class Status:
    path: Path | None
    rows: int = 0
    lost_rows: int = 0
    bytes: int = 0
    degraded: str | None = None


@dataclass
class Recording:
    """A recorder that remembers who called it."""

    path: Path | None
    rows: list[Sample] = field(default_factory=list)
    threads: set[str] = field(default_factory=set)
    ended: list[tuple[Sample | None, str]] = field(default_factory=list)
    fails: bool = False

    @property
    def status(self) -> Status:
        return Status(self.path, len(self.rows))

    def write(self, sample: Sample) -> None:
        self.threads.add(threading.current_thread().name)
        if self.fails:
            raise OSError("disk on fire")
        self.rows.append(sample)

    def close(self, final: Sample | None, reason: str) -> Status:
        self.ended.append((final, reason))
        return Status(self.path, len(self.rows) + (final is not None))


class Steerable(CannedSource):
    """Canned, but steered: remembers commands, and what thread did what."""

    controllable = True

    def __init__(self) -> None:
        super().__init__(10_000)
        self.commands: list[tuple[int, int, int]] = []
        self.threads: dict[str, str] = {}
        self.released = 0

    def read(self) -> Reading:
        self.threads["read"] = threading.current_thread().name
        return super().read()

    def command(self, command: int, stage: int, value: int) -> None:
        self.commands.append((command, stage, value))

    def close(self) -> None:
        self.threads["close"] = threading.current_thread().name
        super().close()

    def release(self) -> None:
        self.released += 1


def until(true: Callable[[], object]) -> None:
    """Waits for something that must come; a minute is patience, never a measure."""
    patient_until = time.monotonic() + 60
    while not true():
        assert time.monotonic() < patient_until, "it did not come"
        time.sleep(0.002)


class Failing(Steerable):
    """Cannot be read for a while."""

    def __init__(self) -> None:
        super().__init__()
        self.failures = 3

    def read(self) -> Reading:
        if self.failures:
            self.failures -= 1
            raise InputError("segment truncated")
        return super().read()
