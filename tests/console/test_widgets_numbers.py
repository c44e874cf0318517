"""Every number on the panes, against arithmetic done here from the Samples alone, by the words' names."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter

import numpy as np
import pytest
from panes import SECOND_NS, Past, agrees, number, past, put, table, text

from velox_tui.console.palette import Ink
from velox_tui.console.view import ViewState
from velox_tui.console.widgets import numbers
from velox_tui.console.widgets.book_counters import BookCounters
from velox_tui.console.widgets.bundles import Bundles
from velox_tui.console.widgets.cores import Cores
from velox_tui.console.widgets.ladder import Ladder
from velox_tui.console.widgets.latency_table import LatencyTable
from velox_tui.console.widgets.ledger import LedgerPane
from velox_tui.console.widgets.pipe import Pipe
from velox_tui.console.widgets.ring_details import RingDetails
from velox_tui.console.widgets.ring_table import RingTable
from velox_tui.console.widgets.stage_table import StageTable
from velox_tui.console.widgets.vitals import Vitals
from velox_tui.telemetry.sample import Buckets, Ledger, Quantiles, Sample

STAGES = ("ingress", "order_book", "bundle", "output")
EXITS = ("ingress_exit", "order_book_exit", "bundle_exit", "e2e")
FLOWS = ("ingress_pushed_total", "order_book_out_total", "bundle_out_total", "output_bundles_total")
SECONDS = (2, 13, 14, 21, 22, 41, 60, 89)
"""Quiet, burst, stall and late seconds, and what follows them."""


def word(sample: Sample, name: str) -> int:
    return int(sample.words[sample.run.topology.by_name[name].index])


def delta(sample: Sample, name: str) -> int:
    assert sample.deltas is not None
    return int(sample.deltas[sample.run.topology.by_name[name].index])


def per_s(sample: Sample, name: str) -> float:
    assert sample.interval_ns
    return delta(sample, name) / (sample.interval_ns / SECOND_NS)


def highest(bucket: int) -> int:
    """The highest value of a bucket, by the definition in native/src/histogram.h."""
    if bucket < 64:
        return bucket
    octave, part = divmod(bucket, 64)
    return ((part + 65) << (octave - 1)) - 1


def recorded(known: Past, upto: int, seconds: int, name: str) -> Counter[int]:
    """All that a histogram recorded in the last so many intervals, by value."""
    found: Counter[int] = Counter()
    for sample in known.samples[max(1, upto - seconds + 1) : upto + 1]:
        index = next(one.index for one in sample.run.topology.histograms if one.name == name)
        assert sample.histograms is not None
        part = sample.histograms[index]
        if isinstance(part, Buckets):
            found.update({highest(int(i)): int(n) for i, n in zip(part.indices, part.counts, strict=True)})
    return found


def percentile(found: Counter[int], parts: int, of: int) -> int:
    """The value of rank ceil(parts / of * n)."""
    rank = max(1, -(-parts * found.total() // of))
    seen = 0
    for value, count in sorted(found.items()):
        seen += count
        if seen >= rank:
            return value
    raise AssertionError("nothing recorded")


def view(sample: Sample, seconds: int | None = 10) -> ViewState:
    window_ns = None if seconds is None else seconds * SECOND_NS
    return ViewState(percentile_window_ns=window_ns, paused_at_ns=sample.mono_ns)


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


def exact_mean(sample: Sample, name: str) -> float:
    """By the exact sum of what an interval recorded."""
    index = next(one.index for one in sample.run.topology.histograms if one.name == name)
    assert sample.histograms is not None
    part = sample.histograms[index]
    assert part is not None
    return part.total / int(part.counts.sum())


@pytest.mark.parametrize("at", SECONDS)
def test_bundles(at: int) -> None:
    known = past()
    sample = known.samples[at]
    bundles = delta(sample, "bundle_bundles_total")
    fill = delta(sample, "bundle_out_total") / bundles
    size, timeout = (delta(sample, f"bundle_flush_{why}_total") / bundles for why in ("size", "timeout"))
    dense = text(put(Bundles(), sample, known.windows, view(sample)), 80, 1)[0].split()
    assert agrees(dense[dense.index("fill") + 1], fill)
    expected = dense[dense.index("(expected") + 1].rstrip(")")
    assert expected == ("—" if sample.expected_fill is None else f"{sample.expected_fill:.2f}")
    assert agrees(dense[dense.index("size") + 1], size)
    assert agrees(dense[dense.index("timeout") + 1], timeout)
    assert agrees(dense[-1], percentile(recorded(known, at, 10, "e2e_no_wait"), 1, 2))
    lines = text(put(Bundles(), sample, known.windows, view(sample)), 60, 7)
    assert agrees(lines[1].split()[1].removesuffix("/s"), per_s(sample, "bundle_bundles_total"))
    assert agrees(lines[1].split()[3], word(sample, "bundle_bundles_total"))
    assert agrees(lines[6].split()[1].removesuffix("/s"), per_s(sample, "bundle_flush_late_total"))


def test_no_expectation_while_something_is_dropped() -> None:
    known = past()
    burst = next(sample for sample in known.samples[1:] if delta(sample, "ingress_dropped_total"))
    assert "(expected —)" in text(put(Bundles(), burst, known.windows), 80, 1)[0]


@pytest.mark.parametrize("at", SECONDS)
def test_vital_numbers(at: int) -> None:
    known = past()
    sample = known.samples[at]
    words = text(put(Vitals(), sample, known.windows, view(sample)), 80, 1)[0].split()
    assert words[0::2] == ["tx/s", "p99", "drops/s", "leak"]
    assert agrees(words[1], per_s(sample, "output_delivered_total"))
    assert agrees(words[3], percentile(recorded(known, at, 10, "e2e"), 99, 100))
    assert agrees(words[5], per_s(sample, "ingress_dropped_total"))
    assert words[7] == "0"


def test_large_digits_show_the_same() -> None:
    known = past()
    sample = known.samples[14]
    pane = put(Vitals(), sample, known.windows, view(sample))
    small = text(pane, 200, 1)[0].split()
    large = text(pane, 200, 3)
    assert len(small[1::2]) == 4
    shapes = {"0": "╭─╮│ │╰─╯", "1": "╶╮  │ ╶┴╴"}
    assert large[0].count(shapes["0"][:3]) >= 2
    assert [word for word in large[2].split() if word.endswith("s") and "/" in word] == ["tx/s", "drops/s"]


@pytest.mark.parametrize("at", SECONDS)
def test_the_pipe_shows_rates_and_occupancy(at: int) -> None:
    known = past()
    sample = known.samples[at]
    lines = text(put(Pipe(), sample, known.windows, view(sample)), 160, 4)
    rates = [word.removesuffix("/s") for word in lines[1].split() if word.endswith("/s")]
    assert len(rates) == 4
    assert all(agrees(cell, per_s(sample, flow)) for cell, flow in zip(rates, FLOWS, strict=True))
    words = lines[2].replace("│", " ").split()
    shares = [words[place - 1] for place, one in enumerate(words) if one == "of"]
    occupied = [word(sample, f"ring{ring}_occupancy_slots") / (4096, 4096, 1024)[ring] for ring in range(3)]
    assert all(agrees(cell, value) for cell, value in zip(shares, occupied, strict=True))


@pytest.mark.parametrize("at", SECONDS)
def test_cores(at: int) -> None:
    known = past()
    sample = known.samples[at]
    lines = text(put(Cores(), sample, known.windows, view(sample)), 160, 8)
    heads = "CORE STAGE BUSY BLOCK IDLE CORE% THR% POLLS LONGEST PARK/s VOL/s INVOL/s MIGR THREAD"
    plainer = [
        line.translate({ord(c): " " for c in "█▉▊▋▌▍▎▏░"}).replace("busy▓blocked", "") for line in lines
    ]
    rows = table(plainer, heads)
    assert len(rows) == 4
    for stage, thread, row in zip(STAGES, sample.threads, rows, strict=True):
        busy, blocked = (per_s(sample, f"{stage}_{what}_ns_total") / 1e9 for what in ("busy", "blocked"))
        assert agrees(row["BUSY"], busy)
        assert agrees(row["BLOCK"], blocked)
        assert agrees(row["IDLE"], 1 - busy - blocked)
        core = sample.cores[word(sample, f"{stage}_core") - 1]
        assert core is not None
        assert agrees(row["CORE%"], core)
        assert thread.cpu_ratio is not None
        assert agrees(row["THR%"], thread.cpu_ratio)
        assert agrees(row["LONGEST"], word(sample, f"{stage}_longest_cycle_ns"))
        assert row["THREAD"] == str(word(sample, f"{stage}_thread_id"))
        assert thread.involuntary_switches is not None
        assert sample.interval_ns
        assert agrees(row["INVOL/s"], thread.involuntary_switches * SECOND_NS / sample.interval_ns)
    assert sample.cost is not None
    console = next(line for line in lines if line.startswith(" console")).split()
    assert agrees(console[1], sample.cost.cpu_ratio or 0)
    others = next(line for line in reversed(lines) if line.strip()).split()
    assert [cell for cell in others if cell.endswith("%")] == [
        f"{100 * (sample.cores[core] or 0):.0f}%" for core in range(4, len(sample.cores))
    ]


@pytest.mark.parametrize("at", SECONDS)
def test_the_ledger_balances_by_the_numbers_it_shows(at: int) -> None:
    known = past()
    sample = known.samples[at]
    assert sample.cut is not None
    lines = text(put(LedgerPane(), sample, known.windows), 140, 9)
    assert f"{sample.cut.words[sample.run.topology.by_name['ingress_pushed_total'].index]:,}" in lines[0]
    assert "residual 0" in lines[0]
    equations = [line for line in lines[1:] if " = " in line]
    assert [line.split()[0] for line in equations] == [
        "Ingress",
        "OrderBook",
        "Bundle",
        "Output",
        "OrderBook",
        "whole",
    ]
    for line in equations:
        left, right = (
            [int(one.replace(",", "")) for one in side.split() if one.replace(",", "").isdigit()]
            for side in line.split(" = ")
        )
        assert left == [sum(right)]
        assert "exact" in line


def test_a_leak_is_told_everywhere() -> None:
    known = past()
    sample = known.newest
    assert sample.ledger is not None
    broken = dataclasses.replace(sample.ledger.whole, left=("generated", sample.ledger.whole.left[1] + 3))
    ledger: Ledger = dataclasses.replace(sample.ledger, whole=broken)
    leaky = dataclasses.replace(sample, ledger=ledger)
    for height in (1, 2, 4, 9):
        lines = text(put(LedgerPane(), leaky, known.windows), 80, height)
        assert any("✗ residual 3" in line for line in lines)
        assert not any("whole" in line and "exact" in line for line in lines)
    assert text(put(Vitals(), leaky, known.windows), 80, 1)[0].split()[-1] == "3"


def test_at_rest_the_ledger_says_so() -> None:
    known = past()
    sample = known.newest
    assert sample.ledger is not None
    rest = dataclasses.replace(sample, ledger=dataclasses.replace(sample.ledger, cut_sequence=0))
    assert "at rest" in text(put(LedgerPane(), rest), 80, 4)[0]
    without = dataclasses.replace(sample, ledger=None)
    assert "no exact cut yet" in "\n".join(text(put(LedgerPane(), without), 80, 4))


def test_the_ladder_shows_the_levels_next_to_the_best_prices() -> None:
    known = past()
    sample = known.newest
    depth, window = sample.depth, sample.run.topology.book
    assert depth is not None
    assert window is not None
    lines = text(put(Ladder(), sample, known.windows), 60, 12)
    asks = [
        (base(window.base_price + (level + 1) * window.ticks_per_level - 1), int(depth.asks[level]))
        for level in np.flatnonzero(depth.asks)[:5]
    ]
    bids = [
        (base(window.base_price + level * window.ticks_per_level), int(depth.bids[level]))
        for level in np.flatnonzero(depth.bids)[::-1][:5]
    ]
    rows = [line.split() for line in lines if line.startswith((" ASK", " BID"))]
    assert [(row[1], int(row[2].replace(",", ""))) for row in rows if row[0] == "ASK"] == asks[::-1]
    assert [(row[1], int(row[2].replace(",", ""))) for row in rows if row[0] == "BID"] == bids
    between = next(line for line in lines[1:] if "spread" in line).split()
    assert between[2] == f"{float(asks[0][0]) - float(bids[0][0]):.4f}"
    assert f"best {bids[0][0]} / {asks[0][0]}" in lines[0]


def base(price: int) -> str:
    """Fixed point with four decimals."""
    return f"{price / 10_000:.4f}"


def test_a_crossed_book_is_told() -> None:
    known = past()
    sample = known.newest
    words = sample.words.copy()
    words[sample.run.topology.by_name["best_pair"].index] = (7 << 32) | (501 << 16) | 499
    lines = text(put(Ladder(), dataclasses.replace(sample, words=words), known.windows), 60, 12)
    assert "CROSSED" in lines[0]


@pytest.mark.parametrize("at", SECONDS)
def test_what_the_book_counted(at: int) -> None:
    known = past()
    sample = known.samples[at]
    lines = text(put(BookCounters(), sample, known.windows), 70, 10)
    names = (
        "applied",
        "rejected_window",
        "rejected_overflow",
        "rejected_underflow",
        "rejected_contention",
        "rejected_invalid",
        "cas_retries",
        "crossed",
    )
    for name, line in zip(names, lines[2:], strict=True):
        rate, total = line.split()[-2:]
        assert agrees(rate, per_s(sample, f"order_book_{name}_total"))
        assert agrees(total, word(sample, f"order_book_{name}_total"))


def test_counters_that_are_not_zero_come_first_where_there_is_no_room_for_all() -> None:
    known = past()
    lines = text(put(BookCounters(), known.newest, known.windows), 70, 3)
    assert ["applied" in lines[1], "price outside" in lines[2]] == [True, True]


@pytest.mark.parametrize(
    ("count", "p", "ink"),
    [
        (1000, 0.99, Ink.TEXT),
        (999, 0.99, Ink.MUTED),
        (20, 0.5, Ink.TEXT),
        (19, 0.5, Ink.MUTED),
        (100_000, 0.9999, Ink.TEXT),
        (99_999, 0.9999, Ink.MUTED),
    ],
)
def test_a_percentile_with_fewer_than_ten_values_beyond_it_is_dim(count: int, p: float, ink: Ink) -> None:
    found = Quantiles(count, 5.0, 5, 5, 5, 5, 5, 5)
    assert numbers.percentile(found, p) == (("5ns", ink),)


def test_what_is_unknown_is_a_dash_and_zeros_are_dim() -> None:
    assert numbers.percentile(None, 0.5) == (("—", Ink.MUTED),)
    assert numbers.rate(None) == (("—", Ink.MUTED),)
    assert numbers.rate(0.0) == (("0", Ink.MUTED),)
    assert numbers.loss(0.0) == (("0", Ink.MUTED),)
    assert numbers.loss(0.2) == (("0.20", Ink.CRITICAL),)
    assert numbers.share(None) == (("—", Ink.MUTED),)
