/* One stage by itself, with its rings, for cases that run its duty cycle. */
#ifndef MODEL_ONE_STAGE_H
#define MODEL_ONE_STAGE_H
#include <string.h>

#include "cases.h"
#include "reading.h"
#include "stages.h"

#define ITEMS      2
#define LEVELS     64
#define NOW_NS     5
#define TIMEOUT_NS 1000 /* of a bundle */

typedef struct one_stage {
    union {
        vx_stage stage; /* the first member of each */
        vx_ingress ingress;
        vx_order_book order_book;
        vx_bundler bundler;
        vx_output output;
    };
    vx_input input;
    vx_clock clock;
    vx_controls controls;
    vx_ring in, out;
    vx_marker marker, marker_out;
    uint64_t published_cut[2 * VX_CUT_WORDS];
    uint64_t newest; /* complete cut */
    uint64_t noted;  /* by the case, for its check */
    vx_transaction transactions[ITEMS];
    _Alignas(vx_bundle) uint8_t published[ITEMS * sizeof(vx_bundle)];
    uint64_t block[VX_BLOCK_WORDS];
    uint64_t best;
    vx_level levels[2 * LEVELS];
    vx_histogram latencies; /* at the exit */
    vx_histogram histogram; /* whatever else is recorded */
} one_stage;
_Static_assert(sizeof(one_stage) <= MODEL_STATE_BYTES, "fits");

/* Its ring upstream is full of transactions that the book accepts, with ids 1, 2, …. */
static inline void setup(one_stage *s, uint32_t item_bytes)
{
    memset(s, 0, sizeof *s);
    vx_clock_init_virtual(&s->clock, NOW_NS);
    vx_ring_init_over(&s->in, s->transactions, ITEMS, sizeof(vx_transaction));
    vx_ring_init_over(&s->out, s->published, ITEMS, item_bytes);
    for (uint64_t i = 0; i < ITEMS; i++)
        vx_ring_push(&s->in, (&(vx_transaction){.id = 1 + i, .price = 1, .size = 1, .ts_ns = 1}));
    vx_histogram *const any = &s->histogram;
    s->stage = (vx_stage){.block = s->block,
                          .controls = &s->controls,
                          .in = &s->in,
                          .out = &s->out,
                          .latency = &s->latencies,
                          .service = any,
                          .batch = any,
                          .occupancy = any,
                          .marker_in = &s->marker};
}

static inline void setup_order_book(void *state)
{
    one_stage *const s = state;
    setup(s, sizeof(vx_transaction));
    vx_book_init(&s->order_book.book, s->levels, LEVELS, 1, 1, &s->best);
}

static inline void setup_bundler(void *state)
{
    one_stage *const s = state;
    setup(s, sizeof(vx_bundle));
    vx_builder_init(&s->bundler.builder, ITEMS, TIMEOUT_NS);
    /* As if an earlier turn had left them; this one leaves none. */
    s->block[VX_BUNDLE_HELD] = s->block[VX_BUNDLE_HELD_IDS] = 1;
}

/* The ring upstream has ended, and there is nothing in it. */
static inline void end_empty(one_stage *s)
{
    vx_transaction any;
    while (vx_ring_pop(&s->in, &any))
        ;
    vx_ring_end(&s->in, 1);
}

/* Who sees the end sees the stage finished. */
static inline void see_end(void *state)
{
    one_stage *const s = state;
    uint64_t next_id;
    if (!vx_ring_ended(&s->out, &next_id))
        return;
    /* Relaxed: the end has ordered it. */
    MODEL_CHECK(vx_load_relaxed(&s->stage.finished) == 1);
    model_see();
}

/* One more follows as soon as there is room: into the slot of the first. What has been given back has been
 * passed on, and is counted. */
static inline void push_again(void *state)
{
    one_stage *const s = state;
    for (int i = 0; i < 2; i++) {
        if (!vx_ring_push(&s->in, (&(vx_transaction){.id = 3, .price = 1, .size = 1, .ts_ns = 1})))
            continue;
        /* Relaxed: the ring has ordered them. */
        MODEL_CHECK(vx_load_relaxed(&s->block[VX_TIMING_RING_TAKEN]) == ITEMS);
        MODEL_CHECK(vx_load_relaxed(&s->out.tail) != 0);
        model_see();
        break;
    }
}

static inline void cycle_order_book(void *state)
{
    one_stage *const s = state;
    MODEL_CHECK(vx_order_book_cycle(&s->order_book, &s->clock).work == ITEMS);
}
#endif
