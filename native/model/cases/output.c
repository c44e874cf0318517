/* Output's duty cycle: a cut that falls between two bundles, what it gives back, what it counts, its end. */
#include "one_stage.h"

/* A bundle of `count` transactions, ids from first_id on. */
static void push_bundle(one_stage *s, uint64_t sequence, uint64_t first_id, uint8_t count)
{
    vx_bundle bundle = {.sequence = sequence, .open_ns = 1, .close_ns = 2, .count = count};
    for (uint8_t i = 0; i < count; i++)
        bundle.transactions[i] = (vx_transaction){.id = first_id + i, .price = 1, .size = 1, .ts_ns = 1};
    vx_ring_push(&s->in, &bundle);
}

/* Upstream is empty, and has room for two bundles. */
static void setup_output(void *state)
{
    one_stage *const s = state;
    setup(s, sizeof(vx_bundle));
    vx_ring_init_over(&s->in, s->published, ITEMS, sizeof(vx_bundle));
    s->stage.out = NULL;
    s->stage.cut_copies = s->published_cut;
    s->output.no_wait = &s->histogram;
    s->output.cut_newest = &s->newest;
    s->output.expected_id = 1;
}

/* The position is the marker's in transactions: behind a bundle of two, before one of one. */
static void push_mark_push(void *state)
{
    one_stage *const s = state;
    push_bundle(s, 0, 1, 2);
    vx_marker_send(&s->marker, 1, 2);
    push_bundle(s, 1, 3, 1);
}

static void cycle_three(void *state)
{
    one_stage *const s = state;
    for (int i = 0; i < 3 && s->output.handled != 3; i++)
        vx_output_cycle(&s->output, &s->clock);
}

/* Whoever sees the cut complete sees the stage's copy. */
static void read_cut(void *state)
{
    const one_stage *const s = state;
    const uint64_t *const copy = s->published_cut + VX_CUT_WORDS;
    if (vx_cut_newest(&s->newest) != 1)
        return;
    /* Relaxed: the number has ordered them. */
    MODEL_CHECK(vx_load_relaxed(&copy[VX_OUTPUT_BUNDLES]) == 1 && vx_load_relaxed(&copy[VX_OUTPUT_IN]) == 2);
    MODEL_CHECK(vx_load_relaxed(&copy[VX_OUTPUT_IN_IDS]) == 1 + 2);
    MODEL_CHECK(vx_load_relaxed(&copy[VX_OUTPUT_DELIVERED_IDS]) == 1 + 2);
    MODEL_CHECK(vx_load_relaxed(&copy[VX_OUTPUT_DELIVERED]) == 2);
    model_see();
}

static void check_cut(void *state)
{
    one_stage *const s = state;
    cycle_three(state);
    MODEL_CHECK(s->output.handled == 3 && s->newest == 1);
    MODEL_CHECK(s->block[VX_OUTPUT_ID_GAPS] == 0 && s->block[VX_OUTPUT_SEQUENCE_GAPS] == 0);
    read_cut(state);
    vx_marker_send(&s->marker, 2, 3); /* nothing comes: a cut all the same */
    vx_output_cycle(&s->output, &s->clock);
    MODEL_CHECK(s->newest == 2);
}

const model_case output_cut = {.name = "Output, cut between two bundles",
                               .threads = 3,
                               .setup = setup_output,
                               .body = {push_mark_push, cycle_three, read_cut},
                               .check = check_cut,
                               .preemptions = 2,
                               .deep_preemptions = 20,
                               .must_see = 1};

/* Takes its time, and reads all that it is given. */
static void sink(void *context, const vx_bundle *bundles, uint32_t count)
{
    one_stage *const s = context;
    vx_plain_read(bundles, count * sizeof *bundles);
    s->clock.virtual_ns += count;
    for (uint32_t i = 0; i < count; i++)
        vx_store_relaxed(&s->noted, vx_load_relaxed(&s->noted) + bundles[i].count);
}

static void setup_full(void *state)
{
    one_stage *const s = state;
    setup_output(state);
    push_bundle(s, 0, 1, 2);
    push_bundle(s, 1, 3, 1);
    s->output.sink = sink;
    s->output.sink_context = s;
}

static void cycle_once(void *state)
{
    one_stage *const s = state;
    vx_output_cycle(&s->output, &s->clock);
}

/* Into the slot of the first: it has been read, delivered and counted. */
static void push_a_third(void *state)
{
    one_stage *const s = state;
    for (int i = 0; i < 2; i++) {
        void *slot;
        if (vx_ring_claim(&s->in, 1, &slot) == 0)
            continue;
        push_bundle(s, 2, 4, 1);
        /* Relaxed: the ring has ordered them. */
        MODEL_CHECK(vx_load_relaxed(&s->block[VX_OUTPUT_DELIVERED]) == 3);
        MODEL_CHECK(vx_load_relaxed(&s->block[VX_TIMING_RING_TAKEN]) == 2);
        model_see();
        break;
    }
}

