/* The rows of every word, by stage. Included by words.c alone. */
#ifndef VX_WORDS_TABLE_H
#define VX_WORDS_TABLE_H
#include "words.h"

typedef struct word {
    uint32_t index;
    velox_kind kind;
    velox_unit unit;
    velox_role role;
    const char *name;
    const char *label;
} word;

#define COUNT(index, unit, role, name, label)                                                                \
    {                                                                                                        \
        index, VELOX_KIND_COUNTER, VELOX_UNIT_##unit, VELOX_ROLE_##role, name, label                         \
    }
#define GAUGE(index, unit, role, name, label)                                                                \
    {                                                                                                        \
        index, VELOX_KIND_GAUGE, VELOX_UNIT_##unit, VELOX_ROLE_##role, name, label                           \
    }
#define CONFIG(index, unit, name, label)                                                                     \
    {                                                                                                        \
        index, VELOX_KIND_CONFIG, VELOX_UNIT_##unit, VELOX_ROLE_NONE, name, label                            \
    }
#define LENGTH(array) (uint32_t)(sizeof(array) / sizeof((array)[0]))

static const word ingress_words[] = {
    COUNT(VX_INGRESS_GENERATED, TRANSACTIONS, IN, "ingress_generated_total", "generated"),
    GAUGE(VX_INGRESS_GENERATED_IDS, IDS, ID_IN, "ingress_generated_id_sum", "ids generated"),
    COUNT(VX_INGRESS_DROPPED, TRANSACTIONS, DROPPED, "ingress_dropped_total", "dropped, ring full"),
    GAUGE(VX_INGRESS_DROPPED_IDS, IDS, ID_DROPPED, "ingress_dropped_id_sum", "ids dropped"),
    COUNT(VX_INGRESS_BURST, TRANSACTIONS, NONE, "ingress_burst_total", "emitted in bursts"),
    COUNT(VX_INGRESS_BAD_SIDE, TRANSACTIONS, NONE, "ingress_input_bad_side_total", "input: bad side"),
    COUNT(VX_INGRESS_BAD_KIND, TRANSACTIONS, NONE, "ingress_input_bad_kind_total", "input: bad kind"),
    COUNT(VX_INGRESS_BAD_PRICE, TRANSACTIONS, NONE, "ingress_input_bad_price_total", "input: bad price"),
    COUNT(VX_INGRESS_BAD_SIZE, TRANSACTIONS, NONE, "ingress_input_bad_size_total", "input: bad size"),
    COUNT(VX_INGRESS_BAD_RESERVED, TRANSACTIONS, NONE, "ingress_input_bad_reserved_total",
          "input: reserved set"),
    COUNT(VX_INGRESS_OUT_OF_ORDER, TRANSACTIONS, NONE, "ingress_input_out_of_order_total",
          "input: time backwards"),
    COUNT(VX_INGRESS_WRAPS, NONE, NONE, "ingress_input_wraps_total", "input: started over"),
    GAUGE(VX_INGRESS_PUSHED_IDS, IDS, ID_OUT, "ingress_pushed_id_sum", "ids pushed"),
    COUNT(VX_INGRESS_PUSHED, TRANSACTIONS, OUT, "ingress_pushed_total", "pushed"),
};

static const word book_words[] = {
    COUNT(VX_BOOK_IN, TRANSACTIONS, IN, "order_book_in_total", "taken"),
    GAUGE(VX_BOOK_IN_IDS, IDS, ID_IN, "order_book_in_id_sum", "ids taken"),
    COUNT(VX_BOOK_APPLIED, TRANSACTIONS, APPLIED, "order_book_applied_total", "applied"),
    COUNT(VX_BOOK_REJECTED_WINDOW, TRANSACTIONS, REJECTED, "order_book_rejected_window_total",
          "rejected: price outside"),
    COUNT(VX_BOOK_REJECTED_OVERFLOW, TRANSACTIONS, REJECTED, "order_book_rejected_overflow_total",
          "rejected: overflow"),
    COUNT(VX_BOOK_REJECTED_UNDERFLOW, TRANSACTIONS, REJECTED, "order_book_rejected_underflow_total",
          "rejected: too few there"),
    COUNT(VX_BOOK_REJECTED_CONTENTION, TRANSACTIONS, REJECTED, "order_book_rejected_contention_total",
          "rejected: contention"),
    COUNT(VX_BOOK_REJECTED_INVALID, TRANSACTIONS, REJECTED, "order_book_rejected_invalid_total",
          "rejected: invalid"),
    COUNT(VX_BOOK_CAS_RETRIES, NONE, CAS_RETRIES, "order_book_cas_retries_total", "CAS retries"),
    COUNT(VX_BOOK_CROSSED, TRANSACTIONS, CROSSED, "order_book_crossed_total", "updates that left it crossed"),
    GAUGE(VX_BOOK_OUT_IDS, IDS, ID_OUT, "order_book_out_id_sum", "ids passed on"),
    COUNT(VX_BOOK_OUT, TRANSACTIONS, OUT, "order_book_out_total", "passed on"),
};

