"""What the app does beside its keys: alerts, themes, the crosshair, palette, mouse, foreign pipelines."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from stage import SECOND_NS, Scene, scene
from textual.widgets import Input

from velox_tui.console.app import Console
from velox_tui.console.attention import Attention
from velox_tui.console.base import graph_style
from velox_tui.console.feed import Ticked
from velox_tui.console.glyphs import GraphStyle
from velox_tui.console.keyline import KeyLine
from velox_tui.console.themes import directories, load
from velox_tui.console.widgets.replay_bar import ReplayBar
from velox_tui.settings import Settings
from velox_tui.telemetry.commands import Command

IN_BURST = 14
"""Samples after which the burst's alerts are active."""


async def test_alerts_count_in_the_header_until_acknowledged_and_say_why() -> None:
    async with scene(samples=IN_BURST, size=(120, 40)) as on:
        assert "✗1 !1" in on.text().splitlines()[0]
        await on.press("5")
        text = on.text()
        assert "✗ CRIT" in text
        assert "Press 3 for the rings" in " ".join(text.split())
        await on.press("a")
        await on.advance()
        assert "✗" not in on.text().splitlines()[0]
        assert "seen" in on.text()


async def test_only_the_screen_that_is_shown_is_fed() -> None:
    async with scene() as on:
        await on.press("2", "1")
        hidden = on.app._screen_stacks["latency"][0]
        before = hidden.sample  # type: ignore[attr-defined]
        await on.advance(2)
        assert hidden.sample is before  # type: ignore[attr-defined]
        await on.press("2")
        assert hidden.sample is on.session.newest  # type: ignore[attr-defined]


async def test_an_event_points_the_crosshair_and_the_view_there() -> None:
    async with scene(samples=100) as on:
        await on.press(*["left_square_bracket"] * 3, "5")
        events = on.session.events
        await on.press(*["down"] * 40, "enter")
        assert on.app.state.cursor_ns == events[0].mono_ns
        assert on.app.timeline.paused, "the chart's half minute does not reach back so far"
        assert on.app.shown is not None
        assert events[0].mono_ns <= on.app.shown.mono_ns


async def test_themes_are_previewed_in_the_palette_and_kept_only_when_chosen() -> None:
    async with scene() as on:
        await on.press("ctrl+p", *"velox-light")
        await on.pilot.pause(0.4)
        await on.press("down")
        await on.pilot.pause(0.2)
        assert on.app.theme == "velox-light"
        await on.press("escape")
        await on.pilot.pause(0.2)
        assert on.app.theme == "velox-dark"
        await on.press("ctrl+p", *"velox-light")
        await on.pilot.pause(0.4)
        await on.press("down", "enter")
        await on.pilot.pause(0.2)
        assert on.app.theme == "velox-light"


@pytest.mark.parametrize("theme", sorted(load(directories({})).themes))
async def test_every_theme_shows_every_screen_and_dialog(theme: str) -> None:
    async with scene(settings=Settings(theme=theme), size=(120, 40)) as on:
        for keys in (
            "1",
            "2",
            "3",
            "4",
            "5",
            "t",
            "escape",
            "B",
            "escape",
            "question_mark",
            "escape",
            "ctrl+p",
        ):
            await on.press(keys)
        assert on.app.theme == theme


async def test_a_failed_theme_is_one_notification_and_the_default_is_used(folder: Path) -> None:
    own = folder / "config" / "velox-tui" / "themes"
    own.mkdir(parents=True)
    (own / "broken.toml").write_text("name = 1")
    loaded = load(directories(os.environ))
    made = Scene(Settings(theme="broken"))
    made.app = Console(made.session, Settings(theme="broken"), loaded)
    async with made.app.run_test() as made.pilot:
        await made.settle()
        assert made.app.theme == "velox-dark"
        assert "broken.toml" in made.told[0]
        assert "no theme 'broken'" in made.told[1]


async def test_bell_and_title_tell_of_a_critical_alert_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[str] = []
    monkeypatch.setattr(Console, "bell", lambda self: rung.append("bell"))
    monkeypatch.setattr(Attention, "write_title", lambda self, title: rung.append(title))
    async with scene(samples=5, settings=Settings(bell=True, title_mark=True)) as on:
        for _ in range(15):
            await on.advance()
    assert rung == ["bell", "! velox-tui", "velox-tui"]


