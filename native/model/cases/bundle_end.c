/* Bundle's duty cycle while nothing comes, and at the end of the flow. */
#include "one_stage.h"

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
    const one_stage *const s = state;
    uint64_t words[VX_BLOCK_WORDS];
    read_block(s->block, VELOX_BUNDLE, words);
    if (words[VX_TIMING_HEARTBEAT_NS] <= NOW_NS)
        return;
    MODEL_CHECK(words[VX_TIMING_CYCLES] > 1);
    model_see();
}

static void check_flushed(void *state)
{
    one_stage *const s = state;
    uint64_t next_id = 0;
    void *items;
    cycle_to_end(state);
    MODEL_CHECK(vx_stage_is_finished(&s->stage));
    MODEL_CHECK(s->block[VX_BUNDLE_FLUSH_DRAIN] == 1 && s->block[VX_BUNDLE_OUT] == 1);
    MODEL_CHECK(s->block[VX_BUNDLE_HELD] == 0 && s->block[VX_BUNDLE_HELD_IDS] == 0);
    MODEL_CHECK(vx_ring_peek(&s->out, 1, &items) == 1 && !vx_ring_ended(&s->out, &next_id));
    vx_ring_release(&s->out, 1);
    MODEL_CHECK(vx_ring_ended(&s->out, &next_id) && next_id == 1 + ITEMS);
}

/* It goes in one turn, the stage finishes in the next. */
static void setup_ended(void *state)
{
    setup_open(state);
    end_flow(state);
}

static void take_last(void *state)
{
    one_stage *const s = state;
    void *items;
    if (vx_ring_peek(&s->out, 1, &items) != 0) {
        /* Relaxed: the ring has ordered them. */
        MODEL_CHECK(vx_load_relaxed(&s->block[VX_BUNDLE_FLUSH_DRAIN]) == 1);
        MODEL_CHECK(vx_load_relaxed(&s->block[VX_BUNDLE_OUT]) == 1);
        vx_ring_release(&s->out, 1);
    }
    see_end(state);
}

const model_case bundle_end_passed_on = {.name = "Bundle, finished before the end is passed on",
                                         .threads = 2,
                                         .setup = setup_ended,
                                         .body = {cycle_to_end, take_last},
                                         .preemptions = 20,
                                         .deep_preemptions = 20,
                                         .must_see = 1};

const model_case bundle_end = {.name = "Bundle, the flow ends with one open",
                               .threads = 2,
                               .setup = setup_open,
                               .body = {end_flow, cycle_to_end},
                               .check = check_flushed,
                               .preemptions = 20,
                               .deep_preemptions = 20};

const model_case bundle_idle = {.name = "Bundle, its sign of life while nothing comes",
                                .threads = 2,
                                .setup = setup_open,
                                .body = {cycle_to_end, read_sign_of_idle},
                                .preemptions = 4,
                                .deep_preemptions = 20,
                                .must_see = 1};
