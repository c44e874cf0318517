"""The whole pipeline under a virtual clock, with any settings and any commands: what must hold at rest, by
arithmetic apart.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from velox_tui.engine.options import EngineOptions
from velox_tui.engine.segment import Segment
from velox_tui.engine.simulation import Simulation
from velox_tui.telemetry.histogram import of_values, sparse, value_at

MS = 1_000_000
BURST, STALL, SLOW, HOLD = range(4)
CAUSES = ("window", "overflow", "underflow", "contention", "invalid")


@dataclass(frozen=True)
class Act:
    """A command at a moment."""

    at_ms: int
    command: int
    stage: int
    value: int


ACTS = st.lists(
    st.one_of(
        st.builds(Act, st.integers(1, 19), st.just(BURST), st.just(0), st.integers(1, 5_000)),
        st.builds(Act, st.integers(1, 19), st.just(STALL), st.integers(0, 3), st.integers(0, 30 * MS)),
        st.builds(Act, st.integers(1, 19), st.just(SLOW), st.integers(0, 3), st.integers(0, 20_000)),
        st.builds(Act, st.integers(1, 19), st.just(HOLD), st.just(0), st.integers(0, 1)),
    ),
    max_size=5,
)
SLOTS = st.sampled_from((2, 4, 64, 1024))
OPTIONS = st.builds(
    EngineOptions,
    rate_hz=st.sampled_from((1.0, 1e3, 1e5, 1e6)),
    pattern=st.sampled_from(("poisson", "constant", "bursts", "ramp")),
    seed=st.integers(0, 2**64 - 1),
    ring_slots=st.tuples(SLOTS, SLOTS, SLOTS),
    bundle_max=st.integers(1, 16),
    bundle_timeout_ns=st.sampled_from((1_000, 100_000, 5 * MS)),
    on_full=st.sampled_from(("drop", "block")),
    levels=st.sampled_from((64, 1024)),
    reduce_permille=st.sampled_from((0, 450, 500)),
)


def names(segment: Segment) -> list[str]:
    """Of the words, in their order."""
    rows = segment.rows
    return [name.decode() for name in rows["name"][np.isin(rows["kind"], (3, 4, 5))]]


def at_rest(options: EngineOptions, acts: list[Act]) -> dict[str, int]:
    """Every word after 20 ms, the acts at their times, and the drain."""
    with tempfile.TemporaryDirectory() as folder:
        placed = EngineOptions(
            **{name: getattr(options, name) for name in options.__slots__ if name != "segment_dir"},
            segment_dir=Path(folder),
        )
        with Simulation(placed) as simulation:
            for act in sorted(acts, key=lambda one: one.at_ms):
                simulation.run_until(act.at_ms * MS)
                simulation.command(act.command, act.stage, act.value)
            simulation.run_until(20 * MS)
            simulation.stop()
            segment = Segment(simulation.segment_path)
            found = dict(zip(names(segment), segment.words().tolist(), strict=True))
            segment.close()
            return found


@settings(max_examples=150)
@given(OPTIONS, ACTS)
def test_any_run_is_exact_at_rest(options: EngineOptions, acts: list[Act]) -> None:
    found = at_rest(options, acts)
    delivered, dropped = found["output_delivered_total"], found["ingress_dropped_total"]
    assert found["ingress_generated_total"] == delivered + dropped
    assert found["output_id_gaps_total"] == dropped
    assert options.on_full == "drop" or not dropped
    rejected = sum(found[f"order_book_rejected_{cause}_total"] for cause in CAUSES)
    assert found["order_book_in_total"] == found["order_book_applied_total"] + rejected == delivered
    ids = (found["output_delivered_id_sum"] + found["ingress_dropped_id_sum"]) % 2**64
    assert found["ingress_generated_id_sum"] == ids


@settings(max_examples=150)
@given(OPTIONS, ACTS)
def test_any_bundle_has_a_reason_and_no_more_than_fits(options: EngineOptions, acts: list[Act]) -> None:
    found = at_rest(options, acts)
    fills = [found[f"bundle_fill_{fill}_total"] for fill in range(1, 17)]
    assert sum(fills) == found["bundle_bundles_total"] == found["output_bundles_total"]
    assert sum(fill * count for fill, count in enumerate(fills, 1)) == found["output_delivered_total"]
    reasons = [found[f"bundle_flush_{reason}_total"] for reason in ("size", "timeout", "drain")]
    assert sum(reasons) == sum(fills)
    # A full bundle goes at once: what time or the drain flushes is never full, what size flushes always is.
    assert not any(fills[options.bundle_max :]) and fills[options.bundle_max - 1] == reasons[0]
    assert reasons[2] <= 1 and found["bundle_open"] == 0


PERIODS_NS = (1_000, 2_000, 5_000, 8_000, 10_000, 40_000, 100_000, 500_000, 1_000_000)
"""Of which a rate in thousandths of a hertz is exact."""


@settings(max_examples=40)
@given(st.sampled_from(PERIODS_NS), st.integers(2, 16), st.integers(1, 20))
def test_latencies_are_those_of_a_known_flow(period_ns: int, bundle_max: int, periods: int) -> None:
    """Arrivals at a constant period; a bundle goes out half a period after the last that it waits for, or
    with the one that fills it: every wait is known to the nanosecond.
    """
    timeout_ns = period_ns * periods + period_ns // 2
    fill = min(bundle_max, periods + 1)
    until_ns = (fill - 1) * period_ns if fill == bundle_max else timeout_ns
    bundles = 50
    with tempfile.TemporaryDirectory() as folder:
        options = EngineOptions(
            rate_hz=1e9 / period_ns,
            pattern="constant",
            bundle_max=bundle_max,
            bundle_timeout_ns=timeout_ns,
            segment_dir=Path(folder),
        )
        with Simulation(options) as simulation:
            simulation.run_until(bundles * fill * period_ns)
            segment = Segment(simulation.segment_path)
            labels = [name.decode() for name in segment.rows["name"][segment.rows["kind"] == 6]]
            words = segment.histograms()[labels.index("e2e")]
            segment.close()
    found = sparse(words)
    exact = [until_ns - place * period_ns for place in range(fill)] * int(found.counts.sum() // fill)
    assert len(exact) == found.counts.sum() >= (bundles - 2) * fill
    assert int(words[0]) == sum(exact)
    expected = of_values(np.array(exact, np.uint64))
    assert found.indices.tolist() == expected.indices.tolist()
    assert found.counts.tolist() == expected.counts.tolist()
    for percent in (50, 90, 99, 100):  # by nearest rank
        true = sorted(exact)[max(0, -(-percent * len(exact) // 100) - 1)]
        shown = value_at(found, percent / 100)
        assert shown is not None and true <= shown <= true * (1 + 1 / 64)
