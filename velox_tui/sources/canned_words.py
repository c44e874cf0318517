"""Words of a canned reading: the ledger's from counts and ids, timing words from the flow's own figures."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from velox_tui.sources.canned_flow import CAPACITY, RATE_HZ, Ids
from velox_tui.sources.canned_topology import (
    BASE_PRICE,
    LEVELS,
    RINGS,
    STAGES,
    TICKS_PER_LEVEL,
    canned_topology,
)

BUNDLE_TIMEOUT_NS = 100_000
SETTINGS = {
    "rate_millihz": RATE_HZ * 1000,
    "bundle_max": CAPACITY,
    "bundle_timeout_ns": BUNDLE_TIMEOUT_NS,
    "wait": 1,
    "config_seed": 1,
    "config_threading": 1,
    "config_threads": len(STAGES),
    **{f"config_ring{ring}_slots": slots for ring, (_, slots) in enumerate(RINGS)},
    "config_levels": LEVELS,
    "config_ticks_per_level": TICKS_PER_LEVEL,
    "config_base_price": BASE_PRICE,
    "config_clock_hz": 2_600_000_000,
    "config_memory_bytes": 1464 * 1024,
}


@dataclass(frozen=True, slots=True)
class Position:
    """How far each stage has come, in transactions since the start."""

    pushed: int
    booked: int
    bundled: int
    """Taken by the bundle stage."""
    fills: NDArray[np.int64]
    """Bundles published, by fill."""
    by_drain: int
    taken: NDArray[np.int64]
    """Bundles that Output took, by fill."""
    late: int = 0
    outside: int = 0
    """Rejected by the book: price outside."""


@dataclass(slots=True)
class Timing:
    """Cumulative figures of the stages' loops, by stage."""

    cycles: list[int] = field(default_factory=lambda: [0] * len(STAGES))
    worked: list[int] = field(default_factory=lambda: [0] * len(STAGES))
    busy_ns: list[int] = field(default_factory=lambda: [0] * len(STAGES))
    longest_ns: list[int] = field(default_factory=lambda: [0] * len(STAGES))
    entry_sum_ns: list[int] = field(default_factory=lambda: [0] * len(STAGES))
    full: list[int] = field(default_factory=lambda: [0] * len(RINGS))
    covered_ns: int = 0
    """By the processor's counters, which are read four times a second."""


def _of(fills: NDArray[np.int64]) -> tuple[int, int]:
    """Bundles, and transactions in them."""
    return int(fills.sum()), int((fills * np.arange(CAPACITY + 1)).sum())


def ledger_words(position: Position, ids: Ids, burst: int) -> dict[str, int]:
    """Every word that an exact cut holds."""
    bundles, out = _of(position.fills)
    taken, delivered = _of(position.taken)
    dropped = ids.gaps(position.pushed)
    generated = position.pushed + dropped
    pushed_ids = ids.pushed_sum(position.pushed)
    flushes = {"size": int(position.fills[CAPACITY]), "drain": position.by_drain}
    flushes["timeout"] = bundles - sum(flushes.values())
    return {
        "ingress_generated_total": generated,
        "ingress_generated_id_sum": ids.generated_sum(generated),
        "ingress_dropped_total": dropped,
        "ingress_dropped_id_sum": (ids.generated_sum(generated) - pushed_ids) % 2**64,
        "ingress_burst_total": burst,
        "ingress_pushed_id_sum": pushed_ids,
        "ingress_pushed_total": position.pushed,
        "order_book_in_total": position.booked,
        "order_book_in_id_sum": ids.pushed_sum(position.booked),
        "order_book_applied_total": position.booked - position.outside,
        "order_book_rejected_window_total": position.outside,
        "order_book_out_id_sum": ids.pushed_sum(position.booked),
        "order_book_out_total": position.booked,
        "bundle_in_total": position.bundled,
        "bundle_in_id_sum": ids.pushed_sum(position.bundled),
        **{f"bundle_flush_{reason}_total": number for reason, number in flushes.items()},
        "bundle_flush_late_total": position.late,
        **{f"bundle_fill_{n}_total": int(position.fills[n]) for n in range(1, CAPACITY + 1)},
        "bundle_bundles_total": bundles,
        "bundle_open": position.bundled - out,
        "bundle_open_id_sum": (ids.pushed_sum(position.bundled) - ids.pushed_sum(out)) % 2**64,
        "bundle_out_id_sum": ids.pushed_sum(out),
        "bundle_out_total": out,
        "output_bundles_total": taken,
        "output_in_total": delivered,
        "output_in_id_sum": ids.pushed_sum(delivered),
        "output_id_gaps_total": ids.gaps(delivered),
        "output_delivered_id_sum": ids.pushed_sum(delivered),
        "output_delivered_total": delivered,
    }


def timing_words(position: Position, timing: Timing, mono_ns: int, first_thread: int) -> dict[str, int]:
    """The timing words of every stage, and its rings'."""
    words: dict[str, int] = {}
    for stage, (name, _) in enumerate(STAGES):
        words |= {
            f"{name}_cycles_total": timing.cycles[stage],
            f"{name}_worked_cycles_total": timing.worked[stage],
            f"{name}_busy_ns_total": timing.busy_ns[stage],
            f"{name}_longest_cycle_ns": timing.longest_ns[stage],
            f"{name}_entry_latency_sum_ns_total": timing.entry_sum_ns[stage],
            f"{name}_heartbeat_ns": mono_ns - 200 - stage,
            f"{name}_thread_id": first_thread + stage,
            f"{name}_core": stage + 1,
        }
    published = (position.pushed, position.booked, _of(position.fills)[0])
    taken = (position.booked, position.bundled, _of(position.taken)[0])
    for ring in range(len(RINGS)):
        words[f"ring{ring}_full_total"] = timing.full[ring]
        words[f"ring{ring}_taken_total"] = taken[ring]
        words[f"ring{ring}_occupancy_slots"] = published[ring] - taken[ring]
    return words


CLOCK_GHZ = 2.6
_PROCESSOR = (
    (1.42, 31_000, 52_000),
    (1.18, 190_000, 88_000),
    (1.31, 64_000, 120_000),
    (0.96, 9_500, 6_000),
)
"""Instructions a cycle, cache misses and branch misses a second, by stage."""


def processor_words(covered_ns: int) -> dict[str, int]:
    """The processor's counters of four threads that spin, so that cycles go on also when nothing comes."""
    words: dict[str, int] = {}
    seconds = covered_ns / 1e9
    for (name, _), (per_cycle, cache, branch) in zip(STAGES, _PROCESSOR, strict=True):
        cycles = CLOCK_GHZ * covered_ns
        swing = 0.05 * math.sin(seconds / 5)
        words |= {
            f"{name}_thread_cycles_total": int(cycles),
            f"{name}_thread_instructions_total": int(per_cycle * cycles + swing * CLOCK_GHZ * 1e9),
            f"{name}_thread_cache_misses_total": int(cache * (seconds + swing)),
            f"{name}_thread_branch_misses_total": int(branch * (seconds + swing)),
            f"{name}_thread_covered_ns_total": covered_ns,
        }
    return words


def as_words(values: Mapping[str, int]) -> NDArray[np.uint64]:
    """The reading's array; words without a value are 0."""
    topology = canned_topology()
    words = np.zeros(len(topology.words), np.uint64)
    for name, value in values.items():
        words[topology.by_name[name].index] = value
    return words
