"""Columns of what the pipeline says itself: when and which run, every word, and the ledger at the newest
exact cut.
"""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from velox_tui.recording.columns import SCHEMA_VERSION, Cell, Column, Group
from velox_tui.telemetry import ledger
from velox_tui.telemetry.sample import Sample
from velox_tui.telemetry.topology import Kind, Role, Topology, Unit, Word

_LEAD = (
    Column("schema_version", "", "version of this layout; columns are only ever appended"),
    Column("ts_utc", "", "wall clock time, ISO 8601 with milliseconds, UTC"),
    Column("mono_ns", "ns", "monotonic time; comparable within a run_id"),
    Column("seq", "", "number of the sample within its run_id"),
    Column("run_id", "", "which run"),
    Column("state", "", "starting, running, draining, stopped, or lost (its process is gone)"),
)


def ts_utc(unix_ns: int) -> str:
    """`2026-01-31T12:00:00.250Z`; milliseconds, cut."""
    seconds, rest_ns = divmod(unix_ns, 10**9)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest_ns // 10**6:03d}Z"


def _lead_values(sample: Sample) -> tuple[Cell, ...]:
    state = sample.state.name.lower()
    return SCHEMA_VERSION, ts_utc(sample.unix_ns), sample.mono_ns, sample.seq, sample.run.run_id, state


def lead() -> Group:
    """The first columns of every recording."""
    return Group(_LEAD, _lead_values)


def _unit(word: Word) -> str:
    return "" if word.unit == Unit.NONE else word.unit.name.lower()


def _doc(topology: Topology, word: Word) -> str:
    if word.ring is not None:
        return f"{topology.rings[word.ring].label}: {word.label}"
    return word.label if word.stage is None else f"{topology.stages[word.stage].label}: {word.label}"


def words(topology: Topology, *kinds: Kind) -> Group:
    """Every word of these kinds by its own name, in table order; but not the state, which has its column in
    words.
    """
    chosen = [word for word in topology.words if word.kind in kinds and word.role != Role.STATE]
    index = np.array([word.index for word in chosen], np.intp)

    def values(sample: Sample) -> list[Cell]:
        return list(sample.words[index].view(np.int64).tolist())

    return Group(tuple(Column(word.name, _unit(word), _doc(topology, word)) for word in chosen), values)


def at_cut(topology: Topology) -> Group:
    """The ledger of the newest exact cut: position, residual and the words it was computed from.

    Once the run has stopped: the ledger at rest, from the final words. Empty before the first cut.
    """
    used = ledger.rules(topology).words
    index = np.array([word.index for word in used], np.intp)
    columns = (
        Column("ledger_position", "transactions", "transactions the first stage had pushed at the cut"),
        Column(
            "ledger_residual", "", "sum of the absolute residuals of every equation of the ledger; exact: 0"
        ),
        *(Column(f"cut_{word.name}", _unit(word), f"{_doc(topology, word)}, at the cut") for word in used),
    )

    def values(sample: Sample) -> list[Cell]:
        if sample.ledger is None:
            return [None] * len(columns)
        at_rest = sample.ledger.cut_sequence == 0 or sample.cut is None
        source = sample.words if at_rest or sample.cut is None else sample.cut.words
        return [sample.ledger.position, sample.ledger.residual, *source[index].view(np.int64).tolist()]

    return Group(columns, values)
