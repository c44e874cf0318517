"""From readings to Samples: what happened between two moments, by the measured time between them.

The first reading has no interval; neither has one after a reset (another run, or a counter that went
backwards). Rates are then unknown, never a spike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from velox_tui.telemetry import cores, expectation, histogram, ledger
from velox_tui.telemetry.cores import SystemReading
from velox_tui.telemetry.sample import Buckets, Cut, Depth, Event, Ledger, Quantiles, Run, Sample, State
from velox_tui.telemetry.topology import Kind, Role, Topology


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What a source says at one moment: cumulative, raw. Its arrays never change."""

    run: Run
    mono_ns: int
    unix_ns: int
    state: State
    words: NDArray[np.uint64]
    """In the order of run.topology.words."""
    cut: Cut | None
    histograms: NDArray[np.uint64] | None
    """Cumulative, shape (histograms, 1 + BUCKETS): sum, then counts; None where the source keeps none."""
    depth: Depth | None
    system: SystemReading | None
    reading_ns: int
    """How long the reading took."""
    events: tuple[Event, ...] = ()
    """What the engine's command log has that the reading before had not."""


class Sampler:
    """Turns a stream of readings into Samples; remembers the reading before. Not shared between threads."""

    def __init__(self) -> None:
        """One that has read nothing yet."""
        self._before: Reading | None = None
        self._seq = 0
        self._topology: Topology | None = None
        self._rules = ledger.Rules(None, (), (), None, (), ())
        self._counters: NDArray[np.bool_] = np.zeros(0, np.bool_)
        self._rising: NDArray[np.bool_] = np.zeros(0, np.bool_)
        """Counters that never come to 2**64; a sum of latencies does, after hours of overload: its difference
        is right all the same.
        """

    @property
    def seq(self) -> int:
        """The number that the next Sample will have."""
        return self._seq

    def take(self, now: Reading, *, late_ns: int = 0, events: tuple[Event, ...] = ()) -> Sample:
        """The Sample of this reading. `events` are those of the interval besides the reading's own."""
        self._learn(now.run.topology)
        before = self._continued(now)
        deltas = None if before is None else np.where(self._counters, now.words - before.words, 0)
        histograms = _histograms(before, now)
        earlier = before.system if before else None
        sample = Sample(
            run=now.run,
            seq=self._seq,
            mono_ns=now.mono_ns,
            unix_ns=now.unix_ns,
            state=now.state,
            words=now.words,
            deltas=deltas,
            interval_ns=now.mono_ns - before.mono_ns if before else None,
            late_ns=late_ns,
            cut=now.cut,
            ledger=self._ledger(now),
            quantiles=_quantiles(histograms, now.run.topology),
            histograms=histograms,
            depth=now.depth,
            threads=cores.threads(earlier, now.system),
            cores=cores.cores(earlier, now.system),
            cost=cores.cost(earlier, now.system, late_ns=late_ns, reading_ns=now.reading_ns),
            expected_fill=_expected_fill(before, now, deltas),
            events=tuple(sorted((*now.events, *events), key=lambda event: event.mono_ns)),
        )
        self._before = now
        self._seq += 1
        return sample

    def _learn(self, topology: Topology) -> None:
        if topology is not self._topology:
            self._topology = topology
            self._rules = ledger.rules(topology)
            self._counters = np.array([word.kind == Kind.COUNTER for word in topology.words], np.bool_)
            sums = np.array([word.role == Role.ENTRY_LATENCY_SUM_NS for word in topology.words], np.bool_)
            self._rising = self._counters & ~sums

    def _continued(self, now: Reading) -> Reading | None:
        """The reading before, or None where this one does not continue it."""
        before = self._before
        if before is None or before.run.run_id != now.run.run_id or now.mono_ns <= before.mono_ns:
            return None
        if len(before.words) != len(now.words) or bool((now.words < before.words)[self._rising].any()):
            return None
        return before

    def _ledger(self, now: Reading) -> Ledger | None:
        if now.state == State.STOPPED:
            return ledger.at_rest(self._rules, now.words)
        return ledger.at_cut(self._rules, now.cut)


def _histograms(before: Reading | None, now: Reading) -> tuple[Buckets | None, ...] | None:
    if now.histograms is None:
        return None
    if before is None or before.histograms is None:
        return (None,) * len(now.histograms)
    return histogram.differences(before.histograms, now.histograms)


def _quantiles(parts: tuple[Buckets | None, ...] | None, topology: Topology) -> tuple[Quantiles | None, ...]:
    if parts is None:
        return (None,) * len(topology.histograms)
    return histogram.all_quantiles(parts)


def _expected_fill(before: Reading | None, now: Reading, deltas: NDArray[np.uint64] | None) -> float | None:
    if before is None or deltas is None:
        return None
    topology = now.run.topology
    dropped = sum(int(deltas[word.index]) for word in topology.find(Role.DROPPED))
    found = expectation.expected(topology, before.words, now.words, dropped)
    return found.fill if found else None
