"""What is told in words: header, events, replay bar; and a pipeline of another shape on every pane."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from panes import PANES, SECOND_NS, past, put, text
from textual.app import App, ComposeResult

from velox_tui.console.glyphs import GraphStyle, severity_word, state_word
from velox_tui.console.palette import Ink
from velox_tui.console.view import ViewState
from velox_tui.console.widgets.base import PaneWidget
from velox_tui.console.widgets.event_list import EventList
from velox_tui.console.widgets.header import Header
from velox_tui.console.widgets.line import plain
from velox_tui.console.widgets.replay_bar import ReplayBar
from velox_tui.console.widgets.stage_table import StageTable
from velox_tui.console.windows import Windows
from velox_tui.telemetry.history import History
from velox_tui.telemetry.sample import Event, Run, Sample, State
from velox_tui.telemetry.topology import Kind, Ring, Role, Stage, Topology, Unit, Word


def header(sample: Sample, width: int = 120, view: ViewState | None = None, **told: object) -> str:
    pane = put(Header(), sample, None, view)
    for name, value in told.items():
        pane.set_reactive(getattr(Header, name), value)
    return text(pane, width, 1)[0]


def test_the_header_says_who_runs_since_when_and_how_fast() -> None:
    sample = past().newest
    elapsed_s = (sample.mono_ns - sample.run.start_mono_ns) // SECOND_NS
    line = header(sample)
    assert line.startswith(" VELOX ● LIVE 12:01:30Z ")
    assert f"+00:{elapsed_s // 60:02d}:{elapsed_s % 60:02d}" in line
    assert "ny4-07 pid 48122" in line
    assert "100k/s poisson" in line
    assert sample.cost is not None
    assert f"self {100 * (sample.cost.cpu_ratio or 0):.1f}%" in line


def test_what_must_be_seen_stays_when_it_gets_narrow() -> None:
    sample = past().newest
    for width in (40, 60, 80):
        line = header(sample, width, criticals=1, warnings=2, recording="REC 1,234", locked=True)
        assert "● LIVE" in line
        assert line.rstrip().endswith("LOCKED ● REC 1,234 ✗1 !2")
    assert "pid" not in header(sample, 60)
    assert "12:01:30Z" in header(sample, 40)


@pytest.mark.parametrize(
    ("changes", "word", "ink"),
    [
        ({"state": State.RUNNING}, "● LIVE", Ink.OK),
        ({"state": State.STARTING}, "○ STARTING", Ink.WARN),
        ({"state": State.DRAINING}, "▼ DRAINING", Ink.WARN),
        ({"state": State.STOPPED}, "■ STOPPED", Ink.MUTED),
        ({"state": State.LOST}, "✗ LOST", Ink.CRITICAL),
    ],
)
def test_a_state_is_glyph_word_and_colour(changes: dict[str, State], word: str, ink: Ink) -> None:
    sample = dataclasses.replace(past().newest, **changes)  # type: ignore[arg-type]
    spans = put(Header(), sample).compose_lines(120, 1)[0]
    assert next(drawn for words, drawn in spans if word in words) is ink


def test_states_and_severities_have_glyphs_of_their_own_in_both_styles() -> None:
    for style in GraphStyle:
        assert len({state_word(state, style)[0] for state in State}) == len(State)
        assert len({severity_word(one, style)[0] for one in ("info", "warn", "critical")}) == 3


def test_paused_attached_and_held_are_told() -> None:
    sample = past().newest
    paused = ViewState(paused_at_ns=sample.mono_ns)
    assert "‖ PAUSED" in header(sample, view=paused)
    replayed = dataclasses.replace(sample, run=dataclasses.replace(sample.run, source="replay"))
    for playback, said in (
        ("paused", "‖ REPLAY"),
        ("playing", "► REPLAY ×4"),
        ("following", "● REPLAY follows"),
    ):
        view = ViewState(paused_at_ns=sample.mono_ns, playback=playback, speed=4)  # type: ignore[arg-type]
        assert f"{said} 12:" in header(replayed, view=view)
        ended = dataclasses.replace(replayed, state=State.STOPPED)
        assert f"{said} ■ STOPPED 12:" in header(ended, view=view)
    attached = dataclasses.replace(sample, run=dataclasses.replace(sample.run, source="attached"))
    assert "● ATTACHED" in header(attached)
    words = sample.words.copy()
    words[sample.run.topology.by_name["hold"].index] = 1
    assert "HELD" in header(dataclasses.replace(sample, words=words))


def log(sample: Sample) -> tuple[Event, ...]:
    def event(age_s: int, severity: str, kind: str, name: str, words: str) -> Event:
        return Event(sample.mono_ns - age_s * SECOND_NS, kind, severity, name, words)

    return (
        event(50, "info", "control", "burst", "burst of 1,500 transactions"),
        event(49, "critical", "alert", "drops", "8 dropped"),
        event(20, "warn", "alert", "ring_occupancy", "Ingress→Book 37 %"),
        event(5, "info", "marker", "marker", "open"),
        event(30, "info", "life", "life", "logged late"),
    )


def events(search: str = "", view: ViewState | None = None, size: tuple[int, int] = (80, 8)) -> list[str]:
    sample = past().newest
    pane = put(EventList(), sample, Windows(past().windows.history, lambda: log(sample)), view)
    pane.set_reactive(EventList.search, search)
    return [line.rstrip() for line in text(pane, *size)]


def test_events_are_told_newest_first_with_time_severity_and_kind() -> None:
    lines = events()
    assert [line.strip() for line in lines[1:6]] == [
        "12:01:25 · INFO marker  open",
        "12:01:10 ▲ WARN alert   Ingress→Book 37 %",
        "12:01:00 · INFO life    logged late",
        "12:00:41 ✗ CRIT alert   8 dropped",
        "12:00:40 · INFO control burst of 1,500 transactions",
    ]


@pytest.mark.parametrize(
    ("search", "count"), [("", 5), ("BURST", 1), ("alert", 2), ("crit", 1), ("nothing so", 0)]
)
def test_the_filter_finds_any_part_of_the_line(search: str, count: int) -> None:
    lines = events(search)
    assert sum(line.strip()[:2] == "12" for line in lines) == count
    if search:
        assert f"{count} of 5" in lines[0]
    if not count:
        assert "nothing matches" in lines[1]


def test_one_line_tells_the_last_event_and_where_the_others_are() -> None:
    (line,) = events(size=(80, 1))
    assert "open" in line
    assert line.endswith("[5] 5 events")
    (narrow,) = events(size=(40, 1))
    assert "open" in narrow


def test_while_the_past_is_looked_at_nothing_is_told_that_was_still_to_come() -> None:
    lines = events(view=ViewState(paused_at_ns=past().newest.mono_ns - 25 * SECOND_NS))
    assert "logged late" in lines[1]
    assert not any("37 %" in line or "open" in line for line in lines)


def test_the_selected_event_stays_in_sight_and_is_the_one_opened() -> None:
    sample = past().newest
    pane = put(EventList(), sample, Windows(past().windows.history, lambda: log(sample)))
    for _ in range(9):
        pane.step(0, 1)
    assert pane.selected == 4
    assert "burst of" in text(pane, 80, 3)[-1]
    assert pane.row_key(pane.selected).name == "burst"


def test_the_replay_bar_says_where_one_is() -> None:
    known = past()
    middle = known.samples[44]
    view = ViewState(paused_at_ns=middle.mono_ns)
    bars, ticks = text(put(ReplayBar(), middle, known.windows, view), 120, 2)
    assert bars.startswith(" ‖ 12:00:45Z 00:00:45 / 00:01:30")
    start = bars.index("00:01:30") + 10
    place = (bars.index("┃") - start) / (len(bars.rstrip()) - start)
    assert abs(place - 0.5) < 0.03
    burst = next(event for event in known.events if event.name == "burst")
    share = (burst.mono_ns - known.samples[0].mono_ns) / (known.newest.mono_ns - known.samples[0].mono_ns)
    expected = start + share * (len(bars.rstrip()) - start)
    assert any(one == "▲" and abs(at - expected) < 2 for at, one in enumerate(ticks))


async def test_a_click_on_the_replay_bar_asks_for_that_moment() -> None:
    known = past()
    moved: list[int | None] = []

    class One(App[None]):
        CSS = "ReplayBar { height: 2; }"

        def compose(self) -> ComposeResult:
            yield ReplayBar()

        def on_pane_widget_cursor_moved(self, message: PaneWidget.CursorMoved) -> None:
            moved.append(message.mono_ns)

    app = One()
    async with app.run_test(size=(120, 4)) as pilot:
        view = ViewState(paused_at_ns=known.newest.mono_ns)
        bar = put(app.query_one(ReplayBar), known.newest, known.windows, view)
        bar.update_lines()
        await pilot.pause()
        start = text(bar, 120, 1)[0].rindex("00:01:30") + 10
        await pilot.click(ReplayBar, offset=(start + (120 - start) // 2, 0))
        await pilot.pause()
        assert len(moved) == 1
        assert moved[0] is not None
        half_ns = (known.samples[0].mono_ns + known.newest.mono_ns) // 2
        assert abs(moved[0] - half_ns) < 3 * SECOND_NS


STAGES = (Stage(0, "rx", "受信"), Stage(1, "dec", "Decode"), Stage(2, "tx", "Send"))
RINGS = (Ring(0, "q0", "rx→dec", 0, 1, 64, Unit.NONE), Ring(1, "q1", "dec→tx", 1, 2, 0, Unit.NONE))
ROWS = (
    *(("rx_in_total", Role.IN, 0, None), ("rx_out_total", Role.OUT, 0, None)),
    *(("rx_lost_total", Role.DROPPED, 0, None), ("dec_in_total", Role.IN, 1, None)),
    *(("dec_out_total", Role.OUT, 1, None), ("q0_used", Role.OCCUPANCY, None, 0)),
)


def foreign(numbers: tuple[int, ...], deltas: tuple[int, ...]) -> Sample:
    """Three stages of someone else's, in another unit, with neither book nor bundles nor histograms."""
    words = tuple(
        Word(index, name, name, Kind.COUNTER, Unit.NONE, role, stage, ring)
        for index, (name, role, stage, ring) in enumerate(ROWS)
    )
    return dataclasses.replace(
        past().newest,
        run=Run("r", Topology(STAGES, RINGS, words, ()), "attached", "h", 1, 0, 0, "tsc"),
        mono_ns=2 * SECOND_NS,
        unix_ns=2 * SECOND_NS,
        words=np.array(numbers, np.uint64),
        deltas=np.array(deltas, np.uint64),
        interval_ns=SECOND_NS // 2,
        **dict.fromkeys(("cut", "ledger", "histograms", "depth", "cost", "expected_fill")),
        **dict.fromkeys(("quantiles", "threads", "cores", "events"), ()),  # type: ignore[arg-type]
    )


SHAPE = foreign((100, 90, 10, 90, 88, 32), (10, 8, 2, 8, 7, 0))


@pytest.mark.parametrize("kind", PANES, ids=lambda kind: kind.__name__)
def test_a_pipeline_of_another_shape_stands_on_every_pane(kind: type[PaneWidget]) -> None:
    history = History(SHAPE.run, interval_ns=SECOND_NS)
    history.append(SHAPE)
    for width in (40, 80, 200):
        assert len(text(put(kind(), SHAPE, Windows(history)), width, 9)) == 9


def test_a_pipeline_of_another_shape_has_its_own_stages_and_rates() -> None:
    lines = [plain(line) for line in put(StageTable(), SHAPE).compose_lines(90, 5)]
    assert "受信" in lines[2]
    assert lines[3].split()[:5] == ["Decode", "—", "14", "88", "0"]
    assert "16" in lines[2].split()
    assert "4" in lines[2].split()
    assert lines[4].split()[:3] == ["Send", "—", "—"]
