"""Columns of rates and shares over the interval, by its measured time. Empty in a run's first row."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from velox_tui.recording.columns import Cell, Column, Group
from velox_tui.telemetry.sample import Sample
from velox_tui.telemetry.topology import Role, Topology

_Measure = Callable[[Sample], Cell]


class _Change:
    """Sum of a role's counters over the interval; None at the first reading."""

    def __init__(self, topology: Topology, role: Role, stage: int | None) -> None:
        self.index = np.array([word.index for word in topology.find(role, stage=stage)], np.intp)

    def __call__(self, sample: Sample) -> int | None:
        return None if sample.deltas is None else int(sample.deltas[self.index].sum())

    def per_s(self, sample: Sample) -> float | None:
        """The change by the measured time."""
        change = self(sample)
        return change * 1e9 / sample.interval_ns if change is not None and sample.interval_ns else None

    def share(self, sample: Sample) -> float | None:
        """A change in nanoseconds as a share of the interval."""
        change = self(sample)
        return change / sample.interval_ns if change is not None and sample.interval_ns else None

    def over(self, other: _Change, sample: Sample) -> float | None:
        """This change divided by another's; None where that one is 0 or unknown."""
        own, whole = self(sample), other(sample)
        return own / whole if own is not None and whole else None


def rates(topology: Topology) -> Group:
    """Per stage: transactions, drops and rejections a second, busy and blocked shares; and what a unit
    carries.
    """
    parts: list[tuple[Column, _Measure]] = [
        (
            Column("interval_ns", "ns", "measured time since the sample before"),
            lambda sample: sample.interval_ns,
        ),
        (
            Column("late_ns", "ns", "how much later than its deadline the sample was taken"),
            lambda s: s.late_ns,
        ),
    ]
    for stage in topology.stages:
        for role, name, what in (
            (Role.OUT, "per_s", "transactions put out"),
            (Role.DROPPED, "dropped_per_s", "transactions dropped"),
            (Role.REJECTED, "rejected_per_s", "transactions rejected"),
        ):
            change = _Change(topology, role, stage.index)
            if len(change.index):
                column = Column(f"{stage.name}_{name}", "1/s", f"{stage.label}: {what} a second")
                parts.append((column, change.per_s))
        for role, name, what in (
            (Role.BUSY_NS, "busy_ratio", "share of the time in cycles that moved something"),
            (Role.BLOCKED_NS, "blocked_ratio", "share of the time blocked downstream"),
        ):
            change = _Change(topology, role, stage.index)
            if len(change.index):
                parts.append(
                    (Column(f"{stage.name}_{name}", "ratio", f"{stage.label}: {what}"), change.share)
                )
        parts += _unit_parts(topology, stage.index)
    return _group(parts)


def _unit_parts(topology: Topology, stage: int) -> list[tuple[Column, _Measure]]:
    """Of a stage that puts out units (bundles): how many, how full, and why they were flushed."""
    word = topology.first(Role.UNITS_OUT, stage=stage)
    if word is None:
        return []
    name = word.unit.name.lower()
    units_out, out = _Change(topology, Role.UNITS_OUT, stage), _Change(topology, Role.OUT, stage)
    parts: list[tuple[Column, _Measure]] = [
        (Column(f"{name}_per_s", "1/s", f"{name} put out a second"), units_out.per_s),
        (
            Column("mean_fill", "", f"mean transactions in one of the {name}"),
            lambda sample: out.over(units_out, sample),
        ),
    ]
    for role, cause in ((Role.FLUSH_SIZE, "size"), (Role.FLUSH_TIMEOUT, "timeout")):
        flushed = _Change(topology, role, stage)
        if len(flushed.index):
            column = Column(f"flush_{cause}_ratio", "ratio", f"share of {name} flushed by {cause}")
            parts.append((column, _share_of(flushed, units_out)))
    return parts


def _share_of(part: _Change, whole: _Change) -> _Measure:
    return lambda sample: part.over(whole, sample)


def _group(parts: Sequence[tuple[Column, _Measure]]) -> Group:
    measures = [measure for _, measure in parts]
    columns = tuple(column for column, _ in parts)
    return Group(columns, lambda sample: [measure(sample) for measure in measures])
