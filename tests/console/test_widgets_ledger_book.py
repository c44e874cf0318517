"""Ledger and order book: every number against arithmetic done apart; what is wrong is told, what is nothing
dim.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from panes import agrees, past, put, text
from reckoning import SECONDS, per_s, word

from velox_tui.console.palette import Ink
from velox_tui.console.widgets import numbers
from velox_tui.console.widgets.book_counters import BookCounters
from velox_tui.console.widgets.ladder import Ladder
from velox_tui.console.widgets.ledger import LedgerPane
from velox_tui.console.widgets.vitals import Vitals
from velox_tui.telemetry.sample import Ledger, Quantiles


def base(price: int) -> str:
    """Fixed point with four decimals."""
    return f"{price / 10_000:.4f}"


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
