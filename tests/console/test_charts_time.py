"""Charts over time: what is drawn is what the history has, and where; gaps, marks, limits, crosshair."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from panes import SECOND_NS, agrees, past, past_of, put, text
from reckoning import FLOWS, STAGES, highest, per_s, percentile, recorded, word
from textual.app import App, ComposeResult

from velox_tui.console.charts.chart import TimeChart
from velox_tui.console.charts.frame import GUTTER, Mark, marks_between
from velox_tui.console.charts.plot import Curve, Limit, Picture, paint, span_of
from velox_tui.console.charts.subjects import FLOW, SUBJECTS
from velox_tui.console.glyphs import GraphStyle
from velox_tui.console.palette import Ink
from velox_tui.console.view import ViewState
from velox_tui.console.widgets.line import plain
from velox_tui.sources.canned import CannedSource
from velox_tui.telemetry.rates import Sampler
from velox_tui.telemetry.sample import Event
from velox_tui.telemetry.units import format_rate

AT = (5, 13, 21, 60)


def picture(values: np.ndarray, **changes: object) -> Picture:
    """A curve of one value a second, the last one newest, in a minute's chart 66 cells wide."""
    times = np.arange(len(values), dtype=np.int64) * SECOND_NS
    span = span_of(66, int(times[-1]), 60 * SECOND_NS, GraphStyle.BRAILLE)
    plain_one = Picture((Curve("one", Ink.SERIES_0, times, values),), span, 60 * SECOND_NS, format_rate)
    return dataclasses.replace(plain_one, **changes)  # type: ignore[arg-type]


def painted(one: Picture, height: int = 9) -> list[str]:
    return [plain(line) for line in paint(one, 66, height)]


def plots(lines: list[str]) -> list[str]:
    """The picture without its axes."""
    return [line[GUTTER:] for line in lines[:-2]]


def test_a_steady_rate_is_a_straight_line_far_above_zero() -> None:
    lines = painted(picture(np.full(61, 100.0)))
    rows = [row for row, line in enumerate(plots(lines)) if line.strip()]
    assert rows == [1]
    assert set(plots(lines)[1]) <= {"⠤", "⠒", "⠉", "⣀"}
    assert lines[-2].startswith("    0└")


