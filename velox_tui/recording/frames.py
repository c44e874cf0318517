"""Samples as frames: the run's shape, what a row cannot hold of each interval, and a merged histogram every
minute.

Interval fields: `run_id`, `interval_ns`, `threads` (thread_id, stages, core, cpu_ratio, voluntary_switches,
involuntary_switches, migrations), `cores` (ratios, null unknown), `cost`, `levels`. Arrays: histograms
flattened as `histogram` (which), `buckets` (how many it has), `total` (exact sum modulo 2**64), and for all
buckets together `step` (index minus the index before, modulo 2**16) and `count`; the book as `bid_level`,
`bid_quantity`, `ask_level`, `ask_quantity`; `fill` (bundles of 1, 2, … transactions). A minute holds the same
histogram arrays, merged over the intervals that end in it, and `from_seq`, `from_mono_ns` (where the first of
them began). A run holds `run_id`, `run` and `topology`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from velox_tui.recording import shape
from velox_tui.recording.frame_codec import FrameKind, encode, smallest
from velox_tui.telemetry import histogram
from velox_tui.telemetry.sample import Buckets, Depth, Run, Sample
from velox_tui.telemetry.topology import Role

MINUTE_NS = 60 * 10**9
Arrays = dict[str, NDArray[Any]]


def run_frame(run: Run) -> bytes:
    """The record that stands before a run's others, in every part."""
    facts = {
        name: getattr(run, name)
        for name in ("source", "host", "pid", "start_mono_ns", "start_unix_ns", "clock")
    }
    fields = {"run_id": run.run_id, "run": facts, "topology": shape.as_fields(run.topology)}
    return encode(FrameKind.RUN, 0, run.start_mono_ns, fields, {})


def interval_frame(sample: Sample) -> bytes:
    """The record of one Sample."""
    fields = {
        "run_id": sample.run.run_id,
        "interval_ns": sample.interval_ns,
        "threads": [list(asdict(one).values()) for one in sample.threads],
        "cores": sample.cores,
        "cost": asdict(sample.cost) if sample.cost else None,
        "levels": len(sample.depth.bids) if sample.depth else None,
    }
    arrays = {**histogram_arrays(sample.histograms or ()), **_depth_arrays(sample.depth), **_fill(sample)}
    return encode(FrameKind.INTERVAL, sample.seq, sample.mono_ns, fields, arrays)


def histogram_arrays(histograms: Sequence[Buckets | None]) -> Arrays:
    """Sparse histograms flattened; unknown ones are left out, empty ones are not."""
    known = [(place, one) for place, one in enumerate(histograms) if one is not None]
    if not known:
        return {}
    indices = np.concatenate([one.indices for _, one in known]).astype("<u2")
    return {
        "histogram": smallest(np.array([place for place, _ in known])),
        "buckets": smallest(np.array([len(one.indices) for _, one in known])),
        "total": np.array([one.total % 2**64 for _, one in known], "<u8"),
        "step": np.diff(indices, prepend=np.zeros(1, "<u2")).astype("<u2"),
        "count": smallest(np.concatenate([one.counts for _, one in known])),
    }


def histograms_of(arrays: Mapping[str, NDArray[Any]], number: int) -> tuple[Buckets | None, ...]:
    """The inverse of `histogram_arrays`, for `number` histograms. ValueError or KeyError for nonsense."""
    result: list[Buckets | None] = [None] * number
    if "histogram" not in arrays:
        return tuple(result)
    indices = np.cumsum(arrays["step"], dtype=np.uint16)
    counts = arrays["count"].astype(np.uint64)
    if len(indices) != len(counts) or int(arrays["buckets"].sum(dtype=np.uint64)) != len(counts):
        raise ValueError("the histograms' arrays do not fit together")
    if len(indices) and int(indices.max()) >= histogram.BUCKETS:
        raise ValueError("a bucket's index is too high")
    begin = 0
    for which, buckets, total in zip(arrays["histogram"], arrays["buckets"], arrays["total"], strict=True):
        end = begin + int(buckets)
        if int(which) < number:
            result[int(which)] = Buckets(indices[begin:end], counts[begin:end], int(total))
        begin = end
    return tuple(result)


def _depth_arrays(depth: Depth | None) -> Arrays:
    if depth is None:
        return {}
    arrays: Arrays = {}
    for name, side in (("bid", depth.bids), ("ask", depth.asks)):
        levels = np.flatnonzero(side)
        arrays[f"{name}_level"] = smallest(levels)
        arrays[f"{name}_quantity"] = smallest(side[levels])
    return arrays


def depth_of(arrays: Mapping[str, NDArray[Any]], levels: int | None) -> Depth | None:
    """The inverse: quantities by level. IndexError, ValueError or KeyError for what cannot be."""
    if levels is None or not 0 < levels <= 1 << 16:
        return None
    sides = []
    for name in ("bid", "ask"):
        side = np.zeros(levels, np.uint64)
        side[arrays[f"{name}_level"]] = arrays[f"{name}_quantity"]
        sides.append(side)
    return Depth(*sides)


def _fill(sample: Sample) -> Arrays:
    words = [word.index for word in sample.run.topology.find(Role.FILL)]
    if sample.deltas is None or not words:
        return {}
    return {"fill": smallest(sample.deltas[words])}


class MinuteMerger:
    """Adds up intervals and gives one record a minute, counted from the run's start."""

    def __init__(self, run: Run) -> None:
        """Nothing added yet."""
        self._run = run
        self._sums = np.zeros((len(run.topology.histograms), 1 + histogram.BUCKETS), np.uint64)
        self._first: Sample | None = None
        self._last: Sample | None = None

    def add(self, sample: Sample) -> bytes | None:
        """Takes an interval in; the record of the minute before, if this one begins another."""
        finished = self.finish() if self._last and self._minute(sample) != self._minute(self._last) else None
        if sample.histograms is not None and sample.interval_ns is not None:
            self._first = self._first or sample
            self._last = sample
            for sums, one in zip(self._sums, sample.histograms, strict=True):
                if one is not None:
                    sums[0] += np.uint64(one.total % 2**64)
                    sums[1 + one.indices.astype(np.intp)] += one.counts
        return finished

    def finish(self) -> bytes | None:
        """The record of what has been added since the last; None when nothing was."""
        first, last = self._first, self._last
        if first is None or last is None:
            return None
        fields = {
            "run_id": self._run.run_id,
            "from_seq": first.seq,
            "from_mono_ns": first.mono_ns - (first.interval_ns or 0),
        }
        arrays = histogram_arrays([histogram.sparse(one) for one in self._sums])
        self._sums[:] = 0
        self._first = self._last = None
        return encode(FrameKind.MINUTE, last.seq, last.mono_ns, fields, arrays)

    def _minute(self, sample: Sample) -> int:
        return (sample.mono_ns - self._run.start_mono_ns - 1) // MINUTE_NS
