#include "words.h"

#include <stdio.h>
#include <string.h>

#include "heartbeat.h"
#include "histogram.h"
#include "order_book.h"
#include "ring_memory.h"
#include "words_table.h"

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
    char prefix[24];
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

static uint64_t add_text(vx_layout *layout, uint32_t bytes, const char *name, const char *label)
{
    const uint64_t offset = vx_layout_reserve(layout, bytes);
    vx_row *row =
        vx_layout_add(layout, VELOX_KIND_TEXT, VELOX_UNIT_NONE, VELOX_ROLE_NONE, offset, bytes, name, label);
    row->param = bytes;
    return offset;
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
    places->reason = add_text(layout, VX_REASON_BYTES, "placement_reason", "why so placed");
    places->memory = add_text(layout, VX_MEMORY_TEXT, "memory", "memory");
    places->counters = add_text(layout, VX_PMU_TEXT, "hardware_counters", "hardware counters");
}

static void add_control(vx_layout *layout, vx_places *places)
{
    const uint32_t first = layout->count;
    places->control = vx_layout_reserve(layout, 8 * VX_CONTROL_WORDS);
    places->heartbeat = vx_layout_reserve(layout, sizeof(vx_heartbeat));
    add_words(layout, control_words, LENGTH(control_words), places->control, -1, -1, "");
    for (uint32_t row = first; row < layout->count; row++)
        if (layout->rows[row].role == VELOX_ROLE_CONTROL_HEARTBEAT_NS)
            layout->rows[row].source = places->heartbeat;
}

void vx_words_plan(vx_layout *layout, vx_places *places, const uint32_t ring_slots[VELOX_RINGS],
                   uint32_t levels, uint32_t ticks_per_level)
{
    vx_layout_init(layout);
    memset(places, 0, sizeof *places);
    add_topology(layout, ring_slots);
    add_control(layout, places);
    places->config = vx_layout_reserve(layout, 8 * VX_CONFIG_WORDS);
    add_words(layout, config_words, LENGTH(config_words), places->config, -1, -1, "");
    for (int32_t stage = 0; stage < VELOX_STAGES; stage++)
        add_stage(layout, places, stage);
    for (int32_t stage = 0; stage < VELOX_STAGES; stage++)
        add_cut(layout, places, stage);
    add_histograms(layout, places);
    add_book_and_log(layout, places, levels, ticks_per_level);
}

void vx_words_plan_processor(vx_layout *layout, vx_places *places, uint32_t events,
                             const int thread_of_stage[VELOX_STAGES])
{
    for (int32_t stage = 0; stage < VELOX_STAGES && events != 0; stage++) {
        char prefix[24];
        const int thread = thread_of_stage[stage];
        if (stage > 0 &&
            thread == thread_of_stage[stage - 1]) /* never descending: of an earlier stage's thread */
            continue;
        places->processor[thread] = vx_layout_reserve(layout, 8 * VX_PMU_WORDS);
        snprintf(prefix, sizeof prefix, "%s_", stage_names[stage]);
        for (uint32_t i = 0; i < LENGTH(processor_words); i++)
            if (i == VX_PMU_COVERED_NS || (events >> i & 1))
                add_words(layout, &processor_words[i], 1, places->processor[thread], stage, -1, prefix);
    }
}
