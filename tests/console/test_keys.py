"""Every key of the table does what it says; what does not apply is greyed; the config remaps, or is refused
by name.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from stage import SECOND_NS, Scene, scene
from textual.events import Paste
from textual.widgets import Input

from velox_tui.console.actions.steering import BURST
from velox_tui.console.bindings.keys import KeymapError, remap
from velox_tui.console.bindings.table import BY_ID, KEYS
from velox_tui.console.screens.entry import Entry
from velox_tui.console.screens.help import HelpScreen
from velox_tui.console.screens.stall import StallDialog
from velox_tui.console.screens.tuning import TuningDialog
from velox_tui.console.view import PERCENTILE_WINDOWS_NS
from velox_tui.settings import Settings
from velox_tui.telemetry.commands import Command

Check = Callable[[Scene], Awaitable[None]]
CHECKS: dict[str, Check] = {}


def of(*ids: str) -> Callable[[Check], Check]:
    """Registers the test of those bindings."""

    def register(check: Check) -> Check:
        CHECKS.update(dict.fromkeys(ids, check))
        return check

    return register


def key(identifier: str) -> str:
    """The first key of a binding, as a Pilot presses it."""
    return BY_ID[identifier].keys.split(",")[0]


@of("screen_flow", "screen_latency", "screen_rings", "screen_cores", "screen_events")
async def _screens(on: Scene) -> None:
    for mode, number in (("latency", "2"), ("rings", "3"), ("cores", "4"), ("events", "5"), ("flow", "1")):
        await on.press(number)
        assert on.app.current_mode == mode


@of("focus_next", "focus_previous")
async def _focus(on: Scene) -> None:
    first = on.app.pane
    assert first is not None
    await on.press("tab")
    assert on.app.pane not in (None, first)
    await on.press("shift+tab")
    assert on.app.pane is first


@of("up", "down")
async def _rows(on: Scene) -> None:
    await on.press("down", "down")
    assert "▸Bundle" in on.text()
    await on.press("up")
    assert "▸OrderBook" in on.text()
    await on.press("up", "up", "up")
    assert "▸Ingress" in on.text()


@of("left", "right", "back")
async def _crosshair(on: Scene) -> None:
    on.app.screen.query_one("#chart").focus()
    await on.press("left", "left", "left")
    there = on.app.state.cursor_ns
    assert there is not None
    assert on.app.newest is not None
    assert there < on.app.newest.mono_ns
    await on.press("right")
    assert there < (on.app.state.cursor_ns or 0) <= on.app.newest.mono_ns
    await on.press("escape")
    assert on.app.state.cursor_ns is None


@of("open")
async def _open(on: Scene) -> None:
    await on.press("enter")
    assert on.app.current_mode == "latency"
    await on.press("5", "down", "enter")
    events = on.session.events
    assert on.app.state.cursor_ns == events[-2].mono_ns


@of("maximise")
async def _maximise(on: Scene) -> None:
    await on.press("m")
    assert on.app.screen.maximized is on.app.pane
    assert "Ledger" not in on.text()
    await on.press("m")
    assert on.app.screen.maximized is None
    assert "Ledger" in on.text()


@of("copy")
async def _copy(on: Scene) -> None:
    await on.press("y")
    (path,) = Path().glob("velox-stages-*.txt")
    assert "OrderBook" in path.read_text()
    assert on.app.clipboard == path.read_text()
    assert on.told == [f"copied: {path}"]


@of("screenshot")
async def _screenshot(on: Scene) -> None:
    await on.press("s")
    (path,) = Path().glob("velox-flow-*.svg")
    assert "OrderBook" in path.read_text()
    assert on.told == [f"screenshot: {path}"]


@of("chart_shorter", "chart_longer")
async def _chart_window(on: Scene) -> None:
    await on.press(key("chart_longer"))
    assert on.app.state.window_ns == 900 * SECOND_NS
    await on.press(key("chart_shorter"), key("chart_shorter"))
    assert on.app.state.window_ns == 60 * SECOND_NS
    await on.press(*[key("chart_shorter")] * 5)
    assert on.app.state.window_ns == 30 * SECOND_NS
    assert "30s" in on.told[-1]


@of("percentile_window")
async def _percentile_window(on: Scene) -> None:
    seen = []
    for _ in PERCENTILE_WINDOWS_NS:
        await on.press("w")
        seen.append(on.app.state.percentile_window_ns)
    assert seen == [60 * SECOND_NS, None, SECOND_NS, 10 * SECOND_NS]


@of("series")
async def _series(on: Scene) -> None:
    assert "‹rate›" in on.text()
    await on.press("x")
    assert "‹drops›" in on.text()


@of("scale")
async def _scale(on: Scene) -> None:
    linear = on.text()
    await on.press("l")
    assert on.app.state.log_scale
    assert on.text() != linear


@of("pause")
async def _pause(on: Scene) -> None:
    newest = on.session.newest
    await on.press("space")
    await on.advance(3)
    assert on.app.shown is newest
    assert "PAUSED" in on.text()
    assert on.session.history.last == 102, "sampling goes on"
    await on.press("space")
    assert on.app.shown is on.session.newest
    assert "LIVE" in on.text()


@of("step_back", "step_forward", "back_10s", "forward_10s", "start", "end")
async def _time(on: Scene) -> None:
    times = on.session.history.times().tolist()
    for pressed, place in (
        ("comma", 98),
        ("comma", 97),
        ("full_stop", 98),
        ("less_than_sign", 88),
        ("greater_than_sign", 98),
        ("home", 0),
        ("end", 99),
    ):
        await on.press(pressed)
        assert on.app.state.paused_at_ns == times[place], pressed


@of("go_to")
async def _go_to(on: Scene) -> None:
    await on.press("g", *"x", "enter")
    assert isinstance(on.app.screen, Entry), "a wrong time leaves the dialog open"
    assert "12:04:31" in on.text()
    await on.press("backspace", *"+30s", "enter")
    assert on.app.shown is not None
    assert on.app.shown.seq == 29
    on.app.screen.query_one("#chart").focus()
    await on.press("left")
    assert on.app.state.cursor_ns is not None
    await on.press("home")
    assert on.app.state.cursor_ns is None, "it would read out another moment than the tables"


@of("event_next", "event_previous")
async def _event(on: Scene) -> None:
    burst = next(one for one in on.session.events if one.name == "burst")
    await on.press("home", "e")
    shown = on.app.shown
    assert shown is not None and shown.interval_ns is not None
    assert shown.mono_ns - shown.interval_ns < burst.mono_ns <= shown.mono_ns
    assert on.app.state.cursor_ns == burst.mono_ns
    assert burst.text in on.text().splitlines()[-2], "the bar says what happened"
    await on.press("E")
    assert "no earlier event" in on.told[-1]


@of("slower", "faster")
async def _speed(on: Scene) -> None:
    await on.press(")")
    assert "only a replay has a speed" in on.told[-1] and on.app.state.speed == 1


@of("burst")
async def _burst(on: Scene) -> None:
    await on.press("b")
    assert on.asked == [(Command.BURST, 0, BURST)]


@of("stall")
async def _stall(on: Scene) -> None:
    await on.press("B", "down", "tab", *"x", "enter")
    assert isinstance(on.app.screen, StallDialog), "a wrong time leaves the dialog open"
    assert on.asked == []
    await on.press("backspace", *"2s", "enter")
    assert on.asked == [(Command.STALL, 2, 2 * SECOND_NS)]


@of("hold")
async def _hold(on: Scene) -> None:
    await on.press("z")
    assert on.asked == [(Command.HOLD, 0, 1)]


@of("rate_up", "rate_down", "rate_halve", "rate_double")
async def _rate(on: Scene) -> None:
    await on.press(*(key(one) for one in ("rate_up", "rate_up", "rate_down", "rate_halve", "rate_double")))
    asked = [value / 1e8 for command, _, value in on.asked if command == Command.RATE_MILLIHZ]
    assert asked == pytest.approx([1.1, 1.21, 1.089, 0.5445, 1.089]), "each builds on the one before"


@of("tune")
async def _tune(on: Scene) -> None:
    await on.press("t", *"250k", "tab", *"17", "enter")
    assert isinstance(on.app.screen, TuningDialog), "what is refused leaves the form open, with the reason"
    assert "bundle max 17 is not allowed" in on.text()
    on.app.screen.query_one("#rate", Input).value = "9" * 400
    await on.press("enter")
    assert isinstance(on.app.screen, TuningDialog) and "too large" in on.text()
    on.app.screen.query_one("#rate", Input).value = "250k"
    await on.press(*["backspace"] * 2, *"8", "tab", *"50", "tab", *"yield", "enter")
    assert not isinstance(on.app.screen, TuningDialog)
    assert on.asked[-4:] == [
        (Command.RATE_MILLIHZ, 0, 250_000_000),
        (Command.BUNDLE_MAX, 0, 8),
        (Command.BUNDLE_TIMEOUT_NS, 0, 50_000),
        (Command.WAIT, 0, 2),
    ]


@of("reset")
async def _reset(on: Scene) -> None:
    assert "100%" in on.text(), "the run's high-water mark of the burst"
    total = on.session.newest
    await on.press("0")
    assert total is not None
    assert on.app.state.since_ns == total.mono_ns
    assert on.app.newest is total, "totals stay"


@of("record")
async def _record(on: Scene) -> None:
    await on.press("r")
    status = on.session.recording_status
    assert status is not None
    assert status.path is not None
    assert status.path.parent == Path(), "in the present folder"
    assert on.told == [f"recording: {status.path}"]
    await on.advance(2)
    assert "REC 2" in on.text()
    await on.press("r")
    assert on.session.recording_status is None
    assert "2 rows" in on.told[-1]


@of("mark")
async def _mark(on: Scene) -> None:
    await on.press("n", "enter")
    assert isinstance(on.app.screen, Entry), "a marker needs a note"
    assert "up to 500 characters" in on.text()
    on.app.screen.query_one(Input).post_message(Paste("x" * 300_000))
    await on.press("enter")
    assert isinstance(on.app.screen, Entry), "too long: nothing was taken"
    await on.press(*"open q", "enter")
    await on.advance()
    assert [event.text for event in on.session.events if event.kind == "marker"][-1] == "open q"


@of("acknowledge")
async def _acknowledge(on: Scene) -> None:
    await on.press("a")
    assert "no alert" in on.told[-1]
    await on.advance(33)
    assert [alert.acknowledged for alert in on.session.alerts].count(False) > 0
    await on.press("a")
    await on.advance()
    assert all(alert.acknowledged for alert in on.session.alerts)


@of("filter")
async def _filter(on: Scene) -> None:
    await on.press("slash", *"bUrst")
    assert on.app.current_mode == "events"
    assert "burst of 8,000" in on.text()
    assert "open of the auction" not in on.text()
    await on.press("enter")
    assert on.app.pane is not None
    await on.press("slash", "escape")
    assert "open of the auction" in on.text()


@of("lock")
async def _lock(on: Scene) -> None:
    await on.press("L", "b", "2", "space", "q", "t", "ctrl+p")
    assert on.asked == []
    assert on.app.current_mode == "flow"
    assert not on.app.leaving
    assert len(on.app.screen_stack) == 1
    assert "LOCKED" in on.text()
    assert "unlock" in on.text()
    await on.press("L", "b")
    assert on.asked == [(Command.BURST, 0, BURST)]


@of("palette")
async def _palette(on: Scene) -> None:
    await on.press("ctrl+p", *"stall")
    await on.pilot.pause(0.3)
    assert "B          Stall" in on.text(), "each command shows its key"
    await on.press("escape")


@of("help")
async def _help(on: Scene) -> None:
    await on.press("question_mark")
    assert isinstance(on.app.screen, HelpScreen)
    assert "intended arrival" in on.text(), "of the focused pane"
    await on.press("escape", "tab", "question_mark")
    assert "expected" in on.text(), "of the next pane"


@of("quit", "quit_always")
async def _quit(on: Scene) -> None:
    await on.press("r")
    await on.press("q")
    assert not on.app.leaving, "asked while a recording runs"
    await on.press("n", "ctrl+c", "n", "ctrl+q", "n")
    assert not on.app.leaving
    await on.press("ctrl+c", "ctrl+c")
    assert on.app.leaving, "asked again means yes"
    assert on.app.return_value == 0
    assert on.session.recording_status is None


@pytest.mark.parametrize("check", dict.fromkeys(CHECKS.values()), ids=lambda check: check.__name__[1:])
async def test_key(check: Check) -> None:
    async with scene() as on:
        await check(on)


def test_every_binding_has_a_test_and_is_told() -> None:
    assert set(CHECKS) == {one.id for one in KEYS}
    assert all(one.label and one.tooltip for one in KEYS)


async def test_q_leaves_without_a_question_when_nothing_is_cut_short() -> None:
    async with scene() as on:
        await on.press("q")
        assert on.app.return_value == 0


async def test_no_printable_key_has_priority_over_an_input() -> None:
    printable = [chr(code) for code in range(33, 127)]
    async with scene() as on:
        await on.press("n")
        await on.pilot.press(*printable)
        assert on.app.screen.query_one(Input).value == "".join(printable)
    assert not [one for one in KEYS if one.priority and not one.keys.startswith("ctrl+")]


async def test_what_does_not_apply_is_greyed_and_does_nothing() -> None:
    async with scene(read_only=True) as on:
        for one in KEYS:
            expected = None if one.group == "Control" or one.name == "speed" else True
            assert on.app.check_action(one.name, ()) is expected, one.id
        await on.press("b", "B", "z", "plus", "t")
        assert on.asked == []
        assert len(on.app.screen_stack) == 1
        assert "b burst" in on.text(), "greyed, not hidden"
        assert "read-only" in on.told[-1], "and said why"


async def test_a_remapped_key_is_used_shown_and_replaces_the_old_one() -> None:
    async with scene(settings=Settings(keys={"burst": "f5", "palette": "ctrl+k"}), size=(120, 40)) as on:
        await on.press("b")
        assert on.asked == []
        await on.press("f5")
        assert len(on.asked) == 1
        assert "f5 burst" in on.text()
        assert "^k cmds" in on.text()
        await on.press("question_mark")
        assert "f5" in "\n".join(str(one.render()) for one in on.app.screen.query("Static"))


async def test_two_bindings_may_swap_keys() -> None:
    async with scene(settings=Settings(keys={"burst": "n", "mark": "b"})) as on:
        await on.press("n")
        assert len(on.asked) == 1
        await on.press("b")
        assert isinstance(on.app.screen, Entry)


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ({"brust": "x"}, "keys.brust: no such binding"),
        ({"burst": "hyper+q"}, "keys.burst: 'hyper+q' is no usable key"),
        ({"burst": ""}, "keys.burst: '' is no usable key"),
        ({"burst": "bb"}, "keys.burst: 'bb' is no usable key"),
        ({"burst": "ctrl+z"}, "keys.burst: 'ctrl+z' would suspend"),
        ({"burst": "ctrl+i"}, "terminals send 'ctrl+i' as tab"),
        ({"burst": "t"}, "keys.burst: 't' is the key of tune"),
        ({"burst": "f5", "stall": "f5"}, "'f5' is the key of"),
        ({"burst": "x,f6"}, "'x' is the key of series"),
    ],
)
def test_a_wrong_keymap_is_refused_by_name(wanted: dict[str, str], told: str) -> None:
    with pytest.raises(KeymapError) as refused:
        remap(wanted)
    assert told in str(refused.value)
    assert refused.value.exit_code == 78


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ("f5", "f5"),
        ("X", "X"),
        (";", "semicolon"),
        ("f5, f6", "f5,f6"),
        ("ctrl+x", "ctrl+x"),
        ("shift+up", "shift+up"),
    ],
)
def test_keys_are_written_as_people_do(written: str, named: str) -> None:
    assert remap({"burst": written}) == {"burst": named}
