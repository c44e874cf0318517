"""What was can be asked for again: series, windows, Samples."""

from dataclasses import replace

import numpy as np
import pytest

from velox_tui.sources.canned import samples
from velox_tui.telemetry import histogram
from velox_tui.telemetry.history import History
from velox_tui.telemetry.sample import Sample
from velox_tui.telemetry.series import catalogue
from velox_tui.telemetry.topology import Kind, Role

SECOND = 10**9
EVER = (0, 2**62)
CANNED = samples(100)


def kept(given: list[Sample], **sizes: int) -> History:
    history = History(given[0].run, interval_ns=SECOND, **sizes)
    for sample in given:
        history.append(sample)
    return history


ALL = kept(CANNED)
SMALL = kept(CANNED, capacity=50, fine=20)


def same(one: Sample, other: Sample) -> bool:
    """Equal in everything that a history keeps for as long as it keeps a Sample."""
    plain = ("seq", "mono_ns", "unix_ns", "state", "interval_ns", "late_ns", "quantiles", "threads", "cost")
    return (
        all(getattr(one, name) == getattr(other, name) for name in plain)
        and np.array_equal(one.words, other.words)
        and np.array_equal(one.deltas, other.deltas)  # type: ignore[arg-type]
        and one.ledger == other.ledger
        and one.expected_fill == other.expected_fill
        and one.events == other.events
    )


def test_a_history_is_empty_at_first() -> None:
    empty = History(CANNED[0].run, interval_ns=SECOND)
    assert (len(empty), empty.first, empty.last) == (0, 0, -1)
    assert empty.sample(0) is None and empty.sample_at(2**62) is None and empty.number_at(0) is None
    times, values = empty.series("e2e_p99_ns", *EVER)
    assert len(times) == len(values) == 0
    assert empty.merged(CANNED[0].run.topology.histograms[0], *EVER) is None


@pytest.mark.parametrize("number", [1, 2, 40, 83, 84, 99])
def test_a_past_sample_comes_back(number: int) -> None:
    found = ALL.sample(number)
    assert found is not None and same(found, CANNED[number])
    assert found.cores == pytest.approx(CANNED[number].cores, abs=1e-6)


def test_any_number_of_a_cut_comes_back() -> None:
    numbers = (0, 1, 2**63, 2**64 - 2)
    ledgers = [CANNED[40].ledger]
    assert ledgers[0] is not None
    given = [replace(CANNED[40], ledger=replace(ledgers[0], cut_sequence=number)) for number in numbers]
    history = kept(given)
    found = [history.sample(place) for place in range(len(given))]
    assert [one.ledger and one.ledger.cut_sequence for one in found if one] == list(numbers)


def test_an_interval_without_cores_takes_none_from_the_others() -> None:
    history = kept([CANNED[40], replace(CANNED[41], cores=()), *CANNED[42:]])
    found = [history.sample(place) for place in range(3)]
    assert [one.cores for one in found if one] == [
        pytest.approx(CANNED[40].cores, abs=1e-6),
        (None,) * len(CANNED[40].cores),
        pytest.approx(CANNED[42].cores, abs=1e-6),
    ]


def test_histograms_and_depth_come_back_while_they_are_kept_singly() -> None:
    recent, old = SMALL.sample(80), SMALL.sample(79)
    assert recent is not None and recent.histograms is not None and recent.depth is not None
    truth = CANNED[80]
    assert truth.histograms is not None and truth.depth is not None
    for one, other in zip(recent.histograms, truth.histograms, strict=True):
        assert one is not None and other is not None
        assert one.indices.tolist() == other.indices.tolist() and one.counts.tolist() == other.counts.tolist()
        assert one.total == other.total
    assert np.array_equal(recent.depth.bids, truth.depth.bids)
    assert np.array_equal(recent.depth.asks, truth.depth.asks)
    assert old is not None and old.histograms is None and old.depth is None


