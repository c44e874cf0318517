"""The console on a recording: every key of the transport, what it refuses, and what it says of itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from replayed import SAMPLES, SECOND_NS, recorded, replayed
from textual.pilot import Pilot

from velox_tui.console.app import Console
from velox_tui.console.pausing.moment import parse_in_replay
from velox_tui.console.pausing.player import SPEEDS, Player
from velox_tui.console.pausing.timeline import Timeline
from velox_tui.console.themes import directories, load
from velox_tui.recording.recorder import FileRecorder
from velox_tui.session_replay import ReplaySession
from velox_tui.settings import Settings
from velox_tui.sources.replay import Replay
from velox_tui.telemetry.history import History


async def test_it_begins_at_the_first_row_and_plays(tmp_path: Path) -> None:
    async with replayed(recorded(tmp_path / "run.csv")) as on:
        assert on.seq == 0 and "► REPLAY ×1 12:00:01Z" in on.text()
        await on.go_on(0.5)
        assert on.seq == 0
        await on.go_on(2.6)
        assert on.seq == 3 and "00:00:03 / 00:02:09 ×1" in on.text()


async def test_space_stands_and_plays(tmp_path: Path) -> None:
    async with replayed(recorded(tmp_path / "run.csv")) as on:
        await on.press("space")
        await on.go_on(20)
        assert on.seq == 0 and "‖ REPLAY 12" in on.text()
        await on.press("space")
        await on.go_on(20.5)
        assert on.seq == 20


async def test_steps_seeks_and_ends(tmp_path: Path) -> None:
    async with replayed(recorded(tmp_path / "run.csv")) as on:
        await on.press(".", ".", ".", ",")
        assert on.seq == 2 and on.app.player is not None and not on.app.player.playing, "a step stands"
        await on.press(">", ">")
        assert on.seq == 22
        await on.press("<")
        assert on.seq == 12
        await on.press("end")
        assert on.seq == 129
        await on.press("home", "comma")
        assert on.seq == 0


async def test_seeking_goes_on_playing(tmp_path: Path) -> None:
    async with replayed(recorded(tmp_path / "run.csv")) as on:
        await on.press(">")
        await on.go_on(2.1)
        assert on.seq == 12


async def test_speed(tmp_path: Path) -> None:
    async with replayed(recorded(tmp_path / "run.csv")) as on:
        await on.press(")", ")")
        assert "×4" in on.text()
        await on.go_on(5.1)
        assert on.seq == 20
        await on.press(*["("] * 30)
        assert on.app.state.speed == SPEEDS[0]
        await on.go_on(4.5)
        assert on.seq == 21
        await on.press(*[")"] * 30)
        await on.go_on(0.01)
        assert on.seq > 50, "many rows at once"


async def test_events_are_gone_to(tmp_path: Path) -> None:
    async with replayed(recorded(tmp_path / "run.csv")) as on:
        eventful = [one.seq for one in SAMPLES if one.events]
        moments = sorted({event.mono_ns for one in SAMPLES for event in one.events})
        rows = sorted({next(one.seq for one in SAMPLES if one.mono_ns >= at) for at in moments})
        assert set(rows) <= {*eventful, *rows}
        seen = []
        for _ in rows:
            await on.press("e")
            seen.append(on.seq)
        assert seen == rows
        await on.press("e")
        assert "no later event" in on.told[-1]
        for row in reversed(rows[:-1]):
            await on.press("E")
            assert on.seq == row


async def test_goes_to_a_time_in_the_recording(tmp_path: Path) -> None:
    async with replayed(recorded(tmp_path / "run.csv")) as on:
        await on.press("g", *"00:01:10", "enter")
        assert on.seq == 70
        await on.press("g", *"-30s", "enter")
        assert on.seq in (99, 100)
        await on.press("g", *"12:00:31Z", "enter")
        assert on.seq in (30, 31)
        await on.press("g", *"3h", "enter")
        assert "not in the recording" in on.text()
        await on.press("escape")


async def test_what_a_recording_cannot_do_is_refused(tmp_path: Path) -> None:
    async with replayed(recorded(tmp_path / "run.csv")) as on:
        before = sorted(tmp_path.iterdir())
        for key, said in (
            ("b", "a recording is replayed"),
            ("B", "a recording is replayed"),
            ("z", "a recording is replayed"),
            ("plus", "a recording is replayed"),
            ("t", "a recording is replayed"),
            ("r", "nothing to record"),
            ("n", "it is not changed"),
            ("a", "its alerts are over"),
        ):
            await on.press(key)
            assert said in on.told[-1], key
        assert sorted(tmp_path.iterdir()) == before


async def test_every_screen_shows_the_moment(tmp_path: Path) -> None:
    async with replayed(recorded(tmp_path / "run.csv"), size=(120, 40)) as on:
        await on.press("g", *"00:01:40", "enter")
        for key in "12345":
            await on.press(key)
            assert "REPLAY" in on.text() and "00:01:40 / 00:02:09" in on.text()
        assert "8,000" in on.text(), "the bursts so far"
        await on.press("home")
        assert "nothing has happened yet" in on.text()


async def test_without_frames_panes_say_why_they_are_empty(tmp_path: Path) -> None:
    target = recorded(tmp_path / "run.csv")
    (tmp_path / "run.frames").unlink()
    async with replayed(target, size=(120, 40)) as on:
        assert "without run.frames" in on.told[0]
        await on.press("g", *"00:01:40", "enter")
        assert "latency of the interval" in on.text()
        await on.press("2")
        assert on.text().count("only in the recording's .frames file") == 2
        await on.press("3")
        assert "only in the recording's .frames file" in on.text()


async def test_at_its_end_a_finished_recording_stands_and_begins_again(tmp_path: Path) -> None:
    async with replayed(recorded(tmp_path / "run.csv")) as on:
        await on.press("end")
        await on.go_on(1, refresh=True)
        assert "ends without a stop" in on.told[-1]
        assert on.app.player is not None and not on.app.player.playing
        await on.press("space")
        assert on.seq == 0 and on.app.player.playing


async def test_a_recording_that_is_written_is_followed(tmp_path: Path) -> None:
    recorder = FileRecorder(tmp_path / "run.csv", SAMPLES[0].run, {})
    for sample in SAMPLES[:50]:
        recorder.write(sample)
    async with replayed(tmp_path / "run.csv") as on:
        assert on.seq == 49 and "● REPLAY follows" in on.text()
        for sample in SAMPLES[50:60]:
            recorder.write(sample)
        await on.go_on(0.1, refresh=True)
        assert on.seq == 59
        await on.press("<")
        assert on.seq == 49 and "► REPLAY ×1" in on.text(), "it plays until it has caught up"
        await on.go_on(10.5, refresh=True)
        assert on.seq == 59 and "follows" in on.text()
        recorder.close(None, "test")
        on.replayed._grown_ns -= 60 * SECOND_NS
        await on.go_on(0.1, refresh=True)
        assert "ends without a stop" in on.told[-1] and "follows" not in on.text()


async def test_what_is_deleted_or_cut_while_it_is_followed_ends_nothing(tmp_path: Path) -> None:
    target = recorded(tmp_path / "run.csv")
    async with replayed(target) as on:
        target.unlink()
        await on.press("end", "home", ">")
        await on.go_on(1.1, refresh=True)
        assert on.seq == 11
    other = recorded(tmp_path / "other.csv")
    async with replayed(other) as on:
        with other.open("r+b") as file:
            file.truncate(30_000)
        await on.press("end")
        await on.go_on(1.1, refresh=True)
        assert on.told and "REPLAY" in on.text()


async def test_windows_begin_anew_where_the_user_says(tmp_path: Path) -> None:
    async with replayed(recorded(tmp_path / "run.csv")) as on:
        await on.press("g", *"1m", "enter", "0")
        assert on.app.state.since_ns == SAMPLES[60].mono_ns
        await on.press("<")
        assert on.app.state.since_ns == 0, "not before that"


async def test_it_leaves_without_a_question(tmp_path: Path) -> None:
    async with replayed(recorded(tmp_path / "run.csv")) as on:
        await on.press("q")
        assert on.app.return_value == 0


@pytest.mark.parametrize("size", [(40, 10), (60, 16), (200, 60), (30, 6)])
async def test_any_size(tmp_path: Path, size: tuple[int, int]) -> None:
    async with replayed(recorded(tmp_path / "run.csv"), size=size) as on:
        await on.press("e", "2", "5", "end")
        assert on.seq == 129


def player(gaps: Sequence[int]) -> tuple[Player, History]:
    """On a history whose Samples come after so many seconds each."""
    from dataclasses import replace

    history, at_ns = History(SAMPLES[0].run, interval_ns=SECOND_NS), SAMPLES[0].mono_ns
    for sample, gap in zip(SAMPLES, (0, *gaps), strict=False):
        at_ns += gap * SECOND_NS
        history.append(replace(sample, mono_ns=at_ns))
    return Player(Timeline(history), history), history


def test_a_night_between_two_rows_is_no_night_of_waiting() -> None:
    one, _ = player([1, 1, 8 * 3600, 1, 1])
    one.play()
    assert one.advance(4 * SECOND_NS) and one.number == 3, "two readings long"
    assert one.advance(2 * SECOND_NS) and one.number == 5 and one.at_end
    assert not one.advance(SECOND_NS)


def test_time_that_is_not_used_up_counts_next_time() -> None:
    one, _ = player([1] * 20)
    one.play()
    moved = [one.advance(SECOND_NS // 10) for _ in range(100)]
    assert one.number == 10 and sum(moved) == 10


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0), ("00:01:00", 60), ("+1m", 60), ("1m30s", None), ("90", 90), ("-9s", 120), ("12:01:01Z", 60)],
)
def test_moments_of_a_recording(text: str, seconds: int | None) -> None:
    first, last = SAMPLES[0], SAMPLES[-1]
    if seconds is None:
        with pytest.raises(ValueError, match="time"):
            parse_in_replay(text, first, last)
    else:
        assert parse_in_replay(text, first, last) == pytest.approx(
            first.mono_ns + seconds * SECOND_NS, abs=10**6
        )
        wall = parse_in_replay("2026-01-02T12:01:01Z", first, last)
        assert wall == pytest.approx(first.mono_ns + 60 * SECOND_NS, abs=10**6)


async def test_the_real_clock_moves_it(tmp_path: Path) -> None:
    made = ReplaySession(Replay(recorded(tmp_path / "run.csv")))
    made.speed = 30.0
    app = Console(made, Settings(), load(directories({})))

    async def seen(true: Callable[[], bool], pilot: Pilot[int]) -> None:
        until = time.monotonic() + 60
        while not true() and time.monotonic() < until:
            await pilot.pause(0.05)
        assert true()

    async with app.run_test() as pilot:
        await seen(lambda: app.shown is not None and app.shown.seq > 20, pilot)
        await seen(lambda: app.player is not None and not app.player.playing, pilot)
        assert app.shown is not None and app.shown.seq == 129
