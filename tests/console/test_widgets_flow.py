"""Stages, latencies, rings, the pipe: every number against arithmetic done apart, from the Samples alone."""

from __future__ import annotations

import math

import pytest
from panes import SECOND_NS, agrees, number, past, put, table, text
from reckoning import (
    EXITS,
    FLOWS,
    SECONDS,
    STAGES,
    delta,
    exact_mean,
    per_s,
    percentile,
    recorded,
    view,
    word,
)

from velox_tui.console.glyphs import GraphStyle, glyphs
from velox_tui.console.widgets import numbers
from velox_tui.console.widgets.latency_table import LatencyTable
from velox_tui.console.widgets.pipe import Pipe
from velox_tui.console.widgets.ring_details import RingDetails
from velox_tui.console.widgets.ring_table import RingTable
from velox_tui.console.widgets.stage_table import StageTable


@pytest.mark.parametrize("at", SECONDS)
def test_stages(at: int) -> None:
    known = past()
    sample = known.samples[at]
    lines = text(put(StageTable(), sample, known.windows, view(sample)), 90, 6)
    heads = "STAGE CORE RATE/s TOTAL DROP/s DROPS BUSY POLLS p50 p99 p99.9"
    rows = table([line.translate({ord(c): " " for c in "█▉▊▋▌▍▎▏░"}) for line in lines], heads)
    assert [row["STAGE"] for row in rows] == ["Ingress", "OrderBook", "Bundle", "Output"]
    for stage, flow, exit_name, row in zip(STAGES, FLOWS, EXITS, rows, strict=True):
        assert int(row["CORE"]) == word(sample, f"{stage}_core") - 1
        assert agrees(row["RATE/s"], per_s(sample, flow))
        assert agrees(row["TOTAL"], word(sample, flow))
        assert agrees(row["DROP/s"], per_s(sample, "ingress_dropped_total") if stage == "ingress" else 0)
        assert agrees(row["DROPS"], word(sample, "ingress_dropped_total") if stage == "ingress" else 0)
        assert agrees(row["BUSY"], per_s(sample, f"{stage}_busy_ns_total") / 1e9)
        hits = delta(sample, f"{stage}_worked_cycles_total") / delta(sample, f"{stage}_cycles_total")
        assert agrees(row["POLLS"], hits)
        found = recorded(known, at, 10, exit_name)
        assert agrees(row["p50"], percentile(found, 1, 2))
        assert agrees(row["p99"], percentile(found, 99, 100))
        assert agrees(row["p99.9"], percentile(found, 999, 1000))


@pytest.mark.parametrize("at", SECONDS)
@pytest.mark.parametrize("seconds", [1, 10, 60, None])
def test_latencies(at: int, seconds: int | None) -> None:
    known = past()
    sample = known.samples[at]
    lines = text(put(LatencyTable(), sample, known.windows, view(sample, seconds)), 120, 8)
    names = (*EXITS, "e2e_no_wait", "ingress_lateness")
    assert [line[1:20].strip() for line in lines[2:8]] == [
        *("Ingress exit", "OrderBook exit", "Bundle exit", "end to end", "without wait", "generator late"),
    ]
    for name, line in zip(names, lines[2:8], strict=True):
        count, mean, p50, p90, p99, p999, p9999, most = line.split()[-8:]
        found = recorded(known, at, seconds or 1000, name)
        assert agrees(count, found.total())
        assert number(mean) <= sum(value * times for value, times in found.items()) / found.total() * 1.005
        assert agrees(p50, percentile(found, 1, 2))
        assert agrees(p90, percentile(found, 9, 10))
        assert agrees(p99, percentile(found, 99, 100))
        assert agrees(p999, percentile(found, 999, 1000))
        assert agrees(p9999, percentile(found, 9999, 10000))
        assert agrees(most, max(found))


@pytest.mark.parametrize("at", SECONDS)
def test_rings(at: int) -> None:
    known = past()
    sample = known.samples[at]
    lines = text(put(RingTable(), sample, known.windows, view(sample)), 120, 4)
    assert all(head in lines[0] for head in ("full/s", "now", "hwm 10s", "hwm run"))
    for ring, (line, capacity) in enumerate(zip(lines[1:], (4096, 4096, 1024), strict=True)):
        words = line.split()
        window, run = (recorded(known, at, seconds, f"ring{ring}_occupancy") for seconds in (10, 1000))
        assert words[1:3] == [str(capacity), words[2]]
        assert agrees(words[2], per_s(sample, f"ring{ring}_full_total"))
        assert agrees(words[-3], word(sample, f"ring{ring}_occupancy_slots") / capacity)
        assert agrees(words[-2], min(capacity, max(window)) / capacity)
        assert agrees(words[-1], min(capacity, max(run)) / capacity)