def test_samples_that_are_gone_or_not_yet_there_are_none() -> None:
    assert (len(SMALL), SMALL.first, SMALL.last) == (50, 50, 99)
    assert SMALL.sample(49) is None and SMALL.sample(100) is None
    oldest = SMALL.sample(50)
    assert oldest is not None and oldest.seq == 50


def test_the_sample_of_a_moment_is_the_newest_not_after_it() -> None:
    at = CANNED[30].mono_ns
    for moment, seq in ((at, 30), (at + 1, 30), (at - 1, 29), (2**62, 99)):
        found = ALL.sample_at(moment)
        assert found is not None and found.seq == seq
    assert ALL.sample_at(CANNED[0].mono_ns - 1) is None


def test_series_are_what_the_samples_say() -> None:
    topology = CANNED[0].run.topology
    e2e = topology.histogram(Role.LATENCY_EXIT, stage=3)
    assert e2e is not None
    expected = {
        "order_book_per_s": lambda one: one.rate(Role.OUT, stage=1),
        "bundles_per_s": lambda one: one.rate(Role.UNITS_OUT),
        "dropped_per_s": lambda one: one.rate(Role.DROPPED),
        "ingress_dropped_per_s": lambda one: one.rate(Role.DROPPED, stage=0),
        "bundle_busy_ratio": lambda one: one.delta(Role.BUSY_NS, stage=2) / one.interval_ns,
        "fill": lambda one: one.delta(Role.OUT, stage=2) / one.delta(Role.UNITS_OUT),
        "e2e_p99_ns": lambda one: one.quantile(e2e).p99,
        "e2e_max_ns": lambda one: one.quantile(e2e).maximum,
        "e2e_mean_ns": lambda one: one.quantile(e2e).mean,
        "e2e_count": lambda one: one.quantile(e2e).count,
        "ring0_occupancy_slots": lambda one: one.total(Role.OCCUPANCY, ring=0),
        "core5_ratio": lambda one: one.cores[5],
        "ledger_position": lambda one: one.ledger.position,
        "ledger_residual": lambda one: 0,
        "late_ns": lambda one: one.late_ns,
        "self_cpu_ratio": lambda one: one.cost.cpu_ratio,
    }
    for name, value in expected.items():
        times, values = ALL.series(name, CANNED[1].mono_ns, CANNED[-1].mono_ns)
        assert times.tolist() == [one.mono_ns for one in CANNED[1:]], name
        assert values.tolist() == pytest.approx([value(one) for one in CANNED[1:]], rel=1e-6), name


def test_a_high_water_mark_is_no_more_than_the_ring() -> None:
    _, values = ALL.series("ring0_high_water_slots", *EVER)
    assert np.nanmax(values) == 4096


def test_prices_and_spread_are_in_the_series() -> None:
    bid, ask, spread = (ALL.series(name, *EVER)[1][-1] for name in ("best_bid", "best_ask", "spread"))
    assert ask - bid == spread == 31


def test_the_first_reading_is_a_gap_in_a_rate() -> None:
    _, values = ALL.series("ingress_per_s", *EVER)
    assert np.isnan(values[0]) and not np.isnan(values[1:]).any()


def test_readings_that_are_missing_are_a_gap_not_a_line() -> None:
    holey = kept([*CANNED[:10], *CANNED[15:20]])
    times, values = holey.series("ring0_occupancy_slots", *EVER)
    assert len(times) == len(values) == 16
    assert np.isnan(values[10]) and np.isnan(values).sum() == 1
    assert times[9] < times[10] < times[11] and (np.diff(times) > 0).all()


def test_only_counters_of_totals_have_a_rate() -> None:
    topology = CANNED[0].run.topology
    counter = next(word for word in topology.words if word.name == "ingress_generated_total")
    words = (
        counter,
        replace(counter, name="resets"),
        replace(counter, name="memory_total", kind=Kind.GAUGE, role=Role.NONE),
    )
    names = catalogue(replace(topology, words=words), cores=0)
    assert {"ingress_generated_total", "resets", "memory_total", "ingress_generated_per_s"} <= set(names)
    assert not {"resets_per_s", "memory_per_s"} & set(names)


