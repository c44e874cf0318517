"""Bundles, vital numbers and cores: every number against arithmetic done apart, from the Samples alone."""

from __future__ import annotations

import pytest
from panes import SECOND_NS, agrees, past, put, table, text
from reckoning import SECONDS, STAGES, delta, per_s, percentile, recorded, view, word

from velox_tui.console.widgets.bundles import Bundles
from velox_tui.console.widgets.cores import Cores
from velox_tui.console.widgets.vitals import Vitals


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
def test_cores(at: int) -> None:
    known = past()
    sample = known.samples[at]
    lines = text(put(Cores(), sample, known.windows, view(sample)), 160, 8)
    heads = "CORE STAGE BUSY BLOCK IDLE CORE% THR% POLLS LONGEST PARK/s VOL/s INVOL/s MIGR THREAD"
    plainer = [
        line.translate({ord(c): " " for c in "█▉▊▋▌▍▎▏░"}).replace("busy▓blk", "") for line in lines
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
