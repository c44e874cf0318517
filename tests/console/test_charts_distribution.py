"""Heat map, percentile curve, waterfall: the same counts and sums as the Samples have."""

from __future__ import annotations

import numpy as np
import pytest
from panes import SECOND_NS, agrees, number, past, past_of, put, text
from reckoning import EXITS, STAGES, delta, exact_mean, per_s, percentile, recorded

from velox_tui.console.charts import axes
from velox_tui.console.charts.heat import HeatColumns, covered, grid, levels
from velox_tui.console.charts.heatmap import Heatmap
from velox_tui.console.charts.percentile_curve import PercentileCurve, curve_of
from velox_tui.console.charts.waterfall import Waterfall
from velox_tui.console.view import ViewState
from velox_tui.sources.canned import samples
from velox_tui.telemetry.histogram import of_values

MINUTE = 60 * SECOND_NS


def test_every_recorded_value_is_in_the_column_of_its_second() -> None:
    known = past()
    history, sample = known.windows.history, known.newest
    assert history is not None
    e2e = next(one for one in sample.run.topology.histograms if one.name == "e2e")
    span = axes.span(sample.mono_ns, 30 * SECOND_NS, 30)
    found = grid(HeatColumns().columns(history, e2e, span, sample.mono_ns), 30, 12)
    assert found is not None
    for column in range(3, 29):
        begin = span.start_ns + column * span.column_ns
        inside = [
            at
            for at, one in enumerate(known.samples)
            if one.interval_ns and begin <= one.mono_ns - one.interval_ns // 2 < begin + span.column_ns
        ]
        wanted = sum(recorded(known, at, 1, "e2e").total() for at in inside)
        assert found.counts[:, column].sum() == wanted
    slowest = max(max(recorded(known, at, 1, "e2e")) for at in range(60, 90))
    assert 10**found.scale.top >= slowest
    assert found.counts[: 12 // 3].sum() > 0


def test_columns_kept_from_before_are_those_computed_anew() -> None:
    made = samples(200)[:-1]
    e2e = next(one for one in made[0].run.topology.histograms if one.name == "e2e")
    known = past_of(made[:80])
    history = known.windows.history
    assert history is not None
    kept = HeatColumns()
    for sample in made[80:]:
        history.append(sample)
        span = axes.span(sample.mono_ns, MINUTE, 37)
        moving, fresh = (one.columns(history, e2e, span, sample.mono_ns) for one in (kept, HeatColumns()))
        assert moving.keys() == fresh.keys()
        assert all((moving[place].below == fresh[place].below).all() for place in fresh)


def test_going_back_in_time_shows_nothing_of_what_came_after() -> None:
    known = past()
    history = known.windows.history
    assert history is not None
    e2e = next(one for one in known.newest.run.topology.histograms if one.name == "e2e")
    kept = HeatColumns()
    span = axes.span(known.newest.mono_ns, MINUTE, 60)
    kept.columns(history, e2e, span, known.newest.mono_ns)
    earlier = known.samples[50].mono_ns
    back = axes.span(earlier, MINUTE, 60)
    again, fresh = (one.columns(history, e2e, back, earlier) for one in (kept, HeatColumns()))
    assert again.keys() == fresh.keys()
    assert max(again) <= 59


@pytest.mark.parametrize(
    ("begin", "end", "columns"),
    [
        (0, 10, [0]),
        (10, 20, [1]),
        (3, 8, [0]),
        (6, 9, [0]),
        (0, 40, [0, 1, 2, 3]),
        (-30, 4, []),
        (-30, 6, [0]),
        (95, 130, [9]),
    ],
)
def test_an_interval_covers_the_columns_whose_middle_it_holds(
    begin: int, end: int, columns: list[int]
) -> None:
    assert list(covered(begin, end, axes.Span(0, 10, 10))) == columns


def test_a_single_outlier_shows_beside_thousands() -> None:
    shades = levels(np.array([[0.0, 1.0], [30.0, 100_000.0]]))
    assert shades.tolist()[0] == [0, 1]
    assert shades[1, 1] == 8
    assert 1 < shades[1, 0] < 8


def test_the_heat_map_shows_the_stall_and_reads_it_out() -> None:
    known = past()
    at = next(
        index
        for index, one in enumerate(known.samples)
        if max(recorded(known, index, 1, "e2e") or [0]) > 20_000_000
    )
    sample = known.samples[at]
    view = ViewState(window_ns=90 * SECOND_NS, cursor_ns=sample.mono_ns - SECOND_NS // 4)
    lines = text(put(Heatmap(), known.newest, known.windows, view), 100, 14)
    found = recorded(known, at, 1, "e2e")
    words = lines[0].replace("━", " ").replace("─", " ").split()
    assert agrees(words[words.index("p99") + 1], percentile(found, 99, 100))
    assert agrees(words[words.index("max") + 1], max(found))
    assert agrees(words[words.index("n") + 1], found.total())
    assert any(character in "░▒▓█" for character in lines[1] + lines[2])
    titles = [
        text(put(Heatmap(), known.newest, known.windows, ViewState(series=n)), 100, 9)[0] for n in range(6)
    ]
    assert len(set(titles)) == 6


def test_a_percentile_curve_has_the_exact_values_and_ends_with_the_data() -> None:
    buckets = of_values(np.arange(1, 101))
    nines = np.array([0.0, np.log10(2), 1.0, np.log10(20), 2.0, 2.1])
    found = curve_of(buckets, nines)
    assert found[:5].tolist() == [1, 50, 90, 95, 99]
    assert np.isnan(found[5])


def test_the_curves_are_named_end_to_end_first() -> None:
    known = past()
    lines = text(put(PercentileCurve(), known.newest, known.windows, ViewState()), 120, 14)
    assert lines[1].split("█")[1].strip() == "end to end"
    assert [
        label for label in ("p50", "p90", "p99", "p99.9", "p99.99", "p99.999") if label in lines[-1].split()
    ] == [
        *("p50", "p90", "p99", "p99.9", "p99.99", "p99.999"),
    ]


@pytest.mark.parametrize("at", [5, 21, 60])
def test_the_parts_of_the_mean_add_up_to_the_mean_end_to_end(at: int) -> None:
    known = past()
    sample = known.samples[at]
    view = ViewState(percentile_window_ns=SECOND_NS, paused_at_ns=sample.mono_ns)
    lines = text(put(Waterfall(), sample, known.windows, view), 60, 12)[1:9]
    names = [line[1:17].strip() for line in lines]
    assert names == [
        *(
            "Ingress",
            "Ingress→Book",
            "OrderBook",
            "Book→Bundle",
            "Bundle wait",
            "Bundle→Output",
            "Output",
            "end to end",
        ),
    ]
    means = [line[17:].split()[0] for line in lines]
    entries = [
        delta(sample, f"{stage}_entry_latency_sum_ns_total") / delta(sample, f"{stage}_in_total")
        for stage in STAGES[1:]
    ]
    exits = [exact_mean(sample, name) for name in EXITS]
    wanted = [exits[0]]
    for entered, before, after in zip(entries, exits, exits[1:], strict=False):
        wanted += [entered - before, after - entered]
    assert all(agrees(cell, value) for cell, value in zip(means, [*wanted, exits[-1]], strict=True))
    assert sum(number(cell) for cell in means[:-1]) == pytest.approx(number(means[-1]), rel=0.01)


def test_the_bars_stand_where_the_parts_are() -> None:
    known = past()
    sample = known.samples[60]
    view = ViewState(percentile_window_ns=SECOND_NS, paused_at_ns=sample.mono_ns)
    lines = text(put(Waterfall(), sample, known.windows, view), 120, 12)[1:8]
    bars = [line[31:] for line in lines]
    longest = max(bars, key=lambda bar: bar.count("█"))
    share = float(lines[bars.index(longest)][17:].split()[1].rstrip("%")) / 100
    assert abs(longest.count("█") / 88 - share) < 0.02
    assert per_s(sample, "output_delivered_total") > 0


def test_only_the_longest_parts_show_where_it_is_low() -> None:
    known = past()
    sample = known.samples[60]
    view = ViewState(percentile_window_ns=SECOND_NS, paused_at_ns=sample.mono_ns)
    lines = text(put(Waterfall(), sample, known.windows, view), 80, 3)
    assert [line[1:17].strip() for line in lines[1:]] == ["Bundle wait", "end to end"]
