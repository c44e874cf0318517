"""Every pane, in every style, at every size: exact lines, nothing that jumps, nothing that fails."""

from __future__ import annotations

import dataclasses

import pytest
from panes import PANES, SECOND_NS, past, past_of, put, text
from rich.cells import cell_len

from velox_tui.console.glyphs import GraphStyle
from velox_tui.console.view import ViewState
from velox_tui.console.widgets.base import PaneWidget
from velox_tui.console.widgets.cores import Cores
from velox_tui.console.widgets.latency_table import LatencyTable
from velox_tui.console.widgets.ring_details import RingDetails
from velox_tui.console.widgets.stage_table import StageTable
from velox_tui.sources.canned import samples
from velox_tui.telemetry.sample import Event, Sample

every_pane = pytest.mark.parametrize("kind", PANES, ids=lambda kind: kind.__name__)
SIZES = [(width, height) for width in (1, 20, 40, 60, 80, 120, 200) for height in (1, 2, 3, 5, 8, 13, 30)]
WINDOWS = (SECOND_NS, 10 * SECOND_NS, None)


def check(pane: PaneWidget, sizes: list[tuple[int, int]] = SIZES) -> None:
    for width, height in sizes:
        lines = text(pane, width, height)
        assert len(lines) == height
        assert {cell_len(line) for line in lines} == {width}


@every_pane
@pytest.mark.parametrize("style", list(GraphStyle))
def test_every_line_fills_its_width(kind: type[PaneWidget], style: GraphStyle) -> None:
    known = past()
    check(put(kind(), known.newest, known.windows, ViewState(graph=style)))


@every_pane
def test_ascii_graphs_are_nothing_but_ascii(kind: type[PaneWidget]) -> None:
    known = past()
    cursor_ns = known.newest.mono_ns - 20 * SECOND_NS
    for view in (ViewState(graph=GraphStyle.ASCII), ViewState(graph=GraphStyle.ASCII, cursor_ns=cursor_ns)):
        pane = put(kind(), known.newest, known.windows, view)
        assert "".join(text(pane, 120, 20)).isascii()


@every_pane
def test_it_stands_before_the_first_reading_and_at_it(kind: type[PaneWidget]) -> None:
    first = samples(2)[0]
    assert first.deltas is None
    check(put(kind(), None))
    check(put(kind(), first))
    check(put(kind(), first, past_of([first]).windows))


@every_pane
@pytest.mark.parametrize("window_ns", WINDOWS)
@pytest.mark.parametrize("log_scale", [False, True])
def test_it_stands_without_history_and_in_every_window(
    kind: type[PaneWidget], window_ns: int | None, log_scale: bool
) -> None:
    known = past()
    view = ViewState(percentile_window_ns=window_ns, log_scale=log_scale, series=7)
    check(put(kind(), known.newest, None, view), [(80, 12)])
    check(put(kind(), known.newest, known.windows, view), [(80, 12)])


@every_pane
def test_the_past_and_the_end_show_too(kind: type[PaneWidget]) -> None:
    made = samples(700)
    known = past_of(made)
    assert known.windows.history is not None
    old = known.windows.history.sample(30)
    assert old is not None
    check(put(kind(), old, known.windows, ViewState(paused_at_ns=old.mono_ns)), [(100, 14)])
    check(put(kind(), made[-1], known.windows), [(100, 14)])


@every_pane
def test_text_from_elsewhere_cannot_steer_the_terminal(kind: type[PaneWidget]) -> None:
    known = past()
    evil = Event(known.newest.mono_ns, "marker\x1b", "warn", "x\x1b[2J", "note\x1b]0;title\x07\nnext 測試")
    run = dataclasses.replace(known.newest.run, host="host\x1b[2J")
    sample = dataclasses.replace(known.newest, run=run)
    pane = put(kind(), sample, known.windows)
    pane.windows = type(known.windows)(known.windows.history, lambda: (*known.events, evil))
    lines = text(pane, 120, 12)
    assert not any(character in "".join(lines) for character in "\x1b\x07\n")
    assert {cell_len(line) for line in lines} == {120}


@every_pane
def test_every_pane_explains_itself(kind: type[PaneWidget]) -> None:
    assert len(kind.HELP.split()) >= 15
    assert kind.TITLE


def right_edges(lines: list[str], heads: tuple[str, ...]) -> list[int]:
    """Where the heads end."""
    head = next(line for line in lines if all(f" {one}" in line for one in heads))
    return [head.index(f" {one}") + len(one) + 1 for one in heads]


@pytest.mark.parametrize(
    ("kind", "heads"),
    [
        (StageTable, ("RATE/s", "DROP/s", "p50", "p99", "p99.9")),
        (LatencyTable, ("p50", "p90", "p99.9", "p99.99", "max")),
        (RingDetails, ("NOW", "HWM", "OF", "LITTLE", "WAIT")),
        (Cores, ("BUSY", "IDLE", "LONGEST")),
    ],
)
@pytest.mark.parametrize("width", [80, 120])
def test_numbers_stand_still(kind: type[PaneWidget], heads: tuple[str, ...], width: int) -> None:
    known = past()

    def at(sample: Sample) -> list[str]:
        return text(put(kind(), sample, known.windows, ViewState(paused_at_ns=sample.mono_ns)), width, 8)

    edges = right_edges(at(known.samples[5]), heads)
    for sample in known.samples[5::4]:
        lines = at(sample)
        assert right_edges(lines, heads) == edges
        for row in lines[2:5]:
            assert all(row[edge - 1] != " " and row[edge : edge + 1] in (" ", "") for edge in edges)


@pytest.mark.parametrize(
    ("width", "there", "gone"),
    [
        (200, {"TREND", "POLLS", "DROPS", "p99.9", "CORE", "p50"}, set()),
        (90, {"POLLS", "DROPS", "p99.9", "CORE", "BUSY"}, {"TREND"}),
        (80, {"p99.9", "CORE", "BUSY", "TOTAL"}, {"TREND", "POLLS", "DROPS"}),
        (60, {"BUSY", "TOTAL", "p50"}, {"TREND", "POLLS", "DROPS", "p99.9", "CORE"}),
        (40, set(), {"TREND", "POLLS", "DROPS", "p99.9", "CORE", "TOTAL"}),
        (33, set(), {"TREND", "POLLS", "DROPS", "p99.9", "CORE", "TOTAL", "BUSY"}),
    ],
)
def test_columns_go_in_the_order_of_their_worth(width: int, there: set[str], gone: set[str]) -> None:
    known = past()
    head = text(put(StageTable(), known.newest, known.windows), width, 6)[1].split()
    assert there | {"STAGE", "RATE/s", "DROP/s", "p99"} <= set(head)
    assert not gone & set(head)


def test_when_it_gets_low_the_title_goes_then_the_heads_then_rows_far_from_the_selected() -> None:
    known = past()
    pane = put(StageTable(), known.newest, known.windows)
    assert "Stages" in text(pane, 80, 6)[0]
    assert "RATE/s" in text(pane, 80, 5)[0]
    assert [line.split()[0] for line in text(pane, 80, 4)] == ["Ingress", "OrderBook", "Bundle", "Output"]
    pane.set_reactive(StageTable.selected, 3)
    assert [line.split()[0] for line in text(pane, 80, 2)] == ["Bundle", "Output"]
