/* Bundle's duty cycle: what it holds, publishes, gives back and cuts. */
#include "one_stage.h"

static void cycle_bundler(void *state)
{
    one_stage *const s = state;
    MODEL_CHECK(vx_bundler_cycle(&s->bundler, &s->clock).work == ITEMS + 1);
}

/* What the stage has published is read whole, and is counted. */
static void take_bundle(void *state)
{
    static const uint64_t expected[VX_CUT_WORDS] = {
        [VX_BUNDLE_IN] = ITEMS,  [VX_BUNDLE_IN_IDS] = 1 + 2,       [VX_BUNDLE_FLUSH_SIZE] = 1,
        [VX_BUNDLE_BUNDLES] = 1, [VX_BUNDLE_FILL + ITEMS - 1] = 1, [VX_BUNDLE_OUT_IDS] = 1 + 2,
        [VX_BUNDLE_OUT] = ITEMS};
    one_stage *const s = state;
    void *items;
    if (vx_ring_peek(&s->out, 1, &items) == 0)
        return;
    const vx_bundle *const bundle = items;
    vx_plain_read(bundle, offsetof(vx_bundle, transactions) + ITEMS * sizeof(vx_transaction));
    MODEL_CHECK(bundle->count == ITEMS && bundle->close_ns == NOW_NS);
    /* Relaxed: the ring has ordered them. */
    for (uint32_t i = 0; i <= VX_BUNDLE_OUT; i++)
        MODEL_CHECK(vx_load_relaxed(&s->block[i]) == expected[i]);
    model_see();
}

static void read_turn(void *state)
{
    const one_stage *const s = state;
    uint64_t words[VX_BLOCK_WORDS];
    read_block(s->block, VELOX_BUNDLE, words);
    if (words[VX_BUNDLE_HELD_IDS] == 0)
        MODEL_CHECK(words[VX_BUNDLE_BUNDLES] == 1);
    if (words[VX_BUNDLE_HELD] == 0)
        MODEL_CHECK(words[VX_BUNDLE_IN] == ITEMS);
    if (words[VX_TIMING_HEARTBEAT_NS] != 0)
        MODEL_CHECK(words[VX_TIMING_WORKED] == 1);
    if (words[VX_TIMING_RING_OCCUPANCY] != 0)
        MODEL_CHECK(words[VX_TIMING_CYCLES] == 1);
    if (words[VX_BUNDLE_OUT] == 0 && words[VX_BUNDLE_HELD] == 0)
        model_see();
}

const model_case bundle_published = {.name = "Bundle, counted before it is published",
                                     .threads = 2,
                                     .setup = setup_bundler,
                                     .body = {cycle_bundler, take_bundle},
                                     .preemptions = 20,
                                     .deep_preemptions = 20,
                                     .must_see = 1};

const model_case bundle_turn = {.name = "Bundle, who sees a word of a turn",
                                .threads = 2,
                                .setup = setup_bundler,
                                .body = {cycle_bundler, read_turn},
                                .preemptions = 20,
                                .deep_preemptions = 20,
                                .must_see = 1};

const model_case bundle_gives_back = {.name = "Bundle, slots given back when they are passed on",
                                      .threads = 2,
                                      .setup = setup_bundler,
                                      .body = {cycle_bundler, push_again},
                                      .preemptions = 4,
                                      .deep_preemptions = 20,
                                      .must_see = 1};

/* Upstream is empty; a bundle has room for two. */
static void setup_empty(void *state)
{
    one_stage *const s = state;
    vx_transaction any;
    setup_bundler(state);
    while (vx_ring_pop(&s->in, &any))
        ;
    s->block[VX_BUNDLE_HELD] = s->block[VX_BUNDLE_HELD_IDS] = 0;
    s->stage.cut_copies = s->published_cut;
    s->stage.marker_out = &s->marker_out;
}

static void push(one_stage *s, uint64_t id)
{
    vx_ring_push(&s->in, (&(vx_transaction){.id = id, .price = 1, .size = 1, .ts_ns = 1}));
}

/* By one thread: the first transaction stays in the open bundle, the second one closes it, the third stays
 * until it goes late. */
static void fill_close_wait(void *state)
{
    one_stage *const s = state;
    for (uint64_t id = 1; id <= 3; id++) {
        push(s, id);
        vx_bundler_cycle(&s->bundler, &s->clock);
    }
    s->clock.virtual_ns += 3 * TIMEOUT_NS;
    vx_bundler_cycle(&s->bundler, &s->clock);
}

