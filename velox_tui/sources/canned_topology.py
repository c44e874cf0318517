"""The engine's own topology written out, for canned Samples: the same table as native/src/words.c plans,
without it.

A test compares it with the table of a real segment.
"""

from __future__ import annotations

from functools import lru_cache

from velox_tui.telemetry.topology import (
    Histogram,
    Kind,
    Ring,
    Role,
    Stage,
    Topology,
    Unit,
    Window,
    Word,
)

STAGES = (("ingress", "Ingress"), ("order_book", "OrderBook"), ("bundle", "Bundle"), ("output", "Output"))
RINGS = (("Ingress→Book", 4096), ("Book→Bundle", 4096), ("Bundle→Output", 1024))
LEVELS, TICKS_PER_LEVEL, BASE_PRICE = 1024, 16, 1_000_000

_CONTROL = """
gauge none STATE state|state
gauge ns CONTROL_HEARTBEAT_NS heartbeat_engine_ns|heartbeat, engine clock
gauge ns CONTROL_MONOTONIC_NS heartbeat_monotonic_ns|heartbeat, monotonic
gauge none CUT_SEQUENCE cut_sequence|newest exact cut
counter none COMMANDS commands_total|commands
gauge millihz RATE_MILLIHZ rate_millihz|rate asked
gauge transactions BUNDLE_MAX bundle_max|bundle max
gauge ns BUNDLE_TIMEOUT_NS bundle_timeout_ns|bundle timeout
gauge none HOLD hold|ingress held
gauge none WAIT wait|waiting
gauge levels BEST_PAIR best_pair|best bid and ask levels
counter transactions JOURNAL_WRITTEN journal_written_total|journalled
counter transactions JOURNAL_LOST journal_full_total|not journalled, ring full
counter transactions JOURNAL_LOST journal_failed_total|not journalled, file
config none NONE config_seed|seed
config none NONE config_pattern|pattern
config none NONE config_on_full|on full
config none NONE config_threading|threading
config none NONE config_threads|stage threads
config slots NONE config_ring0_slots|ring 0 slots
config slots NONE config_ring1_slots|ring 1 slots
config slots NONE config_ring2_slots|ring 2 slots
config levels NONE config_levels|book levels a side
config price NONE config_ticks_per_level|ticks a level
config price NONE config_base_price|base price
config none NONE config_clock_kind|clock
config none NONE config_clock_hz|clock frequency
config none NONE config_memory_bytes|memory of segment and rings
config none NONE config_huge_bytes|memory in huge pages
config none NONE config_locked_bytes|memory locked
"""
_TIMING = """
counter cycles CYCLES cycles_total|duty cycles
counter cycles WORKED_CYCLES worked_cycles_total|cycles that moved something
counter cycles BLOCKED_CYCLES blocked_cycles_total|cycles blocked downstream
counter ns BUSY_NS busy_ns_total|busy
counter ns BLOCKED_NS blocked_ns_total|blocked
gauge ns LONGEST_CYCLE_NS longest_cycle_ns|longest cycle
counter none PARKS parks_total|parks of its thread
counter ns ENTRY_LATENCY_SUM_NS entry_latency_sum_ns_total|sum of latencies at entry
gauge ns HEARTBEAT_NS heartbeat_ns|last sign of life
gauge none THREAD_ID thread_id|thread
gauge none CORE core|core (+1; 0: not pinned)
"""
_RING_OUT = "counter none FULL_EVENTS full_total|found full"
_RING_IN = """
counter slots RING_TAKEN taken_total|items released
gauge slots OCCUPANCY occupancy_slots|occupancy
"""
_OWN = (
    """
counter transactions IN ingress_generated_total|generated
gauge ids ID_IN ingress_generated_id_sum|ids generated
counter transactions DROPPED ingress_dropped_total|dropped, ring full
gauge ids ID_DROPPED ingress_dropped_id_sum|ids dropped
counter transactions NONE ingress_burst_total|emitted in bursts
counter transactions NONE ingress_input_bad_side_total|input: bad side
counter transactions NONE ingress_input_bad_kind_total|input: bad kind
counter transactions NONE ingress_input_bad_price_total|input: bad price
counter transactions NONE ingress_input_bad_size_total|input: bad size
counter transactions NONE ingress_input_bad_reserved_total|input: reserved set
counter transactions NONE ingress_input_out_of_order_total|input: time backwards
counter none NONE ingress_input_wraps_total|input: started over
gauge ids ID_OUT ingress_pushed_id_sum|ids pushed
counter transactions OUT ingress_pushed_total|pushed
""",
    """
counter transactions IN order_book_in_total|taken
gauge ids ID_IN order_book_in_id_sum|ids taken
counter transactions APPLIED order_book_applied_total|applied
counter transactions REJECTED order_book_rejected_window_total|rejected: price outside
counter transactions REJECTED order_book_rejected_overflow_total|rejected: overflow
counter transactions REJECTED order_book_rejected_underflow_total|rejected: too few there
counter transactions REJECTED order_book_rejected_contention_total|rejected: contention
counter transactions REJECTED order_book_rejected_invalid_total|rejected: invalid
counter none CAS_RETRIES order_book_cas_retries_total|CAS retries
counter transactions CROSSED order_book_crossed_total|updates that left it crossed
gauge ids ID_OUT order_book_out_id_sum|ids passed on
counter transactions OUT order_book_out_total|passed on
""",
    """
counter transactions IN bundle_in_total|taken
gauge ids ID_IN bundle_in_id_sum|ids taken
counter bundles FLUSH_SIZE bundle_flush_size_total|flushed by size
counter bundles FLUSH_TIMEOUT bundle_flush_timeout_total|flushed by timeout
counter bundles FLUSH_DRAIN bundle_flush_drain_total|flushed by drain
counter bundles FLUSH_LATE bundle_flush_late_total|flushed late
counter bundles UNITS_OUT bundle_bundles_total|bundles
gauge transactions HELD bundle_open|open bundle
gauge ids ID_HELD bundle_open_id_sum|ids in the open bundle
gauge ids ID_OUT bundle_out_id_sum|ids bundled
counter transactions OUT bundle_out_total|bundled
"""
    + "".join(f"counter bundles FILL bundle_fill_{n}_total|bundles of {n}\n" for n in range(1, 17)),
    """
counter bundles UNITS_IN output_bundles_total|bundles taken
counter transactions IN output_in_total|taken
gauge ids ID_IN output_in_id_sum|ids taken
counter transactions ID_GAPS output_id_gaps_total|ids missing
counter bundles NONE output_sequence_gaps_total|bundles missing
gauge ids ID_OUT output_delivered_id_sum|ids delivered
counter transactions OUT output_delivered_total|delivered
""",
)
_PROCESSOR = """
counter cycles CPU_CYCLES thread_cycles_total|thread's cycles (user)
counter instructions CPU_INSTRUCTIONS thread_instructions_total|thread's instructions (user)
counter misses CACHE_MISSES thread_cache_misses_total|thread's cache misses (user)
counter misses BRANCH_MISSES thread_branch_misses_total|thread's branch misses (user)
counter ns CPU_COVERED_NS thread_covered_ns_total|time that these cover
"""
_EXITS = ("ingress_exit", "order_book_exit", "bundle_exit", "e2e")

