"""One reading of a pipeline with all that follows from it and from the reading before. Immutable.

Every screen, recording and exporter is fed by a stream of Samples and never asks which source they came from:
live, attached, replayed or canned. What a source cannot know is None and shown as unknown, never as zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from velox_tui.telemetry.topology import Histogram, Role, Topology, Word


class State(IntEnum):
    """Life of the pipeline (velox_state); LOST: its process is gone without having stopped."""

    STARTING = 0
    RUNNING = 1
    DRAINING = 2
    STOPPED = 3
    LOST = 4


@dataclass(frozen=True, slots=True)
class Run:
    """What stays the same for a whole run."""

    run_id: str
    topology: Topology
    source: str
    """"live", "attached", "replay" or "canned"."""
    host: str
    pid: int
    start_mono_ns: int
    start_unix_ns: int
    clock: str
    """"tsc", "cntvct", "clock_gettime" or "virtual"."""


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """The newest complete exact cut: each stage's words when it had handled exactly the same transactions."""

    sequence: int
    words: NDArray[np.uint64]


@dataclass(frozen=True, slots=True, eq=False)
class Buckets:
    """A histogram (of an interval or a window), sparse: counts > 0 only, indices ascending.

    `indices` uint16, `counts` uint64 of the same length; `total` is the exact sum of the recorded values.
    """

    indices: NDArray[np.uint16]
    counts: NDArray[np.uint64]
    total: int


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Percentiles of one histogram over the interval, in its unit; rank = ceil(p * n), highest equivalent
    value.
    """

    count: int
    mean: float
    p50: int
    p90: int
    p99: int
    p999: int
    p9999: int
    maximum: int


@dataclass(frozen=True, slots=True)
class Equation:
    """One line of the ledger: `left` equals the sum of `right`; residual = left - sum(right), exactly 0."""

    name: str
    left: tuple[str, int]
    right: tuple[tuple[str, int], ...]
    modulo: bool = False
    """True for sums of ids, which are taken modulo 2**64."""

    @property
    def residual(self) -> int:
        """left - sum(right); for id sums modulo 2**64, as a signed number."""
        difference = self.left[1] - sum(value for _, value in self.right)
        if not self.modulo:
            return difference
        difference %= 2**64
        return difference - 2**64 if difference >= 2**63 else difference


@dataclass(frozen=True, slots=True)
class Ledger:
    """The equations at one exact cut (or at rest): per stage, per hop and the whole."""

    cut_sequence: int
    """0: at rest, from the final counters."""
    position: int
    """Transactions that the first stage had pushed at the cut."""
    stages: tuple[Equation, ...]
    hops: tuple[Equation, ...]
    whole: Equation
    witness: tuple[Equation, ...]
    """The same by sums of ids."""

    @property
    def residual(self) -> int:
        """Sum of the absolute residuals of all equations; 0 when the ledger is exact."""
        every = (*self.stages, *self.hops, self.whole, *self.witness)
        return sum(abs(one.residual) for one in every)


@dataclass(frozen=True, slots=True, eq=False)
class Depth:
    """Order book by level: quantities, uint64 of shape (levels,), level 0 lowest."""

    bids: NDArray[np.uint64]
    asks: NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Thread:
    """One stage thread as the operating system sees it, over the interval; None: unknown."""

    thread_id: int
    stages: tuple[int, ...]
    core: int | None
    cpu_ratio: float | None
    voluntary_switches: int | None
    involuntary_switches: int | None
    migrations: int | None


@dataclass(frozen=True, slots=True)
class Cost:
    """What watching costs: this process's CPU share of one core without the stage threads, memory, tick
    lateness.
    """

    cpu_ratio: float | None
    rss_bytes: int
    tick_late_ns: int
    reading_ns: int


EVENT_TEXT_MAX = 500
"""Characters: what a line can show, and many events in a row of a recording."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at a moment: a control action, a marker, an alert's start, peak or end, a life
    event.
    """

    mono_ns: int
    kind: str
    """"control", "marker", "alert", "life"."""
    severity: str
    """"info", "warn" or "critical"."""
    name: str
    """snake_case, e.g. "burst", "ring_occupancy_high"."""
    text: str
    """At most EVENT_TEXT_MAX characters; a longer one is cut."""
    phase: str = ""
    """For alerts: "start", "peak" or "end"."""
    value: float | None = None
    stage: int | None = None
    ring: int | None = None

    def __post_init__(self) -> None:
        """Cuts a text that is too long; an ellipsis says so."""
        if len(self.text) > EVENT_TEXT_MAX:
            object.__setattr__(self, "text", self.text[: EVENT_TEXT_MAX - 1] + "…")


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One reading. Rates, shares and quantiles concern `interval_ns`, the measured time since the reading
    before.
    """

    run: Run
    seq: int
    mono_ns: int
    unix_ns: int
    state: State
    words: NDArray[np.uint64]
    """Cumulative counters, gauges and settings, in the order of run.topology.words."""
    deltas: NDArray[np.uint64] | None
    """Counters now minus then (0 for other words); None at the first reading and after a reset."""
    interval_ns: int | None
    """None where deltas is None."""
    late_ns: int
    """How much later than its deadline this reading was taken."""
    cut: Cut | None
    ledger: Ledger | None
    quantiles: tuple[Quantiles | None, ...]
    """Of the interval, in the order of run.topology.histograms; None: nothing recorded or unknown."""
    histograms: tuple[Buckets | None, ...] | None
    """Of the interval, in the same order; None where the source keeps no histograms."""
    depth: Depth | None
    threads: tuple[Thread, ...]
    cores: tuple[float | None, ...]
    """Utilisation 0..1 of every core of the machine over the interval, as the operating system sees it."""
    cost: Cost | None
    expected_fill: float | None
    """Mean fill the model expects at the present settings; None where it does not apply."""
    events: tuple[Event, ...]
    """Of the interval."""

    def value(self, word: Word | None) -> int | None:
        """The word's value, or None for None."""
        return None if word is None else int(self.words[word.index])

    def total(self, role: Role, *, stage: int | None = None, ring: int | None = None) -> int:
        """Sum of all words of a role (of one stage or ring)."""
        return sum(
            int(self.words[word.index]) for word in self.run.topology.find(role, stage=stage, ring=ring)
        )

    def delta(self, role: Role, *, stage: int | None = None, ring: int | None = None) -> int | None:
        """Sum of a role's counters over the interval; None at the first reading."""
        if self.deltas is None:
            return None
        words = self.run.topology.find(role, stage=stage, ring=ring)
        return sum(int(self.deltas[word.index]) for word in words)

    def rate(self, role: Role, *, stage: int | None = None, ring: int | None = None) -> float | None:
        """delta per measured second."""
        delta = self.delta(role, stage=stage, ring=ring)
        if delta is None or not self.interval_ns:
            return None
        return delta * 1e9 / self.interval_ns

    def quantile(self, histogram: Histogram | None) -> Quantiles | None:
        """The interval's quantiles of one histogram."""
        return None if histogram is None else self.quantiles[histogram.index]
