"""The metrics of a pipeline, as families of the OpenMetrics data model; how they are written is another's.

All is cumulative or of the moment: rates and percentiles of a window are the reader's to compute. Units are
base units (seconds). Histograms are classic ones, with a bound at the top of every octave of nanoseconds from
1 µs to 8.6 s: these are edges of the engine's own buckets, so every count is exact.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from velox_tui import __version__
from velox_tui.telemetry import histogram
from velox_tui.telemetry.sample import Buckets, Sample, State
from velox_tui.telemetry.snapshot import Snapshot
from velox_tui.telemetry.topology import Histogram, Role, Unit, Word

Labels = tuple[tuple[str, str], ...]
NS_PER_S = 10**9
BOUNDS_NS = tuple(2**octave - 1 for octave in range(10, 34))
"""Upper bounds of the buckets, inclusive."""
_REASONS = {Role.FLUSH_SIZE: "size", Role.FLUSH_TIMEOUT: "timeout", Role.FLUSH_DRAIN: "drain"}
_CAUSES = {Role.DROPPED: "dropped", Role.REJECTED: "rejected"}
_UP = (State.STARTING, State.RUNNING, State.DRAINING)


@dataclass(frozen=True, slots=True)
class Point:
    """One value; `suffix` is what its name has after the family's."""

    suffix: str
    labels: Labels
    value: int | float


@dataclass(frozen=True, slots=True)
class Family:
    """Points of one name. `kind`: counter, gauge, histogram or info; `unit` is the end of the name or ""."""

    name: str
    kind: str
    unit: str
    help: str
    points: tuple[Point, ...]


def families(snapshot: Snapshot) -> tuple[Family, ...]:
    """Every metric that this pipeline has, in a fixed order; a family without points is left out."""
    every = (make(snapshot) for make in _MAKERS)
    return tuple(family for family in every if family.points)


def _stage(sample: Sample, stage: int | None) -> tuple[str, str]:
    """The label of a stage: its name, with its number where another has the same name."""
    stages = sample.run.topology.stages
    found = next((one for one in stages if one.index == stage), None)
    if found is None:
        return "stage", ""
    alone = Counter(one.name for one in stages)[found.name] == 1
    return "stage", found.name if alone else f"{found.name}_{found.index}"


def _ring(sample: Sample, ring: int | None) -> tuple[str, str]:
    rings = sample.run.topology.rings
    found = next((one for one in rings if one.index == ring), None)
    if found is None:
        return "ring", ""
    alone = Counter(one.name for one in rings)[found.name] == 1
    return "ring", found.name if alone else f"{found.name}_{found.index}"


def _cause(sample: Sample, word: Word, kind: str) -> str:
    """What is left of the word's name without stage and kind; a drop without a cause met a full ring."""
    cause = word.name.removesuffix("_total")
    stages = sample.run.topology.stages
    for stage in stages:
        if stage.index == word.stage:
            cause = cause.removeprefix(f"{stage.name}_")
    cause = cause.removeprefix(kind).removeprefix("_")
    return cause or ("ring_full" if kind == "dropped" else kind)


def _up(snapshot: Snapshot) -> Family:
    value = int(snapshot.sample.state in _UP)
    text = "1 while the pipeline runs, 0 once it has stopped or its process is gone"
    return Family("velox_up", "gauge", "", text, (Point("", (), value),))


def _build(snapshot: Snapshot) -> Family:
    run = snapshot.sample.run
    labels = (("version", __version__), ("run_id", run.run_id), ("host", run.host), ("clock", run.clock))
    return Family("velox_build", "info", "", "who runs, and who tells", (Point("_info", labels, 1),))


def _transactions(snapshot: Snapshot) -> Family:
    sample = snapshot.sample
    points = (
        Point("_total", (_stage(sample, word.stage),), int(sample.words[word.index]))
        for word in _once(sample.run.topology.find(Role.OUT), lambda word: word.stage)
    )
    return Family("velox_transactions", "counter", "", "transactions each stage passed on", tuple(points))


def _lost(role: Role, help: str) -> Callable[[Snapshot], Family]:
    kind = _CAUSES[role]

    def make(snapshot: Snapshot) -> Family:
        sample = snapshot.sample
        totals: dict[Labels, int] = {}
        for word in sample.run.topology.find(role):
            labels = (_stage(sample, word.stage), ("cause", _cause(sample, word, kind)))
            totals[labels] = totals.get(labels, 0) + int(sample.words[word.index])
        points = (Point("_total", labels, total) for labels, total in totals.items())
        return Family(f"velox_{kind}", "counter", "", help, tuple(points))

    return make