static const word bundle_words[] = {
    COUNT(VX_BUNDLE_IN, TRANSACTIONS, IN, "bundle_in_total", "taken"),
    GAUGE(VX_BUNDLE_IN_IDS, IDS, ID_IN, "bundle_in_id_sum", "ids taken"),
    COUNT(VX_BUNDLE_FLUSH_SIZE, BUNDLES, FLUSH_SIZE, "bundle_flush_size_total", "flushed by size"),
    COUNT(VX_BUNDLE_FLUSH_TIMEOUT, BUNDLES, FLUSH_TIMEOUT, "bundle_flush_timeout_total",
          "flushed by timeout"),
    COUNT(VX_BUNDLE_FLUSH_DRAIN, BUNDLES, FLUSH_DRAIN, "bundle_flush_drain_total", "flushed by drain"),
    COUNT(VX_BUNDLE_FLUSH_LATE, BUNDLES, FLUSH_LATE, "bundle_flush_late_total", "flushed late"),
    COUNT(VX_BUNDLE_BUNDLES, BUNDLES, UNITS_OUT, "bundle_bundles_total", "bundles"),
    GAUGE(VX_BUNDLE_HELD, TRANSACTIONS, HELD, "bundle_open", "open bundle"),
    GAUGE(VX_BUNDLE_HELD_IDS, IDS, ID_HELD, "bundle_open_id_sum", "ids in the open bundle"),
    GAUGE(VX_BUNDLE_OUT_IDS, IDS, ID_OUT, "bundle_out_id_sum", "ids bundled"),
    COUNT(VX_BUNDLE_OUT, TRANSACTIONS, OUT, "bundle_out_total", "bundled"),
};

static const word output_words[] = {
    COUNT(VX_OUTPUT_BUNDLES, BUNDLES, UNITS_IN, "output_bundles_total", "bundles taken"),
    COUNT(VX_OUTPUT_IN, TRANSACTIONS, IN, "output_in_total", "taken"),
    GAUGE(VX_OUTPUT_IN_IDS, IDS, ID_IN, "output_in_id_sum", "ids taken"),
    COUNT(VX_OUTPUT_ID_GAPS, TRANSACTIONS, ID_GAPS, "output_id_gaps_total", "ids missing"),
    COUNT(VX_OUTPUT_SEQUENCE_GAPS, BUNDLES, NONE, "output_sequence_gaps_total", "bundles missing"),
    GAUGE(VX_OUTPUT_DELIVERED_IDS, IDS, ID_OUT, "output_delivered_id_sum", "ids delivered"),
    COUNT(VX_OUTPUT_DELIVERED, TRANSACTIONS, OUT, "output_delivered_total", "delivered"),
};

/* Names take the stage's (or, for ring words, the ring's) before them. */
static const word timing_words[] = {
    COUNT(VX_TIMING_CYCLES, CYCLES, CYCLES, "cycles_total", "duty cycles"),
    COUNT(VX_TIMING_WORKED, CYCLES, WORKED_CYCLES, "worked_cycles_total", "cycles that moved something"),
    COUNT(VX_TIMING_BLOCKED, CYCLES, BLOCKED_CYCLES, "blocked_cycles_total", "cycles blocked downstream"),
    COUNT(VX_TIMING_BUSY_NS, NS, BUSY_NS, "busy_ns_total", "busy"),
    COUNT(VX_TIMING_BLOCKED_NS, NS, BLOCKED_NS, "blocked_ns_total", "blocked"),
    GAUGE(VX_TIMING_LONGEST_NS, NS, LONGEST_CYCLE_NS, "longest_cycle_ns", "longest cycle"),
    COUNT(VX_TIMING_PARKS, NONE, PARKS, "parks_total", "parks of its thread"),
    COUNT(VX_TIMING_ENTRY_SUM_NS, NS, ENTRY_LATENCY_SUM_NS, "entry_latency_sum_ns_total",
          "sum of latencies at entry"),
    GAUGE(VX_TIMING_HEARTBEAT_NS, NS, HEARTBEAT_NS, "heartbeat_ns", "last sign of life"),
    GAUGE(VX_TIMING_THREAD_ID, NONE, THREAD_ID, "thread_id", "thread"),
    GAUGE(VX_TIMING_CORE, NONE, CORE, "core", "core (+1; 0: not pinned)"),
};

/* Of a stage's thread, which may be other stages' as well. */
static const word processor_words[] = {
    COUNT(VX_PMU_CYCLES, CYCLES, CPU_CYCLES, "thread_cycles_total", "thread's cycles (user)"),
    COUNT(VX_PMU_INSTRUCTIONS, INSTRUCTIONS, CPU_INSTRUCTIONS, "thread_instructions_total",
          "thread's instructions (user)"),
    COUNT(VX_PMU_CACHE_MISSES, MISSES, CACHE_MISSES, "thread_cache_misses_total",
          "thread's cache misses (user)"),
    COUNT(VX_PMU_BRANCH_MISSES, MISSES, BRANCH_MISSES, "thread_branch_misses_total",
          "thread's branch misses (user)"),
    COUNT(VX_PMU_COVERED_NS, NS, CPU_COVERED_NS, "thread_covered_ns_total", "time that these cover"),
};

