"""From readings to Samples: measured time, first readings, resets."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from velox_tui.sources.canned import CannedSource
from velox_tui.telemetry.rates import Reading, Sampler
from velox_tui.telemetry.sample import Event, State
from velox_tui.telemetry.topology import Role


def readings(count: int) -> list[Reading]:
    source = CannedSource(count + 1)
    return [source.read() for _ in range(count)]


def with_word(reading: Reading, name: str, value: int, **changes: object) -> Reading:
    words = reading.words.copy()
    words[reading.run.topology.by_name[name].index] = value
    return replace(reading, words=words, **changes)  # type: ignore[arg-type]


def test_the_first_reading_has_no_rates() -> None:
    sample = Sampler().take(readings(1)[0])
    assert sample.deltas is None and sample.interval_ns is None
    assert sample.rate(Role.OUT) is None and set(sample.quantiles) == {None}
    assert sample.expected_fill is None and set(sample.cores) == {None}


@given(st.integers(1, 10**11), st.integers(0, 2**40))
def test_rates_divide_by_the_measured_time(interval_ns: int, moved: int) -> None:
    first = readings(1)[0]
    before = first.words[first.run.topology.by_name["ingress_pushed_total"].index]
    then = with_word(first, "ingress_pushed_total", int(before) + moved, mono_ns=first.mono_ns + interval_ns)
    sampler = Sampler()
    sampler.take(first)
    sample = sampler.take(then)
    assert sample.interval_ns == interval_ns
    assert sample.rate(Role.OUT, stage=0) == pytest.approx(moved / (interval_ns / 1e9))
    assert sample.delta(Role.OUT, stage=0) == moved


def test_gauges_may_fall_and_have_no_deltas() -> None:
    one, two = readings(2)
    sampler = Sampler()
    sampler.take(with_word(one, "ring0_occupancy_slots", 900))
    sample = sampler.take(with_word(two, "ring0_occupancy_slots", 0))
    assert sample.deltas is not None
    assert sample.deltas[sample.run.topology.by_name["ring0_occupancy_slots"].index] == 0


@pytest.mark.parametrize("how", ["backwards", "run", "time"])
def test_a_reset_is_unknown_and_never_a_spike(how: str) -> None:
    one, two, three = readings(3)
    if how == "backwards":
        two = with_word(two, "output_delivered_total", 0)
    elif how == "run":
        two = replace(two, run=replace(two.run, run_id="another"))
        three = replace(three, run=two.run)
    else:
        two = replace(two, mono_ns=one.mono_ns)
    sampler = Sampler()
    sampler.take(one)
    reset, after = sampler.take(two), sampler.take(three)
    assert reset.deltas is None and reset.interval_ns is None and set(reset.quantiles) == {None}
    assert after.deltas is not None


def test_the_live_ledger_comes_from_the_cut_and_that_of_rest_from_the_words() -> None:
    reading = readings(2)[-1]
    live = Sampler().take(reading)
    assert reading.cut is not None and live.ledger is not None
    assert live.ledger.cut_sequence == reading.cut.sequence and live.ledger.residual == 0
    assert live.ledger.position < live.total(Role.OUT, stage=0)
    source = CannedSource(3)
    final = [source.read() for _ in range(3)][-1]
    rest = Sampler().take(final)
    assert rest.state == State.STOPPED and rest.ledger is not None
    assert (rest.ledger.cut_sequence, rest.ledger.residual) == (0, 0)
    assert rest.ledger.position == rest.total(Role.OUT, stage=3)


def test_before_the_first_cut_there_is_no_ledger() -> None:
    assert Sampler().take(replace(readings(1)[0], cut=None)).ledger is None


def test_a_source_without_histograms_has_unknown_percentiles() -> None:
    sampler = Sampler()
    samples = [sampler.take(replace(one, histograms=None, system=None)) for one in readings(2)]
    assert samples[1].histograms is None and set(samples[1].quantiles) == {None}
    assert samples[1].threads == () and samples[1].cores == () and samples[1].cost is None


def test_events_come_in_the_order_of_time() -> None:
    reading = readings(1)[0]
    events = tuple(Event(at, "marker", "info", "marker", str(at)) for at in (30, 10))
    own = (Event(20, "control", "info", "burst", "b"),)
    sample = Sampler().take(replace(reading, events=own), events=events)
    assert [event.mono_ns for event in sample.events] == [10, 20, 30]


def test_a_counter_of_64_bits_may_be_near_its_end() -> None:
    one, two = readings(2)
    sampler = Sampler()
    sampler.take(with_word(one, "ring2_full_total", 2**64 - 5))
    sample = sampler.take(with_word(two, "ring2_full_total", 2**64 - 1))
    assert sample.delta(Role.FULL_EVENTS, ring=2) == 4
    assert isinstance(sample.deltas, np.ndarray)


def test_a_sum_of_latencies_may_pass_its_end() -> None:
    """After hours of overload; it is no reset, and what was added is right."""
    one, two, three = readings(3)
    sampler = Sampler()
    sampler.take(with_word(one, "output_entry_latency_sum_ns_total", 2**64 - 5))
    samples = [
        sampler.take(with_word(two, "output_entry_latency_sum_ns_total", 7)),
        sampler.take(with_word(three, "output_entry_latency_sum_ns_total", 8)),
    ]
    assert [sample.delta(Role.ENTRY_LATENCY_SUM_NS, stage=3) for sample in samples] == [12, 1]
