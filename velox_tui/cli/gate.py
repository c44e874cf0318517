"""`--fail-on`: conditions on the columns of the recording, checked on every row and on the whole run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import numpy as np

from velox_tui.errors import UsageError
from velox_tui.recording.columns import Cell
from velox_tui.recording.rows import Rows
from velox_tui.settings_conditions import Condition
from velox_tui.settings_load import nearest
from velox_tui.telemetry import histogram
from velox_tui.telemetry.sample import Sample, State
from velox_tui.telemetry.topology import Kind, Topology

_TEXTS = ("ts_utc", "run_id", "state", "events")


class Gate:
    """Sees every Sample of a run in turn, the final one included, and says which conditions held."""

    def __init__(self, conditions: Sequence[Condition], topology: Topology, *, warm_up_ns: int) -> None:
        """UsageError for a name that is no column of numbers."""
        self._conditions = conditions
        self._rows = Rows(topology)
        self._names = [column.name for column in self._rows.columns]
        for one in conditions:
            _check(one, self._names)
        self._warm_up_ns = warm_up_ns
        self._fault: Exception | None = None
        self._held: dict[str, str] = {}
        self._first: Sample | None = None
        self._last: Sample | None = None
        self._sums = np.zeros((len(topology.histograms), 1 + histogram.BUCKETS), np.uint64)
        self._counters = np.array([word.kind == Kind.COUNTER for word in topology.words], np.bool_)

    def see(self, sample: Sample) -> None:
        """One Sample: checks the conditions of intervals, adds to the whole. A fault is kept for `finish`."""
        if not self._conditions or self._fault is not None:
            return
        try:
            self._take(sample)
        except Exception as error:
            self._fault = error

    def _take(self, sample: Sample) -> None:
        if self._last is not None and self._last.run.run_id != sample.run.run_id:
            self._end_run()
        self._first = self._first or sample
        self._last = sample
        for sums, one in zip(self._sums, sample.histograms or (), strict=False):
            if one is not None:
                sums[0] += np.uint64(one.total % 2**64)
                sums[1 + one.indices.astype(np.intp)] += one.counts
        if self._counts(sample, self._first):
            self._check("interval", sample)

    def finish(self) -> tuple[str, ...]:
        """Checks the whole run; every condition that held, with the first value that showed it.

        Raises what went wrong before: a broken gate does not pass.
        """
        if self._fault is not None:
            raise self._fault
        self._end_run()
        return tuple(self._held.values())

    def _end_run(self) -> None:
        """Checks the run that has been seen, and begins anew: another may follow it."""
        if self._first is not None and self._last is not None:
            self._check("run", self._whole(self._first, self._last))
        self._first = self._last = None
        self._sums[:] = 0

    def _counts(self, sample: Sample, first: Sample) -> bool:
        """Whether more than half of the interval lies after the warm-up, and none of it in the drain."""
        if sample.state != State.RUNNING:
            return False
        middle_ns = sample.mono_ns - (sample.interval_ns or 0) // 2
        return middle_ns >= first.mono_ns + self._warm_up_ns

    def _whole(self, first: Sample, last: Sample) -> Sample:
        """The whole run as one interval: rates are means of the run, percentiles those of all its values."""
        histograms = tuple(histogram.sparse(sums) for sums in self._sums)
        return replace(
            last,
            deltas=np.where(self._counters, last.words - first.words, np.uint64(0)),
            interval_ns=(last.mono_ns - first.mono_ns) or None,
            histograms=histograms,
            quantiles=tuple(histogram.quantiles(one) for one in histograms),
            cores=(),
            events=(),
        )

    def _check(self, scope: str, sample: Sample) -> None:
        chosen = [one for one in self._conditions if one.scope == scope and one.text not in self._held]
        if not chosen:
            return
        cells = dict(zip(self._names, self._rows.cells(sample), strict=True))
        for one in chosen:
            value = _number(cells[one.name])
            if one.holds(value):
                where = "" if scope == "run" else f" in row seq {sample.seq}"
                self._held[one.text] = f"{one.text} held: {value}{where}"


def _number(cell: Cell) -> int | float | Decimal | None:
    return None if isinstance(cell, str) else cell


def _check(condition: Condition, names: Sequence[str]) -> None:
    if condition.name in _TEXTS:
        raise UsageError(f"--fail-on: {condition.text}: {condition.name} is not a number")
    if condition.name not in names:
        near = nearest(condition.name, names)
        raise UsageError(f"--fail-on: {condition.text}: there is no column {condition.name!r}{near}")