def test_a_rings_marks_stand_where_the_shares_are() -> None:
    known = past()
    sample = known.samples[22]
    line = text(put(RingTable(), sample, known.windows, view(sample, 1)), 120, 4)[1]
    bar = line[line.index("▏") + 1 :].split("  ")[0]
    window = max(recorded(known, 22, 1, "ring0_occupancy")) / 4096
    assert bar.index("│") == len(bar) - 1
    assert bar.index("┊") == math.floor(window * len(bar))


@pytest.mark.parametrize("at", SECONDS)
def test_rings_in_slots(at: int) -> None:
    known = past()
    sample = known.samples[at]
    lines = text(put(RingDetails(), sample, known.windows, view(sample, 1)), 120, 5)
    heads = "RING NOW HWM RUN OF FULL/s BATCH p99 NET/s FULL_IN LITTLE WAIT"
    rows = table([line.replace("FULL IN", "FULL_IN") for line in lines], heads)
    puts = ("ingress_pushed_total", "order_book_out_total", "bundle_bundles_total")
    assert sample.interval_ns
    for ring, (row, put_name) in enumerate(zip(rows, puts, strict=True)):
        found = recorded(known, at, 1, f"ring{ring}_occupancy")
        batches = recorded(known, at, 1, f"{STAGES[ring + 1]}_batch")
        taken = delta(sample, f"ring{ring}_taken_total")
        net = (delta(sample, put_name) - taken) * SECOND_NS / sample.interval_ns
        assert int(row["NOW"]) == word(sample, f"ring{ring}_occupancy_slots")
        assert int(row["HWM"]) == min(int(row["OF"]), max(found))
        assert int(row["p99"]) == percentile(batches, 99, 100)
        assert agrees(row["NET/s"].lstrip("+"), net)
        assert (row["FULL_IN"] == "never") == (net <= 0)
        turns = delta(sample, f"{STAGES[ring + 1]}_cycles_total")
        waiting = sum(value * times for value, times in found.items()) / turns
        assert number(row["LITTLE"]) == pytest.approx(waiting / (taken / sample.interval_ns), rel=0.02)
        entered = delta(sample, f"{STAGES[ring + 1]}_entry_latency_sum_ns_total") / delta(
            sample, f"{STAGES[ring + 1]}_in_total"
        )
        assert agrees(row["WAIT"], max(0.0, entered - exact_mean(sample, EXITS[ring])))


@pytest.mark.parametrize("at", SECONDS)
def test_the_pipe_shows_rates_and_occupancy(at: int) -> None:
    known = past()
    sample = known.samples[at]
    lines = text(put(Pipe(), sample, known.windows, view(sample)), 160, 4)
    rates = [word.removesuffix("/s") for word in lines[1].replace(" bundles/s", "/s").split() if "/s" in word]
    assert len(rates) == 4
    assert lines[1].count(" bundles/s") == 1
    assert all(agrees(cell, per_s(sample, flow)) for cell, flow in zip(rates, FLOWS, strict=True))
    words = lines[2].replace("│", " ").split()
    shares = [words[place - 1] for place, one in enumerate(words) if one == "of"]
    occupied = [word(sample, f"ring{ring}_occupancy_slots") / (4096, 4096, 1024)[ring] for ring in range(3)]
    assert all(agrees(cell, value) for cell, value in zip(shares, occupied, strict=True))


@pytest.mark.parametrize(
    ("share", "cell", "ink"),
    [
        (0.0, "0%", "muted"),
        (0.49, "49%", "text"),
        (0.5, "▲50%", "warn"),
        (0.89, "▲89%", "warn"),
        (1.0, "✗100%", "critical"),
    ],
)
def test_a_full_ring_is_told_by_glyph_and_colour(share: float, cell: str, ink: str) -> None:
    assert numbers.load(share, glyphs(GraphStyle.BRAILLE)) == ((cell, ink),)
