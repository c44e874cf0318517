"""Bundles, vital numbers and cores: every number against arithmetic done apart, from the Samples alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from panes import SECOND_NS, Past, agrees, number, past, put, table, text
from reckoning import SECONDS, STAGES, delta, per_s, percentile, recorded, view, word

from velox_tui.console.view import ViewState
from velox_tui.console.widgets.bundles import Bundles
from velox_tui.console.widgets.cores import Cores
from velox_tui.console.widgets.vitals import Vitals
from velox_tui.console.windows import Windows
from velox_tui.telemetry.sample import Sample
from velox_tui.telemetry.topology import Role, Word


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
    heads = (
        "CORE STAGE BUSY BLOCK IDLE CORE% THR% POLLS LONGEST IPC CYC/tx LLC/ktx BR/ktx "
        "PARK/s VOL/s INVOL/s MIGR THREAD"
    )
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


def counted(known: Past, at: int, name: str, seconds: int = 10) -> int:
    """What a counter gained in the last so many seconds (of a younger run: since its first reading)."""
    return word(known.samples[at], name) - word(known.samples[max(0, at - seconds)], name)


def rows_of(
    sample: Sample, windows: Windows | None = None, at: ViewState | None = None
) -> list[dict[str, str]]:
    """The rows of figures."""
    lines = text(put(Cores(), sample, windows, at), 160, 12)
    places = {head: lines[1].index(head) for head in ("IPC", "CYC/tx", "LLC/ktx", "BR/ktx")}
    return [
        {head: line[at - 2 : at + len(head)].split()[-1] for head, at in places.items()}
        for line in lines[2:6]
    ]


@pytest.mark.parametrize("at", SECONDS)
def test_what_the_processor_counted(at: int) -> None:
    known = past()
    sample = known.samples[at]
    shown = rows_of(sample, known.windows, view(sample))
    window_ns = sample.mono_ns - known.samples[max(0, at - 10)].mono_ns
    for stage, row in zip(STAGES, shown, strict=True):
        passed = (
            "ingress_pushed"
            if stage == "ingress"
            else f"{stage}_{'delivered' if stage == 'output' else 'out'}"
        )
        of = {
            name: counted(known, at, f"{stage}_thread_{name}_total")
            for name in ("cycles", "instructions", "cache_misses", "branch_misses", "covered_ns")
        }
        transactions = counted(known, at, f"{passed}_total") * of["covered_ns"] / window_ns
        assert agrees(row["IPC"], of["instructions"] / of["cycles"])
        assert agrees(row["CYC/tx"], of["cycles"] / transactions)
        assert agrees(row["LLC/ktx"], 1000 * of["cache_misses"] / transactions)
        assert agrees(row["BR/ktx"], 1000 * of["branch_misses"] / transactions)


def without(sample: Sample, gone: Callable[[Word], bool], told: str) -> Sample:
    """The sample of a pipeline that has not these words, and says this of its hardware counters."""
    topology = sample.run.topology
    kept = [one for one in topology.words if not gone(one)]
    places = [one.index for one in kept]
    words = tuple(replace(one, index=place) for place, one in enumerate(kept))
    texts = (*topology.texts[:2], ("hardware_counters", told)) if told else ()
    run = replace(sample.run, topology=replace(topology, words=words, texts=texts))
    assert sample.deltas is not None
    return replace(sample, run=run, words=sample.words[places], deltas=sample.deltas[places])


def of_thread(one: Word) -> bool:
    return "_thread_" in one.name and one.role != Role.THREAD_ID


def test_where_nothing_is_counted_the_reason_stands_in_place_of_the_figures() -> None:
    reason = "not permitted; sysctl kernel.perf_event_paranoid=2 (as root), or CAP_PERFMON for the program"
    sample = without(past().samples[20], of_thread, reason)
    for width in (40, 80, 160):
        lines = text(put(Cores(), sample), width, 14)
        told = " ".join(" ".join(line.split()) for line in lines[6:])
        assert f"hardware counters: {reason}" in told
        assert "IPC" not in lines[1] and "CYC/tx" not in lines[1]


def test_a_foreign_pipeline_without_counters_or_reason_says_nothing_of_them() -> None:
    shown = "\n".join(text(put(Cores(), without(past().samples[20], of_thread, "")), 160, 14))
    assert "IPC" not in shown and "hardware" not in shown and "Bundle" in shown


def test_what_is_not_counted_or_not_yet_is_a_dash() -> None:
    sample = without(past().samples[20], lambda one: one.role == Role.CACHE_MISSES, "some; another")
    assert {row["LLC/ktx"] for row in rows_of(sample)} == {"—"}
    assert all(number(row["CYC/tx"]) > 0 for row in rows_of(sample))
    first = replace(sample, deltas=None, interval_ns=None)
    assert {cell for row in rows_of(first) for cell in row.values()} == {"—"}


def test_stages_of_one_thread_have_its_figures_once() -> None:
    sample = past().samples[20]
    words = sample.words.copy()
    words[sample.run.topology.by_name["output_thread_id"].index] = word(sample, "bundle_thread_id")
    shared = replace(sample, words=words)
    shared = without(shared, lambda one: of_thread(one) and one.stage == 3, "all")
    rows = rows_of(shared)
    assert set(rows[3].values()) == {"↑"} and "↑" not in rows[2].values()
    assert rows[:3] == rows_of(sample)[:3]
    lines = text(put(Cores(), shared), 160, 14)
    assert " hardware counters: of whole threads: Bundle+Output" in [line.rstrip() for line in lines]
