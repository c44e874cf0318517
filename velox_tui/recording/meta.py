"""`<base>.meta.json`: what the rows cannot say. Written whole or not at all, at the start and at the end of
each run.

    {"schema_version", "program", "version",
     "columns": [{"name", "unit", "doc"}],           of every column, in order
     "topology": {"stages", "rings", "words", "histograms", "book", "texts"},
     "runs": [{"run_id", "source", "pid", "clock", "start_mono_ns",
               "host", "kernel", "cpu_model", "affinity", "python",
               "arguments", "settings",               as given
               "started_utc", "stopped_utc", "exit_reason",   null while it runs, and after a kill
               "rows", "lost_rows", "lost_frames"}]}   null likewise

`--append` adds a run to the list.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from velox_tui import __version__
from velox_tui.errors import RecordingError
from velox_tui.recording import aside, opening, shape
from velox_tui.recording.columns import SCHEMA_VERSION, Column
from velox_tui.recording.columns_words import ts_utc
from velox_tui.telemetry.sample import Run

_END = ("stopped_utc", "exit_reason", "rows", "lost_rows", "lost_frames")
_BYTES_MAX = 1 << 26


def host_facts() -> dict[str, Any]:
    """The machine this process runs on."""
    return {
        "kernel": os.uname().release,
        "machine": os.uname().machine,
        "cpu_model": _cpu_model(),
        "affinity": sorted(os.sched_getaffinity(0)),
        "python": sys.version.split()[0],
    }


def _cpu_model() -> str:
    with suppress(OSError), Path("/proc/cpuinfo").open(encoding="utf-8", errors="replace") as file:
        for line in file:
            name, _, value = line.partition(":")
            if name.strip() in ("model name", "CPU part"):
                return value.strip()
    return ""


def run_facts(run: Run, given: Mapping[str, Any]) -> dict[str, Any]:
    """A run's entry at its start. `given`: arguments, settings and whatever else the caller knows."""
    return {
        "run_id": run.run_id,
        "source": run.source,
        "pid": run.pid,
        "clock": run.clock,
        "start_mono_ns": run.start_mono_ns,
        "host": run.host,
        **host_facts(),
        **given,
        "started_utc": ts_utc(run.start_unix_ns),
        **dict.fromkeys(_END),
    }


class MetaFile:
    """The one writer of a recording's meta file."""

    def __init__(self, path: Path, run: Run, columns: Sequence[Column], given: Mapping[str, Any]) -> None:
        """Nothing is written yet. `given` becomes part of the run's entry."""
        self._path = path
        self._content: dict[str, Any] = {
            "schema_version": SCHEMA_VERSION,
            "program": "velox-tui",
            "version": __version__,
            "columns": [asdict(column) for column in columns],
            "topology": shape.as_fields(run.topology),
            "runs": [run_facts(run, given)],
        }
        self.trouble: str | None = None

    def create(self) -> None:
        """A new file; RecordingError when there is one or it cannot be written."""
        descriptor = opening.create(self._path)
        try:
            try:
                _write(descriptor, self._content)
            finally:
                os.close(descriptor)
        except OSError as error:
            self._path.unlink(missing_ok=True)
            raise RecordingError(f"{self._path}: cannot be written: {error.strerror}") from None

    def add(self) -> None:
        """Adds the run to those of an existing file; one that is not ours, or damaged, is moved aside."""
        if not os.path.lexists(self._path):
            return self.create()
        earlier = read(self._path)
        if earlier is None:
            aside.move_aside([self._path])
            return self.create()
        self._content["runs"] = [*earlier["runs"], *self._content["runs"]]
        self._replace()
        if self.trouble:
            raise RecordingError(f"{self._path}: {self.trouble}")
        return None

    def complete(self, **end: Any) -> None:
        """Fills in how the run ended; a failure is kept as the trouble."""
        self._content["runs"][-1] |= {name: end[name] for name in _END}
        self._replace()

    def _replace(self) -> None:
        """Atomic: readers see the old file or the new one."""
        # No longer than any name of a recording may be, and nobody else's: not of another machine's process.
        temporary = self._path.with_name(f".velox-{secrets.token_hex(4)}.tmp")
        try:
            descriptor = os.open(
                temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666
            )
            try:
                _write(descriptor, self._content)
            finally:
                os.close(descriptor)
            temporary.replace(self._path)
            opening.sync_folder(self._path.parent)
            self.trouble = None
        except OSError as error:
            self.trouble = f"cannot be written: {error.strerror}"
            with suppress(OSError):
                temporary.unlink()


def _write(descriptor: int, content: Mapping[str, Any]) -> None:
    rest = memoryview(json.dumps(content, indent=1, default=str).encode())
    while rest:
        rest = rest[os.write(descriptor, rest) :]
    os.fsync(descriptor)


def read(path: Path) -> dict[str, Any] | None:
    """A meta file's content; None when there is none that can be understood."""
    try:
        if not path.is_file():  # a FIFO would be waited for
            return None
        with path.open("rb") as file:
            content = json.loads(file.read(_BYTES_MAX))
    except (OSError, ValueError, RecursionError):
        return None
    known = isinstance(content, dict) and isinstance(content.get("runs"), list)
    return content if known else None
