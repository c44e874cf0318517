#include "words.h"

#include <stdio.h>
#include <string.h>

#include "histogram.h"
#include "order_book.h"

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
};

static const char *const stage_names[VELOX_STAGES] = {"ingress", "order_book", "bundle", "output"};
static const char *const stage_labels[VELOX_STAGES] = {"Ingress", "OrderBook", "Bundle", "Output"};
static const char *const ring_labels[VELOX_RINGS] = {"Ingress\342\206\222Book", "Book\342\206\222Bundle",
                                                     "Bundle\342\206\222Output"};

static void add_words(vx_layout *layout, const word *words, uint32_t count, uint64_t block, int32_t stage,
                      int32_t ring, const char *prefix)
{
    for (uint32_t i = 0; i < count; i++) {
        char name[VELOX_NAME_BYTES];
        snprintf(name, sizeof name, "%s%s", prefix, words[i].name);
        vx_row *row = vx_layout_add(layout, words[i].kind, words[i].unit, words[i].role,
                                    block + 8 * (uint64_t)words[i].index, 8, name, words[i].label);
        row->stage = stage;
        row->ring = ring;
    }
}

static void add_fill(vx_layout *layout, uint64_t block)
{
    for (uint32_t i = 0; i < VELOX_BUNDLE_CAPACITY; i++) {
        char name[VELOX_NAME_BYTES];
        char label[VELOX_LABEL_BYTES];
        snprintf(name, sizeof name, "bundle_fill_%u_total", i + 1);
        snprintf(label, sizeof label, "bundles of %u", i + 1);
        vx_row *row = vx_layout_add(layout, VELOX_KIND_COUNTER, VELOX_UNIT_BUNDLES, VELOX_ROLE_FILL,
                                    block + 8 * (uint64_t)(VX_BUNDLE_FILL + i), 8, name, label);
        row->stage = VELOX_BUNDLE;
    }
}

static void add_stage(vx_layout *layout, vx_places *places, int32_t stage)
{
    static const struct {
        const word *words;
        uint32_t count;
    } own[VELOX_STAGES] = {{ingress_words, LENGTH(ingress_words)},
                           {book_words, LENGTH(book_words)},
                           {bundle_words, LENGTH(bundle_words)},
                           {output_words, LENGTH(output_words)}};
    char prefix[VELOX_NAME_BYTES];
    const uint64_t block = vx_layout_reserve(layout, 8 * VX_BLOCK_WORDS);
    places->blocks[stage] = block;
    snprintf(prefix, sizeof prefix, "%s_", stage_names[stage]);
    add_words(layout, timing_words, LENGTH(timing_words), block, stage, -1, prefix);
    if (stage + 1 < VELOX_STAGES) {
        snprintf(prefix, sizeof prefix, "ring%d_", stage);
        add_words(layout, ring_out_words, LENGTH(ring_out_words), block, stage, stage, prefix);
    }
    if (stage > 0) {
        snprintf(prefix, sizeof prefix, "ring%d_", stage - 1);
        add_words(layout, ring_in_words, LENGTH(ring_in_words), block, stage, stage - 1, prefix);
    }
    add_words(layout, own[stage].words, own[stage].count, block, stage, -1, "");
    if (stage == VELOX_BUNDLE)
        add_fill(layout, block);
}

static void add_cut(vx_layout *layout, vx_places *places, int32_t stage)
{
    char name[VELOX_NAME_BYTES];
    const uint64_t bytes = 2 * 8 * VX_CUT_WORDS;
    places->cuts[stage] = vx_layout_reserve(layout, bytes);
    snprintf(name, sizeof name, "%s_cut", stage_names[stage]);
    vx_row *row = vx_layout_add(layout, VELOX_KIND_CUT, VELOX_UNIT_NONE, VELOX_ROLE_NONE, places->cuts[stage],
                                bytes, name, "exact cut");
    row->stage = stage;
    row->param = VX_CUT_WORDS;
    row->source = places->blocks[stage];
}

static uint64_t add_histogram(vx_layout *layout, velox_unit unit, velox_role role, int32_t stage,
                              int32_t ring, const char *name, const char *label)
{
    const uint64_t offset = vx_layout_reserve(layout, sizeof(vx_histogram));
    vx_row *row =
        vx_layout_add(layout, VELOX_KIND_HISTOGRAM, unit, role, offset, sizeof(vx_histogram), name, label);
    row->stage = stage;
    row->ring = ring;
    return offset;
}