const model_case output_gives_back = {.name = "Output, slots given back when they are delivered",
                                      .threads = 2,
                                      .setup = setup_full,
                                      .body = {cycle_once, push_a_third},
                                      .preemptions = 4,
                                      .deep_preemptions = 20,
                                      .must_see = 1};

/* By one thread: one bundle a turn; between them one is missing, and its one transaction. */
static void deliver_two(void *state)
{
    one_stage *const s = state;
    push_bundle(s, 0, 1, 2);
    vx_output_cycle(&s->output, &s->clock);
    push_bundle(s, 2, 4, 1);
    vx_output_cycle(&s->output, &s->clock);
}

static void setup_two(void *state)
{
    one_stage *const s = state;
    setup_output(state);
    s->output.sink = sink;
    s->output.sink_context = s;
}

static void read_delivered(void *state)
{
    static const uint64_t ids_of[] = {0, 1, 1 + 2, 1 + 2 + 4}; /* so many transactions */
    const one_stage *const s = state;
    uint64_t words[VX_BLOCK_WORDS];
    read_block(s->block, VELOX_OUTPUT, words);
    MODEL_CHECK(vx_load_relaxed(&s->noted) >= words[VX_OUTPUT_DELIVERED]);
    MODEL_CHECK(words[VX_OUTPUT_IN] >= words[VX_OUTPUT_DELIVERED]);
    MODEL_CHECK(words[VX_OUTPUT_IN_IDS] >= words[VX_OUTPUT_DELIVERED_IDS]);
    MODEL_CHECK(words[VX_OUTPUT_DELIVERED_IDS] >= ids_of[words[VX_OUTPUT_DELIVERED]]);
    MODEL_CHECK(words[VX_OUTPUT_IN_IDS] <= ids_of[words[VX_OUTPUT_IN]]);
    MODEL_CHECK(words[VX_OUTPUT_BUNDLES] * 2 >= words[VX_OUTPUT_IN]);
    if (words[VX_OUTPUT_SEQUENCE_GAPS] != 0)
        MODEL_CHECK(words[VX_OUTPUT_ID_GAPS] == 1);
    if (words[VX_OUTPUT_ID_GAPS] != 0)
        MODEL_CHECK(words[VX_OUTPUT_IN_IDS] == ids_of[3]);
    if (words[VX_OUTPUT_DELIVERED_IDS] == ids_of[3])
        MODEL_CHECK(words[VX_OUTPUT_SEQUENCE_GAPS] == 1);
    MODEL_CHECK(words[VX_TIMING_BUSY_NS] >= words[VX_TIMING_LONGEST_NS]);
    MODEL_CHECK(words[VX_TIMING_WORKED] >= words[VX_TIMING_BUSY_NS]);
    MODEL_CHECK(words[VX_TIMING_CYCLES] >= words[VX_TIMING_WORKED]);
    if (words[VX_OUTPUT_DELIVERED] == 2 && words[VX_TIMING_LONGEST_NS] == 1)
        model_see();
}

const model_case output_read = {.name = "Output, any reading has in >= delivered",
                                .threads = 2,
                                .setup = setup_two,
                                .body = {deliver_two, read_delivered},
                                .preemptions = 20,
                                .deep_preemptions = 20,
                                .must_see = 1};

/* The latency of what is counted has been recorded. */
static void read_latency(void *state)
{
    const one_stage *const s = state;
    uint64_t words[VX_BLOCK_WORDS];
    read_block(s->block, VELOX_OUTPUT, words);
    if (words[VX_OUTPUT_DELIVERED] == 0)
        return;
    /* Relaxed, as velox_reader_histogram loads: the counters have ordered it. Two, stamped at 1, delivered at
     * NOW_NS + 1. */
    MODEL_CHECK(vx_load_relaxed(&s->latencies.sum) >= 2 * NOW_NS);
    model_see();
}

const model_case output_latency = {.name = "Output, latencies recorded before they are counted",
                                   .threads = 2,
                                   .setup = setup_two,
                                   .body = {deliver_two, read_latency},
                                   .preemptions = 4,
                                   .deep_preemptions = 20,
                                   .must_see = 1};

/* Two were dropped behind the last that is delivered. */
static void setup_ended(void *state)
{
    one_stage *const s = state;
    setup_output(state);
    vx_ring_end(&s->in, 3);
}

static void see_finished(void *state)
{
    const one_stage *const s = state;
    if (!vx_stage_is_finished(&s->stage))
        return;
    /* Relaxed: ordered by the acquire of `finished`. */
    MODEL_CHECK(vx_load_relaxed(&s->block[VX_OUTPUT_ID_GAPS]) == 2);
    MODEL_CHECK(vx_load_relaxed(&s->block[VX_TIMING_HEARTBEAT_NS]) == NOW_NS);
    model_see();
}

const model_case output_finished = {.name = "Output, the last gap counted before it is finished",
                                    .threads = 2,
                                    .setup = setup_ended,
                                    .body = {cycle_once, see_finished},
                                    .preemptions = 20,
                                    .deep_preemptions = 20,
                                    .must_see = 1};
