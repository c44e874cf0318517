"""What frames say of a run's moments and minutes, found by run and time.

A record is looked for among those between its run's record and the next one, and what is found is checked
against its own content; so torn and missing records only ever make something unknown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from velox_tui.errors import InputError
from velox_tui.recording.frame_codec import FrameKind
from velox_tui.recording.frames import depth_of, histograms_of
from velox_tui.recording.reader.frames import FramesReader
from velox_tui.recording.shape import run_of
from velox_tui.telemetry.sample import Buckets, Cost, Depth, Run, Thread
from velox_tui.telemetry.topology import Topology

_NONSENSE = (KeyError, TypeError, ValueError, IndexError, OverflowError)
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """What a row cannot hold of its interval; None: unknown."""

    histograms: tuple[Buckets | None, ...]
    depth: Depth | None
    threads: tuple[Thread, ...]
    cost: Cost | None


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """What was recorded in (from_ns, to_ns], by the run's own clock."""

    from_ns: int
    to_ns: int
    histograms: tuple[Buckets | None, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """Records of one kind of a run between two moments: where in the file, and when each ends."""

    places: Places
    mono_ns: Places

    def between(self, from_ns: int, to_ns: int) -> Stored:
        """Those that end in (from_ns, to_ns]."""
        begin, end = np.searchsorted(self.mono_ns, (from_ns, to_ns), side="right")
        return Stored(self.places[begin:end], self.mono_ns[begin:end])


_NONE = Stored(np.zeros(0, np.int64), np.zeros(0, np.int64))


class FrameIndex:
    """The frames of one part. Indexed at first use."""

    def __init__(self, frames: FramesReader) -> None:
        """Nothing read yet."""
        self._frames = frames
        self._runs: dict[str, Run] = {}
        self._stored: dict[tuple[str, int], Stored] = {}
        self._known = -1

    def refresh(self) -> None:
        """Takes in what has been written since."""
        if self._known >= 0:
            self._frames.refresh()

    def run(self, run_id: str) -> Run | None:
        """The run as its own record tells of it; None where there is none."""
        if run_id not in self._runs:
            first = self._frames.first()
            if first is not None and first.kind == FrameKind.RUN:
                self._learn(first.offset, first)
        if run_id not in self._runs:
            self._look()
        return self._runs.get(run_id)

    def stored(self, run_id: str, kind: FrameKind) -> Stored:
        """All records of a kind of that run, in the order of time."""
        self._look()
        return self._stored.get((run_id, kind), _NONE)

    def moment(self, run_id: str, topology: Topology, mono_ns: int) -> Moment | None:
        """The record of the interval that ends then; None where there is none that can be read."""
        found = self.stored(run_id, FrameKind.INTERVAL)
        place = int(np.searchsorted(found.mono_ns, mono_ns))
        if place == len(found.places) or found.mono_ns[place] != mono_ns:
            return None
        try:
            fields, arrays = self._frames.decode(self._frames.heads[int(found.places[place])])
            if fields["run_id"] != run_id:
                return None
            return _moment(fields, arrays, topology)
        except (InputError, *_NONSENSE):
            return None

    def counted(self, place: int, run_id: str, topology: Topology) -> Counted | None:
        """What the record (of an interval or a minute) at a place counted; None where it cannot be read."""
        head = self._frames.heads[place]
        try:
            fields, arrays = self._frames.decode(head)
            if fields["run_id"] != run_id or (fields.get("interval_ns", 0) is None):
                return None
            began = fields["from_mono_ns"] if head.kind == FrameKind.MINUTE else None
            from_ns = head.mono_ns - int(fields["interval_ns"]) if began is None else int(began)
            return Counted(from_ns, head.mono_ns, histograms_of(arrays, len(topology.histograms)))
        except (InputError, *_NONSENSE):
            return None

    def _learn(self, offset: int, head: Any) -> str | None:
        """Takes a run's record in; its run_id."""
        try:
            run = run_of(self._frames.decode(head)[0])
        except (InputError, AttributeError, *_NONSENSE):
            return None
        self._runs.setdefault(run.run_id, run)
        return run.run_id

    def _look(self) -> None:
        """Sorts the records by run and kind, when there are new ones."""
        heads = self._frames.heads
        if len(heads) == self._known:
            return
        self._known = len(heads)
        table = heads.table
        parts: dict[tuple[str, int], list[Places]] = {}
        for run_id, first, last in self._sections(table):
            for kind in (FrameKind.INTERVAL, FrameKind.MINUTE):
                places = first + np.flatnonzero(table["kind"][first:last] == kind)
                parts.setdefault((run_id, kind), []).append(places)
        self._stored = {key: _ordered(table, np.concatenate(found)) for key, found in parts.items()}

    def _sections(self, table: NDArray[Any]) -> Iterator[tuple[str, int, int]]:
        """(run_id, first, last) of what lies between the runs' records."""
        begins = np.flatnonzero(table["kind"] == FrameKind.RUN).tolist()
        ends = [*begins[1:], len(table)]
        for begin, end in zip(begins, ends, strict=False):  # without any run there is no section
            run_id = self._learn(begin, self._frames.heads[begin])
            if run_id is not None:
                yield run_id, begin + 1, end


def _ordered(table: NDArray[Any], places: Places) -> Stored:
    """By time: one pipeline may have been recorded twice into one file."""
    mono_ns = table["mono_ns"][places].astype(np.int64)
    order = np.argsort(mono_ns, kind="stable")
    return Stored(places[order], mono_ns[order])


def _moment(fields: dict[str, Any], arrays: dict[str, NDArray[Any]], topology: Topology) -> Moment:
    cost = fields.get("cost")
    return Moment(
        histograms_of(arrays, len(topology.histograms)),
        depth_of(arrays, fields.get("levels")),
        tuple(_thread(*one[:7]) for one in fields.get("threads") or ()),
        None if cost is None else Cost(**{name: cost[name] for name in Cost.__dataclass_fields__}),
    )


def _thread(thread_id: int, stages: list[int], *rest: Any) -> Thread:
    return Thread(int(thread_id), tuple(int(stage) for stage in stages), *rest)
