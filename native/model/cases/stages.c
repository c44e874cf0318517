/* The stages' own duty cycles: who sees what a stage published sees it counted, and who sees any word of a
 * turn sees the turn counted. */
#include "one_stage.h"

static void setup_bundler(void *state)
{
    one_stage *const s = state;
    setup(s, sizeof(vx_bundle));
    vx_builder_init(&s->bundler.builder, ITEMS, 1000);
    /* As if an earlier turn had left them; this one leaves none. */
    s->block[VX_BUNDLE_HELD] = s->block[VX_BUNDLE_HELD_IDS] = 1;
}

static void cycle_bundler(void *state)
{
    one_stage *const s = state;
    MODEL_CHECK(vx_bundler_cycle(&s->bundler, &s->clock).work == ITEMS + 1);
}

/* Words of the block that must be there, ended by none. Relaxed: what is asked is whether the ring, or
 * another word, has ordered them. */
static void check_counted(one_stage *s, const uint32_t *words, const uint64_t *values)
{
    for (int i = 0; values[i] != 0; i++)
        MODEL_CHECK(vx_load_relaxed(&s->block[words[i]]) == values[i]);
    model_see();
}

/* What the stage has published is read whole, and is counted. */
static void take_transactions(one_stage *s, const uint32_t *words, const uint64_t *values)
{
    void *items;
    const uint32_t found = vx_ring_peek(&s->out, ITEMS, &items);
    if (found == 0)
        return;
    vx_plain_read(items, found * sizeof(vx_transaction));
    check_counted(s, words, values);
}

static void take_from_order_book(void *state)
{
    static const uint32_t words[] = {VX_BOOK_IN, VX_BOOK_IN_IDS, VX_BOOK_APPLIED, VX_BOOK_OUT_IDS,
                                     VX_BOOK_OUT};
    static const uint64_t values[] = {ITEMS, 1 + 2, ITEMS, 1 + 2, ITEMS, 0};
    take_transactions(state, words, values);
}

static void setup_ingress(void *state)
{
    static vx_flow flow;
    one_stage *const s = state;
    if (flow.nodes == NULL)
        vx_flow_init(&flow, 1, LEVELS, 1, 1, 0);
    setup(s, sizeof(vx_transaction));
    s->ingress.flow = flow;
    s->ingress.next_id = 1;
    s->ingress.lateness = &s->histogram;
    s->ingress.on_full = VELOX_BLOCK;
    vx_schedule_init(&s->ingress.schedule, VELOX_MAX, 1000, 1, 0);
}

static void cycle_ingress(void *state)
{
    one_stage *const s = state;
    MODEL_CHECK(vx_ingress_cycle(&s->ingress, &s->clock).work == ITEMS);
}

static void take_from_ingress(void *state)
{
    static const uint32_t words[] = {VX_INGRESS_GENERATED, VX_INGRESS_GENERATED_IDS, VX_INGRESS_PUSHED_IDS,
                                     VX_INGRESS_PUSHED};
    static const uint64_t values[] = {ITEMS, 1 + 2, 1 + 2, ITEMS, 0};
    take_transactions(state, words, values);
}

static void take_from_bundler(void *state)
{
    static const uint32_t words[] = {
        VX_BUNDLE_IN,      VX_BUNDLE_IN_IDS,  VX_BUNDLE_FLUSH_SIZE, VX_BUNDLE_FILL + ITEMS - 1,
        VX_BUNDLE_BUNDLES, VX_BUNDLE_OUT_IDS, VX_BUNDLE_OUT};
    static const uint64_t values[] = {ITEMS, 1 + 2, 1, 1, 1, 1 + 2, ITEMS, 0};
    one_stage *const s = state;
    void *items;
    if (vx_ring_peek(&s->out, 1, &items) != 0)
        check_counted(s, words, values);
}

static void read_signs(void *state)
{
    one_stage *const s = state;
    /* As the segment's reader does: every word with acquire. */
    if (vx_load_acquire(&s->block[VX_TIMING_HEARTBEAT_NS]) != 0)
        MODEL_CHECK(vx_load_relaxed(&s->block[VX_TIMING_WORKED]) == 1);
    if (vx_load_acquire(&s->block[VX_TIMING_RING_OCCUPANCY]) != 0)
        MODEL_CHECK(vx_load_relaxed(&s->block[VX_TIMING_CYCLES]) == 1);
}

