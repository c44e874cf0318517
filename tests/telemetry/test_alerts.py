"""Rules and their memory: when an alert begins, how long it stays, what it tells."""

from dataclasses import replace

import pytest

from velox_tui.sources.canned import samples
from velox_tui.telemetry import alerts
from velox_tui.telemetry.alerts import RULES, AlertLimits, Measure, Rule, Watch
from velox_tui.telemetry.alerts.base import above
from velox_tui.telemetry.sample import Equation, Sample, State, Thread

SECOND = 10**9
CANNED = samples(40)
LIMITS = AlertLimits(clear_after_ns=2 * SECOND)


class Scripted(Rule):
    """Says what it is told, once a Sample."""

    name = "scripted"
    summary = "scripted"
    why = "for a test"
    press = "nothing"

    def __init__(self, values: list[float], *, lasting_ns: int = 0, latching: bool = False) -> None:
        super().__init__(LIMITS)
        self.values = values
        type(self).lasting_ns = lasting_ns
        type(self).latching = latching

    def measure(self, sample: Sample) -> list[Measure]:
        return [above(self.values[sample.seq], 10.0, f"value {self.values[sample.seq]}")]


def story(
    values: list[float], *, acknowledge_at: int = -1, **how: int
) -> tuple[Watch, list[tuple[int, str, float | None]]]:
    watch = Watch((Scripted(values, **how),))  # type: ignore[arg-type]
    told = []
    for sample in CANNED[: len(values)]:
        if sample.seq == acknowledge_at:
            watch.acknowledge("scripted")
        told += [(sample.seq, event.phase, event.value) for event in watch.look(sample)]
    return watch, told


def test_an_alert_tells_its_start_peak_and_end() -> None:
    watch, told = story([0, 11, 30, 20, 0, 0, 0, 0])
    assert told == [(1, "start", 11.0), (5, "peak", 30.0), (5, "end", 0.0)]
    assert watch.active == ()


def test_the_peak_carries_the_moment_it_was() -> None:
    watch = Watch((Scripted([0, 11, 30, 0, 0, 0]),))
    events = [event for sample in CANNED[:6] for event in watch.look(sample)]
    peak = next(event for event in events if event.phase == "peak")
    assert peak.mono_ns == CANNED[2].mono_ns and peak.text == "peak: value 30"


def test_of_equal_peaks_the_first_is_told() -> None:
    watch = Watch((Scripted([0, 11, 30, 20, 30, 0, 0, 0]),))
    events = [event for sample in CANNED[:8] for event in watch.look(sample)]
    assert [event.mono_ns for event in events if event.phase == "peak"] == [CANNED[2].mono_ns]


def test_at_the_limit_is_not_beyond_it() -> None:
    assert story([10, 10, 10])[1] == []


def test_a_value_that_hovers_below_the_limit_does_not_end_it() -> None:
    watch, told = story([11, 9, 9, 9, 9, 11, 9])
    assert told == [(0, "start", 11.0)]
    assert watch.active[0].value == 9


def test_what_is_short_does_not_count_where_it_must_last() -> None:
    assert story([0, 50, 50, 0, 50, 50, 0], lasting_ns=3 * SECOND)[1] == []
    assert story([0, 50, 50, 50, 50], lasting_ns=3 * SECOND)[1][0][:2] == (3, "start")


def test_all_must_be_well_for_as_long_as_is_asked() -> None:
    assert [seq for seq, phase, _ in story([50, 0, 50, 0, 50, 0, 0, 0])[1] if phase == "end"] == [6]


def test_a_latching_alert_stays_until_it_is_acknowledged() -> None:
    watch, told = story([50, *[0] * 20], latching=True)
    assert told == [(0, "start", 50.0)] and watch.active[0].latching
    assert [phase for _, phase, _ in story([50, *[0] * 20], latching=True, acknowledge_at=10)[1]] == [
        "start",
        "peak",
        "end",
    ]


def test_acknowledging_does_not_end_what_goes_on() -> None:
    watch, told = story([50] * 8, acknowledge_at=3)
    assert told == [(0, "start", 50.0)] and watch.active[0].acknowledged


