"""Rows of a recording as Samples: the inverse of what the recorder writes.

Exact are words, ledger, percentiles of the interval and events; histograms, depth, threads and cost come from
the frame of the same interval, where there is one.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from velox_tui.errors import InputError
from velox_tui.recording.reader import Moment, unix_ns
from velox_tui.telemetry import ledger
from velox_tui.telemetry.sample import Event, Ledger, Quantiles, Run, Sample, State
from velox_tui.telemetry.series import STATISTICS, unit_suffix
from velox_tui.telemetry.topology import Histogram, Kind, Role

_LIVE_CUT = 1
"""Rows do not tell the number of their cut; 0 would mean: at rest."""
_SEVERITIES = ("info", "warn", "critical")
Row = Sequence[str]


class RowDecoder:
    """Rows of one run, whose part has these columns."""

    def __init__(self, run: Run, names: Mapping[str, int], offset_ns: int) -> None:
        """`offset_ns` leads from the run's own clock to the axis of time, on which `run` is already."""
        self.run = run
        self._names = names
        self._offset_ns = offset_ns
        shape = run.topology
        self._rules = ledger.rules(shape)
        own = [word for word in shape.words if word.name in names and word.role != Role.STATE]
        self._words = [(word.index, names[word.name]) for word in own]
        self._counters = np.array([word.kind == Kind.COUNTER for word in shape.words], np.bool_)
        self._state = shape.first(Role.STATE)
        cut = [(word.index, names.get(f"cut_{word.name}")) for word in self._rules.words]
        self._cut = [(index, place) for index, place in cut if place is not None]
        self._has_cut = bool(cut) and len(self._cut) == len(cut)
        self._quantiles = [_places(one, names) for one in shape.histograms]
        cores = itertools.takewhile(names.__contains__, (f"core{core}_ratio" for core in itertools.count()))
        self._cores = [names[name] for name in cores]

    def words(self, row: Row) -> NDArray[np.uint64]:
        """The words of a row. InputError where one is missing or no number."""
        state = self.state(row)
        words = np.zeros(len(self.run.topology.words), np.uint64)
        try:
            for index, place in self._words:
                words[index] = int(row[place]) % 2**64
        except (ValueError, IndexError):
            name = self.run.topology.words[index].name
            said = repr(row[place][:48]) if place < len(row) else "missing"
            raise InputError(f"{name} is {said}") from None
        if self._state is not None:
            words[self._state.index] = state
        return words

    def state(self, row: Row) -> State:
        """The pipeline's state; running where another program has another word for it."""
        return State.__members__.get(self._cell(row, "state").upper(), State.RUNNING)

    def mono_ns(self, row: Row) -> int:
        """Its moment on the axis of time. InputError where it has none."""
        found = self._whole(row, "mono_ns")
        if found is None:
            raise InputError("mono_ns is missing")
        return found + self._offset_ns

    def sample(self, row: Row, before: Row | None, moment: Moment | None) -> Sample:
        """The Sample of a row; `before` is the row above it if that is of the same stretch. InputError where
        the row cannot be understood.
        """
        words, mono_ns, state = self.words(row), self.mono_ns(row), self.state(row)
        deltas, interval_ns = self._since(row, before, words, mono_ns)
        wall_ns = unix_ns(self._cell(row, "ts_utc"))
        start = self.run.start_unix_ns - self.run.start_mono_ns
        return Sample(
            run=self.run,
            seq=self._whole(row, "seq") or 0,
            mono_ns=mono_ns,
            unix_ns=start + mono_ns if wall_ns is None else wall_ns,
            state=state,
            words=words,
            deltas=deltas,
            interval_ns=interval_ns,
            late_ns=self._whole(row, "late_ns") or 0,
            cut=None,
            ledger=self._ledger(row, state),
            quantiles=tuple(_quantile(row, places) for places in self._quantiles),
            histograms=moment.histograms if moment else None,
            depth=moment.depth if moment else None,
            threads=moment.threads if moment else (),
            cores=tuple(_ratio(row, place) for place in self._cores),
            cost=moment.cost if moment else None,
            expected_fill=_number(self._cell(row, "expected_fill")),
            events=self.events(row),
        )

    def events(self, row: Row) -> tuple[Event, ...]:
        """What the row says has happened; () where that cannot be understood."""
        text = self._cell(row, "events")
        if not text or text == "[]":
            return ()
        try:
            told = json.loads(text)
        except (ValueError, RecursionError):
            return ()
        found = (_event(one, self._offset_ns) for one in told) if isinstance(told, list) else ()
        return tuple(event for event in found if event is not None)

    def _since(
        self, row: Row, before: Row | None, words: NDArray[np.uint64], mono_ns: int
    ) -> tuple[NDArray[np.uint64] | None, int | None]:
        """Counters' differences and the time they took; None where the row does not go on from the one
        above.
        """
        if before is None or self._whole(row, "interval_ns") is None:
            return None, None
        try:
            then, interval_ns = self.words(before), mono_ns - self.mono_ns(before)
        except InputError:
            return None, None
        if interval_ns <= 0 or bool((words < then)[self._counters].any()):
            return None, None
        return np.where(self._counters, words - then, np.uint64(0)), interval_ns

    def _ledger(self, row: Row, state: State) -> Ledger | None:
        if not self._has_cut or not self._cell(row, "ledger_position"):
            return None
        words = np.zeros(len(self.run.topology.words), np.uint64)
        try:
            for index, place in self._cut:
                words[index] = int(row[place]) % 2**64
        except (ValueError, IndexError):
            return None
        return self._rules.at(words, 0 if state == State.STOPPED else _LIVE_CUT)

    def _cell(self, row: Row, name: str) -> str:
        place = self._names.get(name)
        return row[place] if place is not None and place < len(row) else ""

    def _whole(self, row: Row, name: str) -> int | None:
        try:
            return int(self._cell(row, name))
        except ValueError:
            return None


def _places(one: Histogram, names: Mapping[str, int]) -> list[int] | None:
    """Columns of count, mean and statistics; None where one is missing."""
    suffix = unit_suffix(one.unit)
    wanted = [f"{one.name}_count", *(f"{one.name}_{name}{suffix}" for name in ("mean", *STATISTICS))]
    return [names[name] for name in wanted] if all(name in names for name in wanted) else None


def _quantile(row: Row, places: list[int] | None) -> Quantiles | None:
    if places is None:
        return None
    try:
        count = int(row[places[0]])
        return (
            Quantiles(count, float(row[places[1]]), *(int(row[at]) for at in places[2:])) if count else None
        )
    except (ValueError, IndexError):
        return None


def _ratio(row: Row, place: int) -> float | None:
    return _number(row[place] if place < len(row) else "")


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _event(told: Any, offset_ns: int) -> Event | None:
    """An event as the recorder writes it; None for something else."""
    if not isinstance(told, dict) or not isinstance(told.get("mono_ns"), int):
        return None
    texts = {name: str(told.get(name, "")) for name in ("kind", "severity", "name", "text", "phase")}
    if texts["severity"] not in _SEVERITIES:
        texts["severity"] = "info"
    value, stage, ring = told.get("value"), told.get("stage"), told.get("ring")
    return Event(
        told["mono_ns"] + offset_ns,
        **texts,
        value=float(value) if isinstance(value, int | float) else None,
        stage=stage if isinstance(stage, int) else None,
        ring=ring if isinstance(ring, int) else None,
    )