async def test_bell_and_title_are_options(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Console, "bell", lambda self: pytest.fail("rung"))
    monkeypatch.setattr(Attention, "write_title", lambda self, title: pytest.fail(title))
    async with scene(samples=5) as on:
        await on.advance(15)


async def test_the_mouse_presses_keys_selects_rows_and_goes_to_moments() -> None:
    async with scene() as on:
        line = on.app.screen.query_one(KeyLine)
        place = on.text().splitlines()[-1].index("burst")
        await on.pilot.click(line, offset=(place, 0))
        await on.settle()
        assert on.asked[0][0] == Command.BURST
        await on.pilot.click("#stages", offset=(5, 4))
        await on.settle()
        assert "▸Bundle" in on.text()
        await on.press("space")
        bar = on.app.screen.query_one(ReplayBar)
        await on.pilot.click(bar, offset=(40, 0))
        await on.settle()
        assert on.app.shown is not on.app.newest
        assert on.app.timeline.paused


async def test_windows_reset_from_now_on() -> None:
    async with scene() as on:
        assert "100%" in on.text()
        await on.press("0", *["w"] * 2)
        await on.advance(3)
        assert on.app.state.percentile_window_ns is None
        assert on.app.newest is not None
        assert "10,3" in on.text() or "10.3M" in on.text(), "totals stay"
        row = next(line for line in on.text().splitlines() if "Ingress→Book" in line).split()
        assert row[-2] == "0.2%", "the window's mark no longer knows the burst"


async def test_what_the_worker_cannot_do_is_told_in_one_line(folder: Path) -> None:
    async with scene() as on:
        on.session._open_recording = None
        await on.press("r")
        assert on.told == [": this console cannot record"]
        os.chdir("/proc")
        await on.press("s")
        assert "cannot write velox-flow-" in on.told[-1]
        os.chdir(folder)


async def test_leaving_drains_shows_nothing_twice_and_returns_zero() -> None:
    async with scene() as on:
        await on.press("q", "q", "ctrl+c")
        assert on.session.newest is not None
        assert on.session.newest.state.name == "STOPPED"
        assert on.app.return_value == 0


async def test_dialogs_are_left_by_escape_and_do_nothing() -> None:
    async with scene() as on:
        for key in ("t", "B", "n", "g"):
            await on.press(key, "escape")
            assert len(on.app.screen_stack) == 1
        assert on.asked == []
        assert not on.app.timeline.paused


async def test_the_form_refuses_what_is_no_number_by_name() -> None:
    async with scene() as on:
        await on.press("t", *"fast", "enter")
        assert "rate: 'fast' is not a rate" in on.text()
        on.app.screen.query_one("#rate", Input).value = "100k"
        on.app.screen.query_one("#wait", Input).value = "dream"
        await on.press("enter")
        assert "wait: 'dream' is not one of spin, yield, backoff" in on.text()
        on.app.screen.query_one("#wait", Input).value = "spin"
        await on.press("enter")
        assert on.asked == [], "what did not change is not sent"


def test_a_newer_tick_replaces_an_unread_one() -> None:
    assert Ticked().can_replace(Ticked())


def test_graphs_are_ascii_where_the_terminal_takes_no_utf8(monkeypatch: pytest.MonkeyPatch) -> None:
    class Latin:
        encoding = "iso8859-1"

    assert graph_style("block") is GraphStyle.BLOCK
    monkeypatch.setattr("sys.__stderr__", Latin())
    assert graph_style("braille") is GraphStyle.ASCII


@pytest.mark.parametrize("keys", ["n", "g", "t", "B", "ctrl+p", "question_mark"])
async def test_what_is_left_twice_at_once_takes_nothing_else_along(keys: str) -> None:
    async with scene() as on:
        await on.press(keys)
        top = on.app.screen
        top.dismiss()
        top.dismiss()
        await on.settle()
        assert len(on.app.screen_stack) == 1
        await on.press("b")
        assert len(on.asked) == 1


async def test_charts_of_a_young_run_show_a_minute_until_the_user_chooses() -> None:
    async with scene(samples=20) as on:
        assert on.app.state.window_ns == 60 * SECOND_NS
        await on.advance(45)
        assert on.app.state.window_ns == 300 * SECOND_NS
    async with scene(samples=20) as on:
        await on.press("left_square_bracket")
        chosen = on.app.state.window_ns
        await on.advance(45)
        assert on.app.state.window_ns == chosen == 30 * SECOND_NS