_Row = tuple[Kind, Unit, Role, str, str, int | None, int | None]


def _rows(lines: str, prefix: str, stage: int | None, ring: int | None) -> list[_Row]:
    rows: list[_Row] = []
    for line in lines.strip().splitlines():
        head, label = line.split("|")
        kind, unit, role, name = head.split(" ")
        rows.append((Kind[kind.upper()], Unit[unit.upper()], Role[role], prefix + name, label, stage, ring))
    return rows


def _words() -> list[_Row]:
    rows = _rows(_CONTROL, "", None, None)
    for stage, (name, _) in enumerate(STAGES):
        rows += _rows(_TIMING, f"{name}_", stage, None)
        if stage < len(RINGS):
            rows += _rows(_RING_OUT, f"ring{stage}_", stage, stage)
        if stage:
            rows += _rows(_RING_IN, f"ring{stage - 1}_", stage, stage - 1)
        rows += _rows(_OWN[stage], "", stage, None)
    return rows


def _processor() -> list[_Row]:
    """At the table's end; there only where the processor's counters can be read."""
    return [
        row for stage, (name, _) in enumerate(STAGES) for row in _rows(_PROCESSOR, f"{name}_", stage, None)
    ]


def _histograms() -> list[_Row]:
    rows: list[_Row] = []
    for stage, (name, _) in enumerate(STAGES):
        about: tuple[tuple[Unit, Role, str, str], ...] = (
            (Unit.NS, Role.LATENCY_EXIT, _EXITS[stage], "since intended arrival"),
            (Unit.NS, Role.SERVICE, f"{name}_service", "service time a batch"),
            (Unit.SLOTS, Role.BATCH, f"{name}_batch", "items a batch"),
        )
        rows += [
            (Kind.HISTOGRAM, unit, role, named, label, stage, None) for unit, role, named, label in about
        ]
    for ring in range(len(RINGS)):
        name = f"ring{ring}_occupancy"
        rows.append((Kind.HISTOGRAM, Unit.SLOTS, Role.OCCUPANCY, name, "occupancy found", None, ring))
    last = len(STAGES) - 1
    without, late, jitter = "without the bundle wait", "generator's lateness", "control thread's lateness"
    rows.append((Kind.HISTOGRAM, Unit.NS, Role.LATENCY_NO_WAIT, "e2e_no_wait", without, last, None))
    rows.append((Kind.HISTOGRAM, Unit.NS, Role.LATENESS, "ingress_lateness", late, 0, None))
    rows.append((Kind.HISTOGRAM, Unit.NS, Role.JITTER, "control_jitter", jitter, None, None))
    return rows


@lru_cache(maxsize=1)
def canned_topology() -> Topology:
    """Ingress → OrderBook → Bundle → Output over rings of 4096, 4096 and 1024 slots, at the engine's
    defaults.
    """
    words = _words()
    first_histogram = len(STAGES) + len(RINGS) + len(words) + len(STAGES)
    histograms = _histograms()
    return Topology(
        tuple(Stage(index, name, label) for index, (name, label) in enumerate(STAGES)),
        tuple(
            Ring(i, f"ring{i}", label, i, i + 1, slots, Unit.BUNDLES if i == 2 else Unit.TRANSACTIONS)
            for i, (label, slots) in enumerate(RINGS)
        ),
        tuple(
            Word(index, name, label, kind, unit, role, stage, ring)
            for index, (kind, unit, role, name, label, stage, ring) in enumerate([*words, *_processor()])
        ),
        tuple(
            Histogram(index, name, label, unit, role, stage, ring, first_histogram + index)
            for index, (_, unit, role, name, label, stage, ring) in enumerate(histograms)
        ),
        Window(LEVELS, TICKS_PER_LEVEL, BASE_PRICE, first_histogram + len(histograms)),
        (
            ("placement_reason", "four usable cores: dedicated threads"),
            ("memory", "segment 632 KB, rings 832 KB; no huge pages; not locked"),
            (
                "hardware_counters",
                "cycles, instructions, cache misses, branch misses of each stage thread, in user space",
            ),
        ),
    )