/* Words at least so great, once so many have come out. */
static void check_counted(const uint64_t *words)
{
    static const struct {
        uint64_t out, word, least;
    } expected[] = {
        {2, VX_BUNDLE_IN, 2},
        {2, VX_BUNDLE_IN_IDS, 1 + 2},
        {2, VX_BUNDLE_FLUSH_SIZE, 1},
        {2, VX_BUNDLE_BUNDLES, 1},
        {2, VX_BUNDLE_OUT_IDS, 1 + 2},
        {3, VX_BUNDLE_IN, 3},
        {3, VX_BUNDLE_IN_IDS, 1 + 2 + 3},
        {3, VX_BUNDLE_FLUSH_TIMEOUT, 1},
        {3, VX_BUNDLE_FLUSH_LATE, 1},
        {3, VX_BUNDLE_BUNDLES, 2},
        {3, VX_BUNDLE_OUT_IDS, 1 + 2 + 3},
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        if (words[VX_BUNDLE_OUT] >= expected[i].out)
            MODEL_CHECK(words[expected[i].word] >= expected[i].least);
}

static void read_flow(void *state)
{
    const one_stage *const s = state;
    uint64_t words[VX_BLOCK_WORDS];
    read_block(s->block, VELOX_BUNDLE, words);
    check_counted(words);
    MODEL_CHECK(words[VX_BUNDLE_IN] >= words[VX_BUNDLE_OUT] + words[VX_BUNDLE_HELD]);
    MODEL_CHECK(words[VX_BUNDLE_IN_IDS] >= words[VX_BUNDLE_OUT_IDS] + words[VX_BUNDLE_HELD_IDS]);
    MODEL_CHECK(words[VX_BUNDLE_FLUSH_SIZE] + words[VX_BUNDLE_FLUSH_TIMEOUT] >= words[VX_BUNDLE_BUNDLES]);
    MODEL_CHECK(words[VX_BUNDLE_FLUSH_TIMEOUT] >= words[VX_BUNDLE_FLUSH_LATE]);
    MODEL_CHECK(words[VX_TIMING_CYCLES] >= words[VX_TIMING_WORKED]);
    if (words[VX_BUNDLE_OUT] == 2 && words[VX_BUNDLE_HELD] != 0)
        model_see();
}

const model_case bundle_read = {.name = "Bundle, any reading has in >= out + held",
                                .threads = 2,
                                .setup = setup_empty,
                                .body = {fill_close_wait, read_flow},
                                .preemptions = 20,
                                .deep_preemptions = 20,
                                .must_see = 1};

/* A cut between the first transaction, which stays in the open bundle, and the second, which closes it. */
static void push_mark_push(void *state)
{
    one_stage *const s = state;
    push(s, 1);
    vx_marker_send(&s->marker, 1, 1);
    push(s, 2);
}

static void cycle_twice(void *state)
{
    one_stage *const s = state;
    for (int i = 0; i < 3 && s->bundler.handled != 2; i++)
        vx_bundler_cycle(&s->bundler, &s->clock);
}

/* The bundle comes behind the marker, which comes behind the copy. */
static void take_marked(void *state)
{
    one_stage *const s = state;
    uint64_t position = UINT64_MAX;
    void *items;
    const uint32_t found = vx_ring_peek(&s->out, 1, &items);
    const uint64_t sequence = vx_marker_pending(&s->marker_out, 0, &position);
    if (found != 0)
        MODEL_CHECK(sequence == 1);
    if (sequence == 0)
        return;
    /* Relaxed: the marker has ordered them. */
    const uint64_t *const copy = s->published_cut + VX_CUT_WORDS;
    MODEL_CHECK(position == 0 && vx_load_relaxed(&copy[VX_BUNDLE_OUT]) == 0);
    MODEL_CHECK(vx_load_relaxed(&copy[VX_BUNDLE_IN]) == 1 && vx_load_relaxed(&copy[VX_BUNDLE_HELD]) == 1);
    model_see();
}

static void check_cut(void *state)
{
    one_stage *const s = state;
    cycle_twice(state);
    MODEL_CHECK(s->marker_out.sequence == 1 && s->bundler.handled == 2);
    take_marked(state);
    vx_marker_send(&s->marker, 2, 2); /* nothing comes, nothing is open: a cut all the same */
    vx_bundler_cycle(&s->bundler, &s->clock);
    MODEL_CHECK(s->marker_out.sequence == 2 && s->marker_out.position == 2);
}

const model_case bundle_cut = {.name = "Bundle, cut with one open",
                               .threads = 3,
                               .setup = setup_empty,
                               .body = {push_mark_push, cycle_twice, take_marked},
                               .check = check_cut,
                               .preemptions = 3,
                               .deep_preemptions = 20,
                               .must_see = 1};
