"""One part of a recording that is read: its rows and columns, its frames, its meta file."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from velox_tui.errors import InputError
from velox_tui.recording import meta, shape
from velox_tui.recording.paths import PartPaths, number_of
from velox_tui.recording.reader.columns import Columns
from velox_tui.recording.reader.frame_index import FrameIndex
from velox_tui.recording.reader.frames import FramesReader
from velox_tui.recording.reader.rows import RowsReader
from velox_tui.telemetry.sample import Run

LEAD = ("mono_ns", "seq", "run_id")
"""Columns without which nothing is a recording."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FAR = 16
"""Columns up to here are cut out without parsing the row."""


@dataclass(frozen=True, slots=True)
class Key:
    """What tells rows and their order apart."""

    run_id: str
    seq: int
    mono_ns: int
    ts_utc: str

    @property
    def unix_ns(self) -> int:
        """By the clock on the wall; 0 where the row does not say."""
        return unix_ns(self.ts_utc) or 0

    def leads_to(self, other: Key, rows: int) -> bool:
        """Whether nothing but a run's own rows can lie between this one and that, so many rows later."""
        later = other.mono_ns > self.mono_ns or not rows
        return self.run_id == other.run_id and other.seq - self.seq == rows and later


class RecordedPart:
    """One CSV with what lies beside it. `base`: the number of its first row within the recording."""

    def __init__(self, files: PartPaths, base: int) -> None:
        """InputMissingError or InputError where it is no recording."""
        self.files = files
        self.base = base
        self.rows = RowsReader(files.csv)
        lacking = [name for name in LEAD if name not in self.rows.places]
        if lacking:
            self.rows.close()
            raise InputError(f"{files.csv}: no recording: its header has no column {' or '.join(lacking)}")
        self.columns = Columns(self.rows)
        self._frames: FramesReader | None = None
        self._lead = [self.rows.places[name] for name in LEAD]
        self._clock = self.rows.places.get("ts_utc")

    @property
    def end(self) -> int:
        """The number after that of its last row."""
        return self.base + len(self.rows)

    @property
    def number(self) -> int:
        """Of a rotated recording's part; 0 without one."""
        return number_of(self.files.csv)

    def close(self) -> None:
        """Closes its files."""
        self.rows.close()
        if self._frames is not None:
            self._frames.close()

    def refresh(self) -> None:
        """Takes in what has been written since."""
        self.rows.refresh()
        if "index" in self.__dict__ and self.index is not None:
            self.index.refresh()
        elif "index" in self.__dict__ and self.files.frames.exists():
            del self.__dict__["index"]

    @cached_property
    def index(self) -> FrameIndex | None:
        """What its frames say; None without any."""
        try:
            self._frames = FramesReader(self.files.frames)
        except InputError:
            return None
        return FrameIndex(self._frames)

    @cached_property
    def _meta(self) -> dict[str, Any]:
        return meta.read(self.files.meta) or {}

    def run(self, run_id: str) -> Run | None:
        """The run as the frames tell of it, else the meta file; None where neither does."""
        found = self.index.run(run_id) if self.index is not None else None
        return found or self._run_of_meta(run_id)

    def _run_of_meta(self, run_id: str) -> Run | None:
        with suppress(KeyError, TypeError, ValueError, AttributeError):
            told = [one for one in self._meta.get("runs", ()) if one["run_id"] == run_id]
            if not told:
                return None
            facts = told[-1]
            topology = shape.of_fields(self._meta["topology"])
            return Run(
                run_id,
                topology,
                "replay",
                str(facts["host"]),
                int(facts["pid"]),
                int(facts["start_mono_ns"]),
                unix_ns(str(facts["started_utc"])) or 0,
                str(facts["clock"]),
            )
        return None

    def key(self, place: int) -> Key | None:
        """What a row of this part is; None where that cannot be read."""
        far = max(self._lead) + 1
        try:
            cells = self.rows.lead(place, far) if far <= _FAR else self.rows.cells(place)
            mono_ns, seq = int(cells[self._lead[0]]), int(cells[self._lead[1]])
            clock = cells[self._clock] if self._clock is not None and self._clock < far else ""
            return Key(cells[self._lead[2]], seq, mono_ns, clock)
        except (ValueError, IndexError, InputError):
            return None


def unix_ns(text: str) -> int | None:
    """`2026-01-31T12:00:00.250Z` as nanoseconds since 1970; None for other text."""
    try:
        moment = datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=UTC)
    except ValueError:
        return None
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 10**9 + since.microseconds * 1000
