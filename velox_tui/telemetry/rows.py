"""The past in columns: one row a Sample, in arrays of fixed size that are used round and round.

One thread adds, others may read at the same time: a row is complete before the count that makes it visible,
and no visible row is written until SLACK more have come. Percentiles are kept as the numbers of their
buckets, so they come back exactly.
"""

from __future__ import annotations

import math
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from velox_tui.telemetry.histogram import index_of
from velox_tui.telemetry.ledger import Rules
from velox_tui.telemetry.sample import Event, Quantiles, Sample, Thread
from velox_tui.telemetry.topology import Topology

SLACK = 64
NO_VALUE = -1
NO_CUT = 2**64 - 1
"""Instead of a cut's number, which is a word of the segment: any number of 64 bits."""
THREAD_FIELDS = 6
_values = attrgetter("p50", "p90", "p99", "p999", "p9999", "maximum")
_VALUES = 6
_UNKNOWN = Quantiles(0, math.nan, 0, 0, 0, 0, 0, 0)


class Rows:
    """Ring arrays; index them by `slot(n)` of a row's number n, counted from the first one ever."""

    def __init__(self, topology: Topology, rules: Rules, capacity: int) -> None:
        """No rows yet, of which the newest `capacity` will be kept."""
        size = capacity + SLACK
        histograms = len(topology.histograms)
        self.capacity = capacity
        self.count = 0
        """Rows ever added."""
        self._cut_words = [word.index for word in rules.words]
        self.mono_ns = np.zeros(size, np.int64)
        self.unix_ns = np.zeros(size, np.int64)
        self.interval_ns = np.zeros(size, np.int64)
        self.late_ns = np.zeros(size, np.int64)
        self.state = np.zeros(size, np.uint8)
        self.seq = np.zeros(size, np.int64)
        self.words = np.zeros((size, len(topology.words)), np.uint64)
        self.cut_sequence = np.zeros(size, np.uint64)
        self.cut = np.zeros((size, len(self._cut_words)), np.uint64)
        self.position = np.zeros(size)
        self.residual = np.zeros(size)
        self.quantiles = np.zeros((size, histograms, _VALUES), np.uint16)
        self.counts = np.zeros((size, histograms), np.uint64)
        self.means = np.zeros((size, histograms))
        self.expected_fill = np.zeros(size)
        self.cost = np.zeros((size, 4))
        self.cores = np.zeros((size, 0), np.float32)
        self.threads = np.zeros((size, 0, THREAD_FIELDS))
        self.thread_stages: tuple[tuple[int, ...], ...] = ()
        self.events: list[tuple[Event, ...]] = [()] * size

    @property
    def first(self) -> int:
        """Number of the oldest visible row."""
        return max(0, self.count - self.capacity)

    def slot(self, number: Any) -> Any:
        """Where rows lie in the arrays."""
        return number % len(self.mono_ns)

    def add(self, sample: Sample) -> None:
        """Appends a row."""
        slot = self.slot(self.count)
        self.mono_ns[slot] = sample.mono_ns
        self.unix_ns[slot] = sample.unix_ns
        self.interval_ns[slot] = NO_VALUE if sample.interval_ns is None else sample.interval_ns
        self.late_ns[slot] = sample.late_ns
        self.state[slot] = sample.state
        self.seq[slot] = sample.seq
        self.words[slot] = sample.words
        self.expected_fill[slot] = np.nan if sample.expected_fill is None else sample.expected_fill
        self.events[slot] = sample.events
        self._add_ledger(slot, sample)
        self._add_quantiles(slot, sample.quantiles)
        self._add_system(slot, sample)
        self.count += 1

    def _add_ledger(self, slot: int, sample: Sample) -> None:
        self.position[slot] = self.residual[slot] = np.nan
        if sample.ledger is None:
            self.cut_sequence[slot] = NO_CUT
            return
        self.position[slot] = sample.ledger.position
        self.residual[slot] = sample.ledger.residual
        live = sample.cut if sample.ledger.cut_sequence else None
        source = sample.words if live is None else live.words
        self.cut_sequence[slot] = sample.ledger.cut_sequence
        self.cut[slot] = source[self._cut_words]

    def ledger_words(self, slot: int) -> NDArray[np.uint64]:
        """Words of the row's cut as the topology orders them; those that the ledger does not need are 0."""
        words = np.zeros(self.words.shape[1], np.uint64)
        words[self._cut_words] = self.cut[slot]
        return words

    def _add_quantiles(self, slot: int, quantiles: tuple[Quantiles | None, ...]) -> None:
        known = [one or _UNKNOWN for one in quantiles]
        self.counts[slot] = [one.count for one in known]
        self.means[slot] = [one.mean for one in known]
        values = np.array([_values(one) for one in known], np.uint64)
        self.quantiles[slot] = index_of(values.reshape(-1, _VALUES))

    def _add_system(self, slot: int, sample: Sample) -> None:
        cores = sample.cores or (None,) * self.cores.shape[1]  # () where they could not be read
        if self.cores.shape[1] != len(cores):
            self.cores = np.full((len(self.mono_ns), len(cores)), np.nan, np.float32)
        if self.threads.shape[1] != len(sample.threads):
            self.threads = np.full((len(self.mono_ns), len(sample.threads), THREAD_FIELDS), np.nan)
        self.cores[slot] = [np.nan if ratio is None else ratio for ratio in cores]
        if sample.threads:
            self.thread_stages = tuple(one.stages for one in sample.threads)
            self.threads[slot] = [_thread_fields(one) for one in sample.threads]
        cost = sample.cost
        if cost is None:
            self.cost[slot] = np.nan
        else:
            cpu = np.nan if cost.cpu_ratio is None else cost.cpu_ratio
            self.cost[slot] = (cpu, cost.rss_bytes, cost.tick_late_ns, cost.reading_ns)


def _thread_fields(one: Thread) -> list[float]:
    fields = (
        one.thread_id,
        one.core,
        one.cpu_ratio,
        one.voluntary_switches,
        one.involuntary_switches,
        one.migrations,
    )
    return [np.nan if value is None else float(value) for value in fields]
