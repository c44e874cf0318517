"""One reading as aligned text and as JSON; both tell the same, found by role and table, never by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from velox_tui.telemetry import histogram, units
from velox_tui.telemetry.sample import Equation, Quantiles, Sample
from velox_tui.telemetry.snapshot import Snapshot
from velox_tui.telemetry.topology import Histogram, Role, Topology, Unit, Word
from velox_tui.texts import json_line, shown

_QUANTILES = ("p50", "p90", "p99", "p999", "p9999", "maximum")


def as_text(snapshot: Snapshot) -> str:
    """Lines, the last with its line feed; what could control a terminal is shown escaped."""
    sections = (_head, _words, _heartbeats, _ledger, _percentiles)
    lines = [line for section in sections for line in section(snapshot)]
    return "".join(f"{shown(line)}\n" for line in lines)


def as_json(snapshot: Snapshot) -> str:
    """One object on one line; times in ns, names as in the table."""
    sample, ledger = snapshot.sample, snapshot.sample.ledger
    run = sample.run
    shape = run.topology
    fields = {
        "run_id": run.run_id,
        "host": run.host,
        "pid": run.pid,
        "clock": run.clock,
        "state": sample.state.name.lower(),
        "unix_ns": sample.unix_ns,
        "mono_ns": sample.mono_ns,
        "elapsed_ns": sample.mono_ns - run.start_mono_ns,
        "heartbeats_ns": dict(heartbeats(sample)),
        "words": [
            {"name": word.name, "value": int(sample.words[word.index])} | _meaning(shape, word)
            for word in shape.words
        ],
        "ledger": None
        if ledger is None
        else {
            "residual": ledger.residual,
            "position": ledger.position,
            "cut_sequence": ledger.cut_sequence,
            "equations": [asdict(one) | {"residual": one.residual} for one in _equations(sample)],
        },
        "histograms": [
            {"name": one.name} | _meaning(shape, one) | (asdict(found) if found else {"count": 0})
            for one, found in _quantiles(snapshot)
        ],
        "texts": dict(shape.texts),
    }
    return json_line(fields)


def heartbeats(sample: Sample) -> Iterator[tuple[str, int]]:
    """How old the last sign of life is, in ns: of the engine, and of each stage that tells.

    Stages tell by the engine's clock; the engine tells by both clocks at once, which joins them.
    """
    shape = sample.run.topology
    monotonic_ns = sample.value(shape.first(Role.CONTROL_MONOTONIC_NS))
    engine_ns = sample.value(shape.first(Role.CONTROL_HEARTBEAT_NS))
    if not monotonic_ns:
        return
    yield "engine", max(0, sample.mono_ns - monotonic_ns)
    for stage in shape.stages:
        stage_ns = sample.value(shape.first(Role.HEARTBEAT_NS, stage=stage.index))
        if stage_ns and engine_ns:
            yield stage.label, max(0, sample.mono_ns - (monotonic_ns + stage_ns - engine_ns))


def _unit(unit: Unit) -> str:
    return "" if unit == Unit.NONE else unit.name.lower()


def _place(shape: Topology, one: Word | Histogram) -> str:
    """The stage or ring it belongs to."""
    if one.ring is not None:
        return next((ring.label for ring in shape.rings if ring.index == one.ring), "")
    return next((stage.label for stage in shape.stages if stage.index == one.stage), "")


def _meaning(shape: Topology, one: Word | Histogram) -> dict[str, Any]:
    kind = {"kind": one.kind.name.lower()} if isinstance(one, Word) else {}
    place = _place(shape, one) or None
    ring = place if one.ring is not None else None
    stage = place if one.ring is None else None
    return {"label": one.label, "unit": _unit(one.unit), "stage": stage, "ring": ring} | kind


def _head(snapshot: Snapshot) -> Iterator[str]:
    sample, run = snapshot.sample, snapshot.sample.run
    elapsed = units.format_elapsed(sample.mono_ns - run.start_mono_ns)
    yield f"{sample.state.name}  pid {run.pid} on {run.host}  started {elapsed} ago"
    yield f"run: {run.run_id}  clock: {run.clock}"
    for name, text in run.topology.texts:
        yield f"{name}: {text}"
    yield ""


def _words(snapshot: Snapshot) -> Iterator[str]:
    sample, shape = snapshot.sample, snapshot.sample.run.topology
    width = max((len(_place(shape, word)) for word in shape.words), default=0)
    for word in shape.words:
        value = f"{int(sample.words[word.index]):,}"
        place = f"{_place(shape, word):<{width}}"
        yield f"{word.index:>4}: {value:>26} {_unit(word.unit):<12} {place}  {word.label}  ({word.name})"
    yield ""


def _heartbeats(snapshot: Snapshot) -> Iterator[str]:
    ages = "  ".join(f"{name} {units.format_ns(age_ns)}" for name, age_ns in heartbeats(snapshot.sample))
    yield f"last sign of life: {ages or units.UNKNOWN} ago"
    yield ""


def _equations(sample: Sample) -> tuple[Equation, ...]:
    ledger = sample.ledger
    return () if ledger is None else (*ledger.stages, *ledger.hops, ledger.whole, *ledger.witness)


def _ledger(snapshot: Snapshot) -> Iterator[str]:
    ledger = snapshot.sample.ledger
    if ledger is None:
        yield "ledger: no exact cut"
    else:
        where = f"at cut {ledger.cut_sequence:,}" if ledger.cut_sequence else "at rest"
        verdict = "exact" if ledger.residual == 0 else f"OFF BY {ledger.residual:,}"
        yield f"ledger: {verdict}, residual {ledger.residual:,} {where}, {ledger.position:,} pushed"
    for one in _equations(snapshot.sample):
        right = " + ".join(f"{name} {value:,}" for name, value in one.right)
        modulo = "  (mod 2^64)" if one.modulo else ""
        yield f"{one.residual:>6,} = {one.name}: {one.left[0]} {one.left[1]:,} - ({right}){modulo}"
    yield ""


def _quantiles(snapshot: Snapshot) -> Iterator[tuple[Histogram, Quantiles | None]]:
    """Every histogram of the run with its percentiles."""
    pairs = zip(snapshot.sample.run.topology.histograms, snapshot.histograms, strict=True)
    return ((one, histogram.quantiles(buckets)) for one, buckets in pairs)


def _percentiles(snapshot: Snapshot) -> Iterator[str]:
    shape = snapshot.sample.run.topology
    names = "".join(f"{name:>9}" for name in ("p50", "p90", "p99", "p99.9", "p99.99", "max"))
    yield f"{'since the run began: count':>28}{names}"
    for one, found in _quantiles(snapshot):
        values = [getattr(found, name) for name in _QUANTILES] if found else [None] * len(_QUANTILES)
        texts = [units.format_ns(v) if one.unit == Unit.NS else units.format_count(v) for v in values]
        cells = "".join(f"{text:>9}" for text in texts)
        count = f"{found.count if found else 0:,}"
        place = _place(shape, one)
        yield f"{count:>28}{cells}  {place}{': ' if place else ''}{one.label}  ({one.name})"