@pytest.mark.parametrize(("count", "known"), [(0, False), (1, True)])
def test_an_interval_has_percentiles_from_its_first_value_on(count: int, known: bool) -> None:
    quantiles = tuple(found and replace(found, count=count) for found in CANNED[5].quantiles)
    history = kept([*CANNED[:5], replace(CANNED[5], quantiles=quantiles)])
    assert np.isfinite(history.series("e2e_p99_ns", *EVER)[1][-1]) == known


def test_an_unknown_series_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        ALL.series("no_such", *EVER)
    assert "e2e_p99_ns" in ALL.names()


@pytest.mark.parametrize("history", [ALL, SMALL])
def test_a_window_is_the_sum_of_its_intervals(history: History) -> None:
    topology = CANNED[0].run.topology
    from_ns, to_ns = CANNED[88].mono_ns, CANNED[98].mono_ns
    for one in topology.histograms:
        parts = [sample.histograms[one.index] for sample in CANNED[89:99] if sample.histograms]
        merged, expected = history.merged(one, from_ns, to_ns), histogram.merge(p for p in parts if p)
        assert merged is not None and merged.total == expected.total
        assert merged.indices.tolist() == expected.indices.tolist()
        assert merged.counts.tolist() == expected.counts.tolist()


@pytest.mark.parametrize("history", [ALL, SMALL])
def test_nothing_of_the_run_is_forgotten(history: History) -> None:
    one = CANNED[0].run.topology.histograms[0]
    everything = histogram.merge(
        part for sample in CANNED[1:] if sample.histograms and (part := sample.histograms[0])
    )
    for found in (history.of_run(one), history.merged(one, *EVER)):
        assert found is not None
        assert (histogram.count(found), found.total) == (histogram.count(everything), everything.total)


def test_old_intervals_are_merged_by_the_minute_without_a_hole() -> None:
    one = CANNED[0].run.topology.histograms[0]
    spans = SMALL.heat(one, *EVER)
    assert max(end - begin for begin, end, _ in spans) > 10 * SECOND and len(spans) < len(CANNED) - 1
    assert [begin for begin, _, _ in spans[1:]] == [end for _, end, _ in spans[:-1]]
    assert (spans[0][0], spans[-1][1]) == (CANNED[0].mono_ns, CANNED[-1].mono_ns)
    assert sum(histogram.count(part) for _, _, part in spans) == histogram.count(SMALL.of_run(one))


def test_the_oldest_sample_has_no_rates_for_the_one_before_is_gone() -> None:
    oldest = SMALL.sample(SMALL.first)
    assert oldest is not None and oldest.deltas is None and oldest.interval_ns is None
    _, values = SMALL.series("ingress_per_s", *EVER)
    assert np.isnan(values).tolist() == [True] + [False] * 49


def test_a_late_reading_is_not_a_gap() -> None:
    late = [
        replace(one, mono_ns=one.mono_ns + SECOND // 3 * (place == 5))
        for place, one in enumerate(CANNED[:10])
    ]
    assert not np.isnan(kept(late).series("ring0_occupancy_slots", *EVER)[1]).any()


def test_large_counts_are_kept_exactly() -> None:
    many = histogram.EMPTY
    big = replace(
        many, indices=np.array([3, 9], np.uint16), counts=np.array([70_000, 2**40], np.uint64), total=5
    )
    given = CANNED[1].histograms
    assert given is not None
    history = kept([replace(CANNED[1], histograms=(big, *given[1:]))])
    found = history.merged(CANNED[0].run.topology.histograms[0], 0, 2**61)
    assert found is not None and found.counts.tolist() == [70_000, 2**40]