def _bundles(snapshot: Snapshot) -> Family:
    sample = snapshot.sample
    points = [
        Point("_total", (("reason", reason),), sample.total(role))
        for role, reason in _REASONS.items()
        if sample.run.topology.first(role)
    ]
    return Family("velox_bundles", "counter", "", "bundles by what flushed them", tuple(points))


def _occupancy(snapshot: Snapshot) -> Family:
    sample = snapshot.sample
    points = (
        Point("", (_ring(sample, word.ring),), int(sample.words[word.index]))
        for word in _once(sample.run.topology.find(Role.OCCUPANCY), lambda word: word.ring)
    )
    return Family("velox_ring_occupancy", "gauge", "", "slots taken", tuple(points))


def _capacity(snapshot: Snapshot) -> Family:
    sample = snapshot.sample
    points = (Point("", (_ring(sample, ring.index),), ring.capacity) for ring in sample.run.topology.rings)
    return Family("velox_ring_capacity", "gauge", "", "slots there are", tuple(points))


def _high_water(snapshot: Snapshot) -> Family:
    sample, points = snapshot.sample, []
    for ring in sample.run.topology.rings:
        one = sample.run.topology.histogram(Role.OCCUPANCY, ring=ring.index)
        mark = histogram.high_water(snapshot.histograms[one.index], ring.capacity) if one else None
        points += [] if mark is None else [Point("", (_ring(sample, ring.index),), mark)]
    return Family("velox_ring_high_water", "gauge", "", "most slots found taken in this run", tuple(points))


def _stage_latency(snapshot: Snapshot) -> Family:
    points: list[Point] = []
    for stage in snapshot.sample.run.topology.stages:
        one = snapshot.sample.run.topology.histogram(Role.LATENCY_EXIT, stage=stage.index)
        points += _buckets(snapshot, one, (_stage(snapshot.sample, stage.index),))
    text = "from the intended arrival to the exit of each stage"
    return Family("velox_stage_latency_seconds", "histogram", "seconds", text, tuple(points))


def _e2e_latency(snapshot: Snapshot) -> Family:
    stages = snapshot.sample.run.topology.stages
    last = stages[-1].index if stages else None
    one = snapshot.sample.run.topology.histogram(Role.LATENCY_EXIT, stage=last)
    text = "from the intended arrival to the exit of the last stage"
    points = tuple(_buckets(snapshot, one, ()))
    return Family("velox_e2e_latency_seconds", "histogram", "seconds", text, points)


def _busy(snapshot: Snapshot) -> Family:
    sample = snapshot.sample
    points = (
        Point("_total", (_stage(sample, word.stage),), int(sample.words[word.index]) / NS_PER_S)
        for word in _once(sample.run.topology.find(Role.BUSY_NS), lambda word: word.stage)
    )
    return Family("velox_stage_busy_seconds", "counter", "seconds", "time spent working", tuple(points))


def _residual(snapshot: Snapshot) -> Family:
    ledger = snapshot.sample.ledger
    points = (Point("", (), ledger.residual),) if ledger else ()
    text = "sum of the absolute residuals of every equation of the ledger; 0: exact"
    return Family("velox_ledger_residual", "gauge", "", text, points)


def _once(words: Iterable[Word], place: Callable[[Word], int | None]) -> Iterator[Word]:
    """The first word of each place, so that no labels come twice."""
    seen: set[int | None] = set()
    for word in words:
        if place(word) not in seen:
            seen.add(place(word))
            yield word


def _buckets(snapshot: Snapshot, one: Histogram | None, labels: Labels) -> Iterator[Point]:
    """Cumulative counts, their number and the sum in seconds."""
    buckets = snapshot.histograms[one.index] if one else None
    if one is None or buckets is None or one.unit != Unit.NS:
        return
    total = histogram.count(buckets)
    for bound, below in zip(BOUNDS_NS, _below(buckets), strict=True):
        yield Point("_bucket", (*labels, ("le", repr(bound / NS_PER_S))), below)
    yield Point("_bucket", (*labels, ("le", "+Inf")), total)
    yield Point("_count", labels, total)
    yield Point("_sum", labels, buckets.total / NS_PER_S)


def _below(buckets: Buckets) -> list[int]:
    """How many values are at most each bound."""
    cumulated = np.concatenate(([0], np.cumsum(buckets.counts)))
    places = np.searchsorted(histogram.HIGHEST[buckets.indices], np.array(BOUNDS_NS, np.uint64), "right")
    return [int(count) for count in cumulated[places]]


_MAKERS: tuple[Callable[[Snapshot], Family], ...] = (
    _up,
    _build,
    _transactions,
    _lost(Role.DROPPED, "transactions that were not passed on"),
    _lost(Role.REJECTED, "transactions that were passed on without being applied"),
    _bundles,
    _occupancy,
    _capacity,
    _high_water,
    _stage_latency,
    _e2e_latency,
    _busy,
    _residual,
)