def active(sample: Sample, limits: AlertLimits = LIMITS) -> dict[str, tuple[int | None, int | None]]:
    """Alerts that begin at once with this Sample; those that must last are given the time."""
    watch = alerts.watch(limits)
    watch.look(sample)
    watch.look(replace(sample, mono_ns=sample.mono_ns + 5 * SECOND))
    return {one.name: (one.stage, one.ring) for one in watch.active}


def with_words(sample: Sample, **values: int) -> Sample:
    words = sample.words.copy()
    for name, value in values.items():
        words[sample.run.topology.by_name[name].index] = value
    return replace(sample, words=words)


def with_deltas(sample: Sample, **values: int) -> Sample:
    assert sample.deltas is not None
    deltas = sample.deltas.copy()
    for name, value in values.items():
        deltas[sample.run.topology.by_name[name].index] = value
    return replace(sample, deltas=deltas)


WELL = CANNED[5]


def test_a_healthy_pipeline_has_no_alert() -> None:
    assert active(WELL) == {} and active(CANNED[0]) == {}


def test_a_burst_drops_and_fills_a_ring() -> None:
    assert active(CANNED[12]) == {"drops": (0, None), "ring_occupancy": (None, 0)}


def test_a_stall_fills_a_ring_and_stretches_the_tail() -> None:
    assert active(CANNED[20]) == {"ring_occupancy": (None, 0), "e2e_p99": (None, None)}


def test_a_residual_is_critical_and_latches() -> None:
    assert WELL.ledger is not None
    wrong = replace(WELL.ledger, whole=Equation("whole", ("generated", 5), (("delivered", 4),)))
    watch = alerts.watch(LIMITS)
    watch.look(replace(WELL, ledger=wrong))
    assert [(one.name, one.severity, one.latching, one.value) for one in watch.active] == [
        ("ledger_residual", "critical", True, 1.0)
    ]
    for sample in CANNED[6:12]:
        watch.look(sample)
    assert [one.name for one in watch.active] == ["ledger_residual"]


def test_a_stage_that_takes_nothing_of_what_waits_is_stalled() -> None:
    taken = int(WELL.words[WELL.run.topology.by_name["ring1_taken_total"].index])
    waiting = with_words(
        with_deltas(WELL, ring1_taken_total=0, order_book_out_total=10), order_book_out_total=taken + 50
    )
    assert active(waiting) == {"stalled_stage": (2, None)}
    assert active(with_deltas(waiting, order_book_out_total=50)) == {}, (
        "what came within the interval has not waited"
    )
    assert active(replace(waiting, state=State.DRAINING)) == {}


def test_late_bundles_crossed_books_and_preempted_threads_are_told() -> None:
    assert active(with_deltas(WELL, bundle_flush_late_total=900)) == {"late_flushes": (2, None)}
    assert active(with_deltas(WELL, order_book_crossed_total=1)) == {"crossed_book": (None, None)}
    assert active(with_words(WELL, best_pair=1 << 32 | 6 << 16 | 6)) == {"crossed_book": (None, None)}
    pushed = replace(WELL, threads=(Thread(9, (2, 3), 0, 0.5, 0, 900, 0),))
    assert active(pushed) == {"involuntary_switches": (2, None)}


def test_a_late_reading_and_a_lost_pipeline_are_told() -> None:
    assert active(replace(WELL, late_ns=200_000_000)) == {"late_polls": (None, None)}
    assert active(replace(WELL, state=State.LOST)) == {"pipeline_lost": (None, None)}


def test_limits_are_settings() -> None:
    assert active(WELL, replace(LIMITS, e2e_p99_ns=50_000)) == {"e2e_p99": (None, None)}
    assert active(CANNED[12], replace(LIMITS, drops_per_s=1e6, ring_occupancy_ratio=1.0)) == {}


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_says_what_why_and_what_to_press(rule: type[Rule]) -> None:
    assert rule.name.isidentifier() and rule.severity in ("warn", "critical")
    assert rule.summary and rule.why.endswith(".") and rule.press
    assert len({one.name for one in RULES}) == len(RULES)
