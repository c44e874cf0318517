"""A moment as a user writes it, and the timeline that goes there."""

from __future__ import annotations

import pytest

from velox_tui.console.pausing.moment import parse_moment
from velox_tui.console.pausing.timeline import Timeline
from velox_tui.sources import canned
from velox_tui.telemetry.history import History

SECOND_NS = 10**9
SAMPLES = canned.samples(50)
FIRST, LAST = SAMPLES[0], SAMPLES[-1]


@pytest.fixture
def timeline() -> Timeline:
    history = History(FIRST.run, interval_ns=SECOND_NS)
    for sample in SAMPLES:
        history.append(sample)
    return Timeline(history)


@pytest.mark.parametrize(
    ("text", "moment_ns"),
    [
        ("+10s", FIRST.run.start_mono_ns + 10 * SECOND_NS),
        ("+10", FIRST.run.start_mono_ns + 10 * SECOND_NS),
        ("+00:00:10.500", FIRST.run.start_mono_ns + 10_500_000_000),
        ("-2s", LAST.mono_ns - 2 * SECOND_NS),
        ("12:00:30", FIRST.run.start_mono_ns + 30 * SECOND_NS),
        (" 12:00:30Z ", FIRST.run.start_mono_ns + 30 * SECOND_NS),
    ],
)
def test_reads_clock_since_start_and_before_now(text: str, moment_ns: int) -> None:
    assert parse_moment(text, FIRST, LAST) == moment_ns


@pytest.mark.parametrize("text", ["", "x", "12", "12:61:00", "24:00:00", "+", "-3x", "١٢:٠٠:٣٠"])
def test_refuses_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match=r"time|duration"):
        parse_moment(text, FIRST, LAST)


@pytest.mark.parametrize("text", ["+2h", "-1h", "11:00:00", "12:30:00"])
def test_refuses_what_is_not_kept_and_says_what_is(text: str) -> None:
    with pytest.raises(ValueError, match="12:00:01 to 12:00:50"):
        parse_moment(text, FIRST, LAST)


def test_steps_through_every_sample_and_stops_at_the_ends(timeline: Timeline) -> None:
    timeline.to_end()
    assert timeline.at_ns == LAST.mono_ns
    timeline.step(1)
    assert timeline.at_ns == LAST.mono_ns
    timeline.step(-3)
    assert timeline.at_ns == SAMPLES[-4].mono_ns
    timeline.step(-1000)
    assert timeline.at_ns == FIRST.mono_ns
    timeline.resume()
    assert timeline.sample is None


def test_a_step_back_while_live_pauses_before_the_newest(timeline: Timeline) -> None:
    timeline.step(-1)
    assert timeline.at_ns == SAMPLES[-2].mono_ns


def test_seeks_by_time_to_the_nearest_sample(timeline: Timeline) -> None:
    timeline.seek(-10 * SECOND_NS)
    assert timeline.at_ns == SAMPLES[-11].mono_ns
    timeline.seek(-1000 * SECOND_NS)
    assert timeline.at_ns == FIRST.mono_ns


def test_shows_the_sample_whose_interval_holds_the_moment(timeline: Timeline) -> None:
    for moment in (SAMPLES[20].mono_ns, SAMPLES[20].mono_ns - 1, SAMPLES[19].mono_ns + 1):
        timeline.show(moment)
        assert timeline.at_ns == SAMPLES[20].mono_ns
    timeline.show(0)
    assert timeline.at_ns == FIRST.mono_ns
    timeline.show(LAST.mono_ns + 1)
    assert timeline.at_ns == LAST.mono_ns


def test_a_paused_sample_that_ages_out_gives_way_to_the_oldest_kept() -> None:
    history = History(FIRST.run, interval_ns=SECOND_NS, capacity=20)
    for sample in SAMPLES[:20]:
        history.append(sample)
    timeline = Timeline(history)
    timeline.to_start()
    for sample in SAMPLES[20:]:
        history.append(sample)
    timeline.step(1)
    assert timeline.at_ns is not None
    assert timeline.at_ns >= SAMPLES[30].mono_ns


def test_nothing_sampled_yet_is_said() -> None:
    timeline = Timeline(History(FIRST.run, interval_ns=SECOND_NS))
    timeline.step(-1)
    timeline.to_start()
    assert timeline.sample is None
    with pytest.raises(ValueError, match="nothing"):
        timeline.find("-1s")
