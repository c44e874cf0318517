/* OrderBook's duty cycle: what it publishes, gives back and cuts, how the end goes on, what a full ring
 * tells. Who sees what it published sees it counted, and who sees any word of a turn sees the turn counted.
 */
#include "one_stage.h"

/* What the stage has published is read whole, and is counted. */
static void take_transactions(void *state)
{
    static const uint64_t expected[VX_CUT_WORDS] = {[VX_BOOK_IN] = ITEMS,
                                                    [VX_BOOK_IN_IDS] = 1 + 2,
                                                    [VX_BOOK_APPLIED] = ITEMS,
                                                    [VX_BOOK_OUT_IDS] = 1 + 2,
                                                    [VX_BOOK_OUT] = ITEMS};
    one_stage *const s = state;
    void *items;
    const uint32_t found = vx_ring_peek(&s->out, ITEMS, &items);
    if (found == 0)
        return;
    vx_plain_read(items, found * sizeof(vx_transaction));
    /* Relaxed: the ring has ordered them. */
    for (uint32_t i = 0; i <= VX_BOOK_OUT; i++)
        MODEL_CHECK(vx_load_relaxed(&s->block[i]) == expected[i]);
    model_see();
}

static void read_turn(void *state)
{
    const one_stage *const s = state;
    uint64_t words[VX_BLOCK_WORDS];
    read_block(s->block, VELOX_ORDER_BOOK, words);
    MODEL_CHECK(words[VX_BOOK_IN] >= words[VX_BOOK_APPLIED] && words[VX_BOOK_APPLIED] >= words[VX_BOOK_OUT]);
    MODEL_CHECK(words[VX_BOOK_IN_IDS] >= words[VX_BOOK_OUT_IDS]);
    if (words[VX_BOOK_OUT] != 0)
        MODEL_CHECK(words[VX_BOOK_OUT_IDS] == 1 + 2);
    if (words[VX_TIMING_HEARTBEAT_NS] != 0)
        MODEL_CHECK(words[VX_TIMING_WORKED] == 1);
    if (words[VX_TIMING_RING_OCCUPANCY] != 0)
        MODEL_CHECK(words[VX_TIMING_CYCLES] == 1);
}

const model_case stage_order_book = {.name = "OrderBook, counted before it is published",
                                     .threads = 3,
                                     .setup = setup_order_book,
                                     .body = {cycle_order_book, take_transactions, read_turn},
                                     .preemptions = 2,
                                     .deep_preemptions = 4,
                                     .must_see = 1};

/* The second transaction lies outside the book. */
static void setup_rejected(void *state)
{
    one_stage *const s = state;
    setup_order_book(state);
    s->transactions[1].price = 1 + LEVELS;
}

static void read_rejected(void *state)
{
    const one_stage *const s = state;
    uint64_t words[VX_BLOCK_WORDS];
    read_block(s->block, VELOX_ORDER_BOOK, words);
    const uint64_t accounted = words[VX_BOOK_APPLIED] + words[VX_BOOK_REJECTED_WINDOW];
    MODEL_CHECK(words[VX_BOOK_IN] >= accounted && accounted >= words[VX_BOOK_OUT]);
    if (words[VX_BOOK_REJECTED_WINDOW] == 1 && words[VX_BOOK_OUT] == 0)
        model_see();
}

const model_case stage_rejected = {.name = "OrderBook, any reading has in >= applied + rejected >= out",
                                   .threads = 2,
                                   .setup = setup_rejected,
                                   .body = {cycle_order_book, read_rejected},
                                   .preemptions = 2,
                                   .deep_preemptions = 4,
                                   .must_see = 1};

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
    vx_marker_send(&s->marker, 2, 2); /* nothing comes: a cut all the same */
    vx_order_book_cycle(&s->order_book, &s->clock);
    MODEL_CHECK(s->marker_out.sequence == 2 && s->marker_out.position == 2);
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

/* The ring downstream is full: found so in two turns, of which the second tells how long it has been. */
static void setup_full(void *state)
{
    one_stage *const s = state;
    setup_order_book(state);
    cycle_order_book(state);
    vx_ring_push(&s->in, (&(vx_transaction){.id = 3, .price = 1, .size = 1, .ts_ns = 1}));
}

static void block_twice(void *state)
{
    one_stage *const s = state;
    for (int i = 0; i < 2; i++) {
        s->clock.virtual_ns++;
        vx_order_book_cycle(&s->order_book, &s->clock);
        vx_stage_parked(&s->stage, 1 + (uint64_t)i);
    }
}

static void read_blocked(void *state)
{
    const one_stage *const s = state;
    uint64_t words[VX_BLOCK_WORDS];
    read_block(s->block, VELOX_ORDER_BOOK, words);
    MODEL_CHECK(words[VX_TIMING_BLOCKED] >= words[VX_TIMING_RING_FULL]);
    if (words[VX_TIMING_HEARTBEAT_NS] > NOW_NS)
        MODEL_CHECK(NOW_NS + words[VX_TIMING_BLOCKED] >= words[VX_TIMING_HEARTBEAT_NS]);
    if (words[VX_TIMING_BLOCKED_NS] != 0)
        MODEL_CHECK(words[VX_TIMING_BLOCKED] == 2);
    MODEL_CHECK(words[VX_TIMING_CYCLES] >= 1 + words[VX_TIMING_PARKS]);
    MODEL_CHECK(words[VX_TIMING_CYCLES] >= 1 + words[VX_TIMING_BLOCKED]);
    if (words[VX_TIMING_RING_FULL] == 1 && words[VX_TIMING_BLOCKED] == 2 && words[VX_TIMING_PARKS] == 1)
        model_see();
}

const model_case stage_blocked = {.name = "OrderBook, blocked and parked by turns that are counted",
                                  .threads = 2,
                                  .setup = setup_full,
                                  .body = {block_twice, read_blocked},
                                  .preemptions = 3,
                                  .deep_preemptions = 20,
                                  .must_see = 1};
