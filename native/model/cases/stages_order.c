/* The order in which a stage does things: what it gives back, where it cuts, how it passes the end on. */
#include "one_stage.h"

const model_case stage_gives_back = {.name = "OrderBook, slots given back when they have been read",
                                     .threads = 2,
                                     .setup = setup_order_book,
                                     .body = {cycle_order_book, push_again},
                                     .preemptions = 2,
                                     .deep_preemptions = 4,
                                     .must_see = 1};

/* A cut before the second transaction, in the way of a turn that finds both; the marker first. */
static void setup_cut(void *state)
{
    one_stage *const s = state;
    vx_transaction any;
    setup_order_book(state);
    while (vx_ring_pop(&s->in, &any))
        ;
    s->stage.cut_copies = s->published_cut;
    s->stage.marker_out = &s->marker_out;
}

static void push_mark_push(void *state)
{
    one_stage *const s = state;
    vx_ring_push(&s->in, (&(vx_transaction){.id = 1, .price = 1, .size = 1, .ts_ns = 1}));
    vx_marker_send(&s->marker, 1, 1);
    vx_ring_push(&s->in, (&(vx_transaction){.id = 2, .price = 1, .size = 1, .ts_ns = 1}));
}

static void cycle_twice(void *state)
{
    one_stage *const s = state;
    for (int i = 0; i < 3 && s->order_book.handled != ITEMS; i++)
        vx_order_book_cycle(&s->order_book, &s->clock);
}

static void check_cut(void *state)
{
    one_stage *const s = state;
    for (int i = 0; i < 3; i++)
        vx_order_book_cycle(&s->order_book, &s->clock);
    MODEL_CHECK(s->marker_out.sequence == 1 && s->marker_out.position == 1);
    MODEL_CHECK(s->published_cut[VX_CUT_WORDS + VX_BOOK_IN] == 1);
    MODEL_CHECK(s->published_cut[VX_CUT_WORDS + VX_BOOK_OUT] == 1);
}

const model_case stage_cut = {.name = "OrderBook, cut at the marker and nowhere else",
                              .threads = 2,
                              .setup = setup_cut,
                              .body = {push_mark_push, cycle_twice},
                              .check = check_cut,
                              .preemptions = 4,
                              .deep_preemptions = 20};

static void setup_ended(void *state)
{
    setup_order_book(state);
    end_empty(state);
}

static void cycle_once(void *state)
{
    one_stage *const s = state;
    vx_order_book_cycle(&s->order_book, &s->clock);
}

const model_case stage_end_passed_on = {.name = "OrderBook, finished before the end is passed on",
                                        .threads = 2,
                                        .setup = setup_ended,
                                        .body = {cycle_once, see_end},
                                        .preemptions = 4,
                                        .deep_preemptions = 20,
                                        .must_see = 1};
