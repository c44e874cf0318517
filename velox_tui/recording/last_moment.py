"""The end of a recording as one snapshot: the last row's words and ledger, and the last run's histograms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from velox_tui.errors import InputError
from velox_tui.recording.intervals import Interval
from velox_tui.telemetry import histogram, ledger
from velox_tui.telemetry.rates import Reading
from velox_tui.telemetry.sample import Cut, Run, State
from velox_tui.telemetry.snapshot import Snapshot, of_reading
from velox_tui.telemetry.topology import Role


def last_moment(row: Mapping[str, str], intervals: Iterable[Interval]) -> Snapshot:
    """`row` is the last one; histograms are merged over the intervals of its run, so they begin with the
    recording. InputError where the intervals hold nothing of that run, or the row lacks what its run has.
    """
    run: Run | None = None
    sums = np.zeros((0, 1 + histogram.BUCKETS), np.uint64)
    for one in intervals:
        if one.run.run_id != row.get("run_id"):
            continue
        if run is None:
            run, sums = one.run, np.zeros((len(one.histograms), 1 + histogram.BUCKETS), np.uint64)
        for into, buckets in zip(sums, one.histograms, strict=True):
            if buckets is not None:
                into += histogram.dense(buckets)
    if run is None:
        raise InputError(f"no frame of the last row's run {row.get('run_id')!r}")
    try:
        return of_reading(_reading(run, row, sums))
    except (KeyError, ValueError) as error:
        raise InputError(f"the last row is not of its run: {error!r}") from None


def _reading(run: Run, row: Mapping[str, str], histograms: NDArray[np.uint64]) -> Reading:
    state = State[row["state"].upper()]
    shape, cut = run.topology, None
    words = np.zeros(len(shape.words), np.uint64)
    for word in shape.words:
        words[word.index] = state if word.role == Role.STATE else _word(row[word.name])
    if row["ledger_position"]:
        at_cut = np.zeros(len(shape.words), np.uint64)
        for word in ledger.rules(shape).words:
            at_cut[word.index] = _word(row[f"cut_{word.name}"])
        cut = Cut(1, at_cut)
    mono_ns = int(row["mono_ns"])
    unix_ns = run.start_unix_ns + mono_ns - run.start_mono_ns
    return Reading(run, mono_ns, unix_ns, state, words, cut, histograms, None, None, 0)


def _word(text: str) -> int:
    """A word as it was: rows hold it as a signed number."""
    return int(text) % 2**64