static void add_histograms(vx_layout *layout, vx_places *places)
{
    static const char *const exits[VELOX_STAGES] = {"ingress_exit", "order_book_exit", "bundle_exit", "e2e"};
    char name[VELOX_NAME_BYTES];
    for (int32_t stage = 0; stage < VELOX_STAGES; stage++) {
        places->latency[stage] = add_histogram(layout, VELOX_UNIT_NS, VELOX_ROLE_LATENCY_EXIT, stage, -1,
                                               exits[stage], "since intended arrival");
        snprintf(name, sizeof name, "%s_service", stage_names[stage]);
        places->service[stage] =
            add_histogram(layout, VELOX_UNIT_NS, VELOX_ROLE_SERVICE, stage, -1, name, "service time a batch");
        snprintf(name, sizeof name, "%s_batch", stage_names[stage]);
        places->batch[stage] =
            add_histogram(layout, VELOX_UNIT_SLOTS, VELOX_ROLE_BATCH, stage, -1, name, "items a batch");
    }
    for (int32_t ring = 0; ring < VELOX_RINGS; ring++) {
        snprintf(name, sizeof name, "ring%d_occupancy", ring);
        places->occupancy[ring] =
            add_histogram(layout, VELOX_UNIT_SLOTS, VELOX_ROLE_OCCUPANCY, -1, ring, name, "occupancy found");
    }
    places->no_wait = add_histogram(layout, VELOX_UNIT_NS, VELOX_ROLE_LATENCY_NO_WAIT, VELOX_OUTPUT, -1,
                                    "e2e_no_wait", "without the bundle wait");
    places->lateness = add_histogram(layout, VELOX_UNIT_NS, VELOX_ROLE_LATENESS, VELOX_INGRESS, -1,
                                     "ingress_lateness", "generator's lateness");
    places->jitter = add_histogram(layout, VELOX_UNIT_NS, VELOX_ROLE_JITTER, -1, -1, "control_jitter",
                                   "control thread's lateness");
}

static void add_topology(vx_layout *layout, const uint32_t ring_slots[VELOX_RINGS])
{
    for (int32_t stage = 0; stage < VELOX_STAGES; stage++) {
        vx_row *row = vx_layout_add(layout, VELOX_KIND_STAGE, VELOX_UNIT_NONE, VELOX_ROLE_NONE, 0, 0,
                                    stage_names[stage], stage_labels[stage]);
        row->stage = stage;
    }
    for (int32_t ring = 0; ring < VELOX_RINGS; ring++) {
        char name[VELOX_NAME_BYTES];
        snprintf(name, sizeof name, "ring%d", ring);
        vx_row *row =
            vx_layout_add(layout, VELOX_KIND_RING, ring < 2 ? VELOX_UNIT_TRANSACTIONS : VELOX_UNIT_BUNDLES,
                          VELOX_ROLE_NONE, 0, 0, name, ring_labels[ring]);
        row->ring = ring;
        row->stage = ring;
        row->param = ring_slots[ring];
    }
}

static void add_book_and_log(vx_layout *layout, vx_places *places, uint32_t levels, uint32_t ticks_per_level)
{
    const uint64_t book_bytes = 2 * (uint64_t)levels * sizeof(vx_level);
    const uint64_t log_bytes = 4 * 8 * VX_LOG_RECORDS;
    places->book = vx_layout_reserve(layout, book_bytes);
    vx_row *row = vx_layout_add(layout, VELOX_KIND_BOOK, VELOX_UNIT_LEVELS, VELOX_ROLE_NONE, places->book,
                                book_bytes, "book", "order book");
    row->stage = VELOX_ORDER_BOOK;
    row->param = levels;
    row->source = ticks_per_level;
    places->log = vx_layout_reserve(layout, log_bytes);
    row = vx_layout_add(layout, VELOX_KIND_LOG, VELOX_UNIT_NONE, VELOX_ROLE_NONE, places->log, log_bytes,
                        "command_log", "commands");
    row->param = VX_LOG_RECORDS;
    places->reason = vx_layout_reserve(layout, VX_REASON_BYTES);
    row = vx_layout_add(layout, VELOX_KIND_TEXT, VELOX_UNIT_NONE, VELOX_ROLE_NONE, places->reason,
                        VX_REASON_BYTES, "placement_reason", "why so placed");
    row->param = VX_REASON_BYTES;
}

void vx_words_plan(vx_layout *layout, vx_places *places, const uint32_t ring_slots[VELOX_RINGS],
                   uint32_t levels, uint32_t ticks_per_level)
{
    vx_layout_init(layout);
    memset(places, 0, sizeof *places);
    add_topology(layout, ring_slots);
    places->control = vx_layout_reserve(layout, 8 * VX_CONTROL_WORDS);
    add_words(layout, control_words, LENGTH(control_words), places->control, -1, -1, "");
    places->config = vx_layout_reserve(layout, 8 * VX_CONFIG_WORDS);
    add_words(layout, config_words, LENGTH(config_words), places->config, -1, -1, "");
    for (int32_t stage = 0; stage < VELOX_STAGES; stage++)
        add_stage(layout, places, stage);
    for (int32_t stage = 0; stage < VELOX_STAGES; stage++)
        add_cut(layout, places, stage);
    add_histograms(layout, places);
    add_book_and_log(layout, places, levels, ticks_per_level);
}
