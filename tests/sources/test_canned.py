"""Canned Samples are the same everywhere and agree with themselves, as a real pipeline's would."""

import numpy as np
import pytest

from velox_tui.errors import ControlError
from velox_tui.sources.canned import CannedSource, samples
from velox_tui.sources.canned_topology import canned_topology
from velox_tui.telemetry.sample import Sample, State
from velox_tui.telemetry.topology import Kind, Role

CANNED = samples(70)
MEASURED = CANNED[1:]
TOPOLOGY = canned_topology()


def test_they_are_the_same_every_time() -> None:
    again = samples(30)
    for one, other in zip(again, CANNED, strict=False):
        assert np.array_equal(one.words, other.words) and one.quantiles == other.quantiles
        assert one.events == other.events and one.mono_ns == other.mono_ns


def test_the_ledger_is_exact_in_each() -> None:
    assert [one.ledger.residual for one in CANNED if one.ledger] == [0] * len(CANNED)


def test_counters_never_fall_and_totals_are_the_sum_of_deltas() -> None:
    total = CANNED[0].words.copy()
    counters = np.array([word.kind == Kind.COUNTER for word in TOPOLOGY.words])
    for sample in MEASURED:
        assert sample.deltas is not None
        total += sample.deltas
    assert np.array_equal(total[counters], CANNED[-1].words[counters])


@pytest.mark.parametrize("sample", MEASURED, ids=lambda sample: str(sample.seq))
def test_histograms_count_what_the_counters_count(sample: Sample) -> None:
    for stage in TOPOLOGY.stages:
        counted = {
            Role.LATENCY_EXIT: sample.delta(Role.OUT, stage=stage.index),
            Role.SERVICE: sample.delta(Role.WORKED_CYCLES, stage=stage.index),
            Role.BATCH: sample.delta(Role.WORKED_CYCLES, stage=stage.index),
        }
        for role, expected in counted.items():
            found = sample.quantile(TOPOLOGY.histogram(role, stage=stage.index))
            assert found is not None and found.count == expected, (stage.name, role)
    late = sample.quantile(TOPOLOGY.histogram(Role.LATENESS))
    assert late is not None and late.count == sample.delta(Role.IN, stage=0)


@pytest.mark.parametrize("sample", MEASURED, ids=lambda sample: str(sample.seq))
def test_bundles_add_up(sample: Sample) -> None:
    fills = [int(sample.words[word.index]) for word in TOPOLOGY.find(Role.FILL)]
    assert sum(fills) == sample.total(Role.UNITS_OUT)
    assert sum(n * bundles for n, bundles in enumerate(fills, start=1)) == sample.total(Role.OUT, stage=2)
    flushes = (Role.FLUSH_SIZE, Role.FLUSH_TIMEOUT, Role.FLUSH_DRAIN)
    assert sum(sample.total(role) for role in flushes) == sample.total(Role.UNITS_OUT)
    assert sample.total(Role.HELD) == sample.total(Role.IN, stage=2) - sample.total(Role.OUT, stage=2) < 16


@pytest.mark.parametrize("sample", MEASURED, ids=lambda sample: str(sample.seq))
def test_the_mean_latency_grows_from_stage_to_stage(sample: Sample) -> None:
    """So that a waterfall of means has no step backwards."""
    means = []
    for stage in TOPOLOGY.stages:
        moved = sample.delta(Role.OUT, stage=stage.index)
        entered = sample.delta(Role.ENTRY_LATENCY_SUM_NS, stage=stage.index)
        left = sample.quantile(TOPOLOGY.histogram(Role.LATENCY_EXIT, stage=stage.index))
        assert moved and entered is not None and left is not None
        means += [entered / moved, left.mean]
    assert means == sorted(means)


def test_the_measured_fill_is_near_the_expected() -> None:
    bundles = CANNED[-1].total(Role.UNITS_OUT)
    assert CANNED[-1].total(Role.OUT, stage=2) / bundles == pytest.approx(10.897, abs=0.05)
    assert CANNED[5].expected_fill == pytest.approx(10.897, abs=0.001)


def test_there_is_a_burst_a_stall_a_marker_and_what_they_cause() -> None:
    told = {(one.seq, event.name, event.phase) for one in CANNED for event in one.events}
    assert {(12, "burst", ""), (12, "drops", "start"), (20, "stall", ""), (26, "marker", "")} <= told
    assert CANNED[12].delta(Role.DROPPED) == 3_692 and CANNED[12].expected_fill is None
    assert max(one.late_ns for one in CANNED) == CANNED[40].late_ns


def test_a_canned_run_ends_at_rest() -> None:
    source = CannedSource(60)
    for _ in range(3):
        source.read()
    source.close()
    final, again = source.read(), source.read()
    assert (final.state, again.state) == (State.STOPPED, State.STOPPED)
    moving = [
        word.index for word in TOPOLOGY.words if "heartbeat" not in word.name and "cut" not in word.name
    ]
    moving = [place for place in moving if TOPOLOGY.words[place].role != Role.BEST_PAIR]
    assert np.array_equal(final.words[moving], again.words[moving])
    names = TOPOLOGY.by_name
    generated, delivered, dropped = (
        int(final.words[names[name].index])
        for name in ("ingress_generated_total", "output_delivered_total", "ingress_dropped_total")
    )
    assert generated == delivered + dropped and final.words[names["bundle_open"].index] == 0
    with pytest.raises(ControlError):
        source.command(0, 0, 1)