def test_a_logarithmic_axis_has_room_for_spikes_whose_columns_also_hold_zeros() -> None:
    times = np.arange(481, dtype=np.int64) * (SECOND_NS // 8)  # some readings a column
    values = np.where(np.arange(481) % 48 == 5, 40_120.0, 0.0)
    spiky = dataclasses.replace(picture(np.zeros(61)), curves=(Curve("one", Ink.SERIES_0, times, values),))
    lines = painted(dataclasses.replace(spiky, log=True))
    assert any("k" in line[:GUTTER] for line in lines), "\n".join(lines)


def test_zero_runs_along_the_axis() -> None:
    lines = painted(picture(np.array([0.0] * 60 + [10.0])))
    assert set(plots(lines)[-1][:-2]) == {"⣀"}


def test_a_missing_minute_half_is_blank_and_its_ends_are_not_joined() -> None:
    values = np.full(60, 10.0)
    values[20:40] = np.nan
    joined = "".join(max(column) for column in zip(*plots(painted(picture(values))), strict=True))
    blank = [place for place, character in enumerate(joined) if character == " "]
    assert blank == list(range(blank[0], blank[-1] + 1))
    assert len(blank) == 20


def test_the_newest_value_is_at_the_right_edge_and_the_window_at_the_left() -> None:
    values = np.zeros(120)
    values[-1], values[60] = 9.0, 9.0
    rows = plots(painted(picture(values)))
    tall = [
        place for place, column in enumerate(zip(*rows, strict=True)) if column[1] != " " or column[2] != " "
    ]
    assert tall[0] == 0
    assert tall[-1] == 59


def test_marks_limits_and_the_crosshair_do_not_hide_the_curve() -> None:
    bare = picture(np.full(60, 100.0))
    marked = dataclasses.replace(
        bare,
        marks=(Mark(30 * SECOND_NS, "burst"),),
        limits=(Limit(50.0, "too low"),),
        cursor_ns=45 * SECOND_NS,
    )
    before, after = plots(painted(bare)), painted(marked)
    for plain_row, row in zip(before, plots(after), strict=True):
        assert all(new == old for old, new in zip(plain_row, row, strict=True) if old != " ")
    foot = after[-2]
    assert foot[GUTTER + 30] == "▲"
    assert foot[GUTTER + 45] == "┃"
    assert "burst" in after[-1]
    assert any("too low" in line and "╌" in line for line in after)


def test_a_limit_far_above_the_values_does_not_flatten_them() -> None:
    far = picture(np.full(60, 100.0), limits=(Limit(1e6, "limit"),))
    assert plots(painted(far)) == plots(painted(picture(np.full(60, 100.0))))


def test_the_first_curve_lies_on_top() -> None:
    one = picture(np.full(60, 100.0))
    two = dataclasses.replace(
        one, curves=(one.curves[0], dataclasses.replace(one.curves[0], ink=Ink.SERIES_1))
    )
    inks = {ink for line in paint(two, 66, 9)[:-2] for words, ink in line if set(words) & set("⠤⠒⠉⣀")}
    assert inks == {Ink.SERIES_0}


@pytest.mark.parametrize("height", range(1, 20))
def test_every_height_gives_so_many_lines(height: int) -> None:
    lines = painted(picture(np.arange(60.0)), height)
    assert len(lines) == height
    assert {len(line) for line in lines} == {66}


@pytest.mark.parametrize("at", AT)
@pytest.mark.parametrize("subject", range(len(FLOW)))
def test_the_crosshair_reads_out_the_reading_that_covers_it(at: int, subject: int) -> None:
    known = past()
    sample = known.samples[at]
    view = ViewState(series=subject, cursor_ns=sample.mono_ns - SECOND_NS // 4, window_ns=90 * SECOND_NS)
    title = text(put(TimeChart(), known.newest, known.windows, view), 160, 8)[0]
    words = title.replace("━", " ").replace("─", " ").split()
    wanted = {
        "rate": {label: per_s(sample, flow) for label, flow in zip(LABELS, FLOWS, strict=True)},
        "drops": {"Ingress": per_s(sample, "ingress_dropped_total")},
        "p99": {
            label: percentile(recorded(known, at, 1, exit_name), 99, 100)
            for label, exit_name in EXITS.items()
        },
        "occupancy": {
            ring: min(slots, max(recorded(known, at, 1, f"ring{index}_occupancy"))) / slots
            for index, (ring, slots) in enumerate(RINGS.items())
        },
        "busy": {
            label: per_s(sample, f"{stage}_busy_ns_total") / 1e9
            for label, stage in zip(LABELS, STAGES, strict=True)
        },
    }[FLOW[subject]]
    for label, value in wanted.items():
        assert agrees(words[words.index(label) + 1], value), label


LABELS = ("Ingress", "OrderBook", "Bundle", "Output")
EXITS = dict(zip(LABELS, ("ingress_exit", "order_book_exit", "bundle_exit", "e2e"), strict=True))
RINGS = {"Ingress→Book": 4096, "Book→Bundle": 4096, "Bundle→Output": 1024}


def test_a_burst_stands_out_at_its_second() -> None:
    known = past(60)
    view = ViewState(series=FLOW.index("drops"), window_ns=60 * SECOND_NS)
    lines = text(put(TimeChart(), known.newest, known.windows, view), 66, 12)
    burst = next(sample for sample in known.samples[1:] if per_s(sample, "ingress_dropped_total"))
    age_s = (known.newest.mono_ns - burst.mono_ns) / SECOND_NS
    tall = {
        place - GUTTER
        for line in lines[2:-4]
        for place, one in enumerate(line)
        if place >= GUTTER and one in "⡇⢸⡀⢠⡄⢀⡆⢰"
    }
    assert tall
    assert all(abs(59 - age_s - place) <= 2 for place in tall)


def test_a_missed_reading_is_a_gap() -> None:
    def rate_rows(missed: range) -> list[str]:
        source, sampler = CannedSource(100), Sampler()
        readings = [source.read() for _ in range(60)]
        known = past_of([sampler.take(one) for second, one in enumerate(readings) if second not in missed])
        view = ViewState(window_ns=60 * SECOND_NS)
        return [
            line[GUTTER:] for line in text(put(TimeChart(), known.newest, known.windows, view), 66, 9)[1:-2]
        ]

    def blank(rows: list[str]) -> list[int]:
        columns = enumerate(zip(*rows, strict=True))
        return [place for place, column in columns if not set(column) - {" ", "┊"}]

    gap = [place for place in blank(rate_rows(range(20, 26))) if place > 1]
    assert 5 <= len(gap) <= 7
    assert gap == list(range(gap[0], gap[-1] + 1))
    assert [place for place in blank(rate_rows(range(0))) if place > 1] == []


def test_x_goes_through_the_subjects_and_l_turns_the_axis() -> None:
    known = past()
    titles = [
        text(put(TimeChart(), known.newest, known.windows, ViewState(series=index)), 100, 8)[0]
        for index in range(6)
    ]
    assert [SUBJECTS[key].title in title for key, title in zip(FLOW, titles, strict=False)] == [True] * 5
    assert titles[5] == titles[0]
    assert "‹drops›" in titles[1]
    linear = put(TimeChart(("latency",)), known.newest, known.windows, ViewState(log_scale=True))
    log = put(TimeChart(("latency",)), known.newest, known.windows, ViewState())
    assert "  0ns└" in "\n".join(text(linear, 100, 12))
    assert "  0ns└" not in "\n".join(text(log, 100, 12))


def test_the_legend_says_the_newest_values() -> None:
    known = past()
    legend = text(put(TimeChart(), known.newest, known.windows, ViewState()), 120, 14)[1].split()
    for label, flow in zip(LABELS, FLOWS, strict=True):
        assert agrees(legend[legend.index(label) + 1], per_s(known.newest, flow))


def test_what_was_done_is_marked_and_alerts_where_they_begin() -> None:
    def event(at: int, kind: str, name: str, phase: str = "") -> Event:
        return Event(at, kind, "info", name, "", phase)

    log = (
        event(5, "control", "burst"),
        event(5, "alert", "drops", "start"),
        event(6, "alert", "drops", "end"),
        event(99, "marker", "m"),
    )
    assert [mark.text for mark in marks_between(log, 0, 50)] == ["drops", "burst"]


async def test_arrows_and_clicks_ask_for_a_moment_in_the_window() -> None:
    known = past()
    moved: list[int | None] = []

    class One(App[None]):
        def compose(self) -> ComposeResult:
            yield TimeChart()

        def on_pane_widget_cursor_moved(self, message: TimeChart.CursorMoved) -> None:
            moved.append(message.mono_ns)

    app = One()
    async with app.run_test(size=(66, 12)) as pilot:
        chart = put(
            app.query_one(TimeChart), known.newest, known.windows, ViewState(window_ns=60 * SECOND_NS)
        )
        end_ns = known.newest.mono_ns
        assert chart.step(-1, 0)
        assert not chart.step(0, 1)
        await pilot.pause()
        assert moved == [end_ns]
        chart.look(chart.sample, ViewState(window_ns=60 * SECOND_NS, cursor_ns=end_ns))
        chart.step(-1, 0)
        await pilot.pause()
        assert moved[-1] == end_ns - SECOND_NS
        await pilot.click(TimeChart, offset=(GUTTER + 29, 5))
        await pilot.pause()
        assert moved[-1] is not None
        assert abs(end_ns - 30 * SECOND_NS - moved[-1]) < 1.5 * SECOND_NS
        chart.look(chart.sample, ViewState(window_ns=60 * SECOND_NS, cursor_ns=end_ns - 60 * SECOND_NS))
        chart.step(-1, 0)
        await pilot.pause()
        assert moved[-1] == end_ns - 60 * SECOND_NS


def test_the_buckets_definition_is_the_engines() -> None:
    assert [highest(bucket) for bucket in (0, 63, 64, 127, 128, 2047)] == [0, 63, 64, 127, 129, 2**37 - 1]
    assert word(past().newest, "config_levels") == 1024