static const word ring_in_words[] = {
    COUNT(VX_TIMING_RING_TAKEN, SLOTS, RING_TAKEN, "taken_total", "items released"),
    GAUGE(VX_TIMING_RING_OCCUPANCY, SLOTS, OCCUPANCY, "occupancy_slots", "occupancy"),
};

static const word ring_out_words[] = {
    COUNT(VX_TIMING_RING_FULL, NONE, FULL_EVENTS, "full_total", "found full"),
};

static const word control_words[] = {
    GAUGE(VX_CONTROL_STATE, NONE, STATE, "state", "state"),
    GAUGE(VX_CONTROL_HEARTBEAT_NS, NS, CONTROL_HEARTBEAT_NS, "heartbeat_engine_ns",
          "heartbeat, engine clock"),
    GAUGE(VX_CONTROL_MONOTONIC_NS, NS, CONTROL_MONOTONIC_NS, "heartbeat_monotonic_ns",
          "heartbeat, monotonic"),
    GAUGE(VX_CONTROL_CUT_SEQUENCE, NONE, CUT_SEQUENCE, "cut_sequence", "newest exact cut"),
    COUNT(VX_CONTROL_COMMANDS, NONE, COMMANDS, "commands_total", "commands"),
    GAUGE(VX_CONTROL_RATE_MILLIHZ, MILLIHZ, RATE_MILLIHZ, "rate_millihz", "rate asked"),
    GAUGE(VX_CONTROL_BUNDLE_MAX, TRANSACTIONS, BUNDLE_MAX, "bundle_max", "bundle max"),
    GAUGE(VX_CONTROL_BUNDLE_TIMEOUT_NS, NS, BUNDLE_TIMEOUT_NS, "bundle_timeout_ns", "bundle timeout"),
    GAUGE(VX_CONTROL_HOLD, NONE, HOLD, "hold", "ingress held"),
    GAUGE(VX_CONTROL_WAIT, NONE, WAIT, "wait", "waiting"),
    GAUGE(VX_CONTROL_BEST_PAIR, LEVELS, BEST_PAIR, "best_pair", "best bid and ask levels"),
    COUNT(VX_CONTROL_JOURNAL_WRITTEN, TRANSACTIONS, JOURNAL_WRITTEN, "journal_written_total", "journalled"),
    COUNT(VX_CONTROL_JOURNAL_FULL, TRANSACTIONS, JOURNAL_LOST, "journal_full_total",
          "not journalled, ring full"),
    COUNT(VX_CONTROL_JOURNAL_FAILED, TRANSACTIONS, JOURNAL_LOST, "journal_failed_total",
          "not journalled, file"),
};

static const word config_words[] = {
    CONFIG(VX_CONFIG_SEED, NONE, "config_seed", "seed"),
    CONFIG(VX_CONFIG_PATTERN, NONE, "config_pattern", "pattern"),
    CONFIG(VX_CONFIG_ON_FULL, NONE, "config_on_full", "on full"),
    CONFIG(VX_CONFIG_THREADING, NONE, "config_threading", "threading"),
    CONFIG(VX_CONFIG_THREADS, NONE, "config_threads", "stage threads"),
    CONFIG(VX_CONFIG_RING0_SLOTS, SLOTS, "config_ring0_slots", "ring 0 slots"),
    CONFIG(VX_CONFIG_RING1_SLOTS, SLOTS, "config_ring1_slots", "ring 1 slots"),
    CONFIG(VX_CONFIG_RING2_SLOTS, SLOTS, "config_ring2_slots", "ring 2 slots"),
    CONFIG(VX_CONFIG_LEVELS, LEVELS, "config_levels", "book levels a side"),
    CONFIG(VX_CONFIG_TICKS_PER_LEVEL, PRICE, "config_ticks_per_level", "ticks a level"),
    CONFIG(VX_CONFIG_BASE_PRICE, PRICE, "config_base_price", "base price"),
    CONFIG(VX_CONFIG_CLOCK_KIND, NONE, "config_clock_kind", "clock"),
    CONFIG(VX_CONFIG_CLOCK_HZ, NONE, "config_clock_hz", "clock frequency"),
    CONFIG(VX_CONFIG_MEMORY_BYTES, NONE, "config_memory_bytes", "memory of segment and rings"),
    CONFIG(VX_CONFIG_HUGE_BYTES, NONE, "config_huge_bytes", "memory in huge pages"),
    CONFIG(VX_CONFIG_LOCKED_BYTES, NONE, "config_locked_bytes", "memory locked"),
};

#endif