static void read_held(void *state)
{
    one_stage *const s = state;
    /* As the segment's reader does: every word with acquire. */
    if (vx_load_acquire(&s->block[VX_BUNDLE_HELD_IDS]) == 0)
        MODEL_CHECK(vx_load_relaxed(&s->block[VX_BUNDLE_BUNDLES]) == 1);
    if (vx_load_acquire(&s->block[VX_BUNDLE_HELD]) == 0)
        MODEL_CHECK(vx_load_relaxed(&s->block[VX_BUNDLE_FILL + ITEMS - 1]) == 1);
    if (vx_load_acquire(&s->block[VX_BUNDLE_FILL + ITEMS - 1]) != 0)
        MODEL_CHECK(vx_load_relaxed(&s->block[VX_BUNDLE_IN]) == ITEMS);
    read_signs(state);
}

const model_case stage_order_book = {.name = "OrderBook, counted before it is published",
                                     .threads = 3,
                                     .setup = setup_order_book,
                                     .body = {cycle_order_book, take_from_order_book, read_signs},
                                     .preemptions = 2,
                                     .deep_preemptions = 4,
                                     .must_see = 1};

/* One transaction is in the bundle under way, when the flow ends. */
static void setup_open(void *state)
{
    one_stage *const s = state;
    vx_transaction any;
    setup_bundler(state);
    vx_ring_pop(&s->in, &any);
    MODEL_CHECK(vx_bundler_cycle(&s->bundler, &s->clock).work == 1);
}

static void end_flow(void *state)
{
    vx_ring_end(&((one_stage *)state)->in, 1 + ITEMS);
}

static void cycle_to_end(void *state)
{
    one_stage *const s = state;
    s->clock.virtual_ns = NOW_NS + 1;
    for (int i = 0; i < 4 && !vx_stage_is_finished(&s->stage); i++)
        vx_bundler_cycle(&s->bundler, &s->clock);
}

static void read_sign_of_idle(void *state)
{
    one_stage *const s = state;
    /* As the segment's reader does: every word with acquire. */
    if (vx_load_acquire(&s->block[VX_TIMING_HEARTBEAT_NS]) > NOW_NS)
        MODEL_CHECK(vx_load_relaxed(&s->block[VX_TIMING_CYCLES]) > 1);
}

static void check_flushed(void *state)
{
    one_stage *const s = state;
    uint64_t next_id = 0;
    void *items;
    cycle_to_end(state);
    MODEL_CHECK(vx_stage_is_finished(&s->stage));
    MODEL_CHECK(s->block[VX_BUNDLE_FLUSH_DRAIN] == 1 && s->block[VX_BUNDLE_OUT] == 1);
    MODEL_CHECK(vx_ring_peek(&s->out, 1, &items) == 1 && !vx_ring_ended(&s->out, &next_id));
    vx_ring_release(&s->out, 1);
    MODEL_CHECK(vx_ring_ended(&s->out, &next_id) && next_id == 1 + ITEMS);
}

const model_case stage_bundle_end = {.name = "Bundle, the flow ends with one open",
                                     .threads = 3,
                                     .setup = setup_open,
                                     .body = {end_flow, cycle_to_end, read_sign_of_idle},
                                     .check = check_flushed,
                                     .preemptions = 20,
                                     .deep_preemptions = 20};

const model_case stage_bundle = {.name = "Bundle, counted before it is published",
                                 .threads = 3,
                                 .setup = setup_bundler,
                                 .body = {cycle_bundler, take_from_bundler, read_held},
                                 .preemptions = 2,
                                 .deep_preemptions = 4,
                                 .must_see = 1};

const model_case stage_ingress = {.name = "Ingress, counted before it is published",
                                  .threads = 3,
                                  .setup = setup_ingress,
                                  .body = {cycle_ingress, take_from_ingress, read_signs},
                                  .preemptions = 2,
                                  .deep_preemptions = 4,
                                  .must_see = 1};
