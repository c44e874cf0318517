"""Shares of time by differences of what the operating system counts."""

from dataclasses import replace

import pytest

from velox_tui.telemetry import cores
from velox_tui.telemetry.cores import CoreTimes, SystemReading, ThreadTimes

STAGE = ThreadTimes(11, (0, 1), 2, 1_000_000, 5, 7, 1)
BEFORE = SystemReading(0, (STAGE,), (CoreTimes(1.0, 2.0), CoreTimes(0.0, 2.0)), 1_500_000, True, 4096)
LATER = SystemReading(
    10_000_000,
    (ThreadTimes(11, (0, 1), 3, 6_000_000, 6, 9, 2),),
    (CoreTimes(1.25, 3.0), CoreTimes(1.0, 3.0)),
    6_700_000,
    True,
    8192,
)


def test_a_thread_has_its_share_and_its_switches() -> None:
    (thread,) = cores.threads(BEFORE, LATER)
    assert (thread.core, thread.cpu_ratio) == (3, 0.5)
    assert (thread.voluntary_switches, thread.involuntary_switches, thread.migrations) == (1, 2, 1)


def test_a_thread_that_was_not_there_before_is_unknown_not_zero() -> None:
    (thread,) = cores.threads(replace(BEFORE, threads=()), LATER)
    assert thread.thread_id == 11 and thread.cpu_ratio is None and thread.voluntary_switches is None


def test_cores_have_their_busy_share() -> None:
    assert cores.cores(BEFORE, LATER) == (0.25, 1.0)
    assert cores.cores(None, LATER) == (None, None)
    assert cores.cores(replace(BEFORE, cores=BEFORE.cores[:1]), LATER) == (None, None)
    assert cores.cores(LATER, LATER) == (None, None)


def test_watching_costs_what_the_stages_do_not() -> None:
    found = cores.cost(BEFORE, LATER, late_ns=5, reading_ns=6)
    assert found is not None
    assert found.cpu_ratio == pytest.approx((6_700_000 - 6_000_000 - 500_000) / 10_000_000)
    assert (found.rss_bytes, found.tick_late_ns, found.reading_ns) == (8192, 5, 6)


def test_a_stage_thread_that_ended_does_not_make_watching_look_dear() -> None:
    gone = replace(LATER, threads=())
    found = cores.cost(BEFORE, gone, late_ns=0, reading_ns=0)
    assert found is not None and found.cpu_ratio is None


def test_another_processs_stages_are_not_taken_off() -> None:
    apart, later = (replace(one, stages_here=False) for one in (BEFORE, LATER))
    found = cores.cost(apart, later, late_ns=0, reading_ns=0)
    assert found is not None and found.cpu_ratio == pytest.approx(0.52)
