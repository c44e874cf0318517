"""Figures of the processor's counters, by hand: what is divided by what, over which time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from velox_tui.sources.canned import samples
from velox_tui.telemetry import processor
from velox_tui.telemetry.processor import Figures
from velox_tui.telemetry.sample import Sample
from velox_tui.telemetry.topology import Kind, Role, Stage, Topology, Unit, Word

SECOND = 10**9


def foreign(*words: tuple[int, Unit, Role]) -> Topology:
    """Two stages of another pipeline with these counters."""
    made = [
        Word(index, f"word{index}", "", Kind.COUNTER, unit, role, stage, None)
        for index, (stage, unit, role) in enumerate(words)
    ]
    return Topology((Stage(0, "pump", "Pump"), Stage(1, "sink", "Sink")), (), tuple(made), ())


WHOLE = foreign(
    (0, Unit.TRANSACTIONS, Role.OUT),
    (0, Unit.CYCLES, Role.CPU_CYCLES),
    (0, Unit.INSTRUCTIONS, Role.CPU_INSTRUCTIONS),
    (0, Unit.MISSES, Role.CACHE_MISSES),
    (0, Unit.MISSES, Role.BRANCH_MISSES),
    (0, Unit.NS, Role.CPU_COVERED_NS),
    (0, Unit.TRANSACTIONS, Role.IN),
)


def figures(topology: Topology, *deltas: int, stage: int = 0) -> Figures:
    return processor.figures(topology, stage, np.array(deltas, np.uint64), SECOND)


def test_what_each_figure_is() -> None:
    found = figures(WHOLE, 1_000, 500_000, 750_000, 2_000, 30, SECOND, 9_999)
    assert found == Figures(1.5, 500.0, 2_000.0, 30.0)


def test_counters_that_cover_less_time_than_the_window_are_brought_to_it() -> None:
    found = figures(WHOLE, 1_000, 375_000, 750_000, 1_500, 15, SECOND * 3 // 4, 9_999)
    assert found == Figures(2.0, 500.0, 2_000.0, 20.0)


@pytest.mark.parametrize(
    ("deltas", "expected"),
    [
        ((0, 500_000, 750_000, 2_000, 30, SECOND, 0), Figures(1.5, None, None, None)),
        ((1_000, 0, 0, 0, 0, 0, 1_000), Figures(None, None, None, None)),
        ((1_000, 0, 0, 0, 0, SECOND, 1_000), Figures(None, None, 0.0, 0.0)),
    ],
    ids=("no transactions", "not read in this time", "the thread was parked all the time"),
)
def test_nothing_is_divided_by_nothing(deltas: tuple[int, ...], expected: Figures) -> None:
    assert figures(WHOLE, *deltas) == expected


def test_what_is_not_counted_is_unknown_and_the_rest_is_not() -> None:
    some = foreign((1, Unit.TRANSACTIONS, Role.IN), (1, Unit.MISSES, Role.CACHE_MISSES))
    assert figures(some, 1_000, 5, stage=1) == Figures(None, None, 5.0, None)
    assert figures(some, 1_000, 5, stage=0) == Figures(None, None, None, None)
    assert processor.is_counted(some) and processor.has_counters(some, 1)
    assert not processor.has_counters(some, 0)
    assert not processor.is_counted(foreign((0, Unit.CYCLES, Role.CYCLES)))


def sharing(sample: Sample, threads: tuple[int, ...]) -> Sample:
    """The sample with these thread ids."""
    words = sample.words.copy()
    for word, thread in zip(sample.run.topology.find(Role.THREAD_ID), threads, strict=True):
        words[word.index] = thread
    return replace(sample, words=words)


def test_stages_of_a_thread_are_told_by_its_id() -> None:
    sample = sharing(samples(2)[-1], (7, 8, 7, 0))
    assert [processor.stages_of_thread(sample, stage) for stage in range(4)] == [(0, 2), (1,), (0, 2), (3,)]
