/* The stages' own duty cycles: who sees what a stage published sees it counted, and who sees any word of a
 * turn sees the turn counted. */
#include "one_stage.h"

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

static void read_signs(const one_stage *s, int stage)
{
    uint64_t words[VX_BLOCK_WORDS];
    read_block(s->block, stage, words);
    if (words[VX_TIMING_HEARTBEAT_NS] != 0)
        MODEL_CHECK(words[VX_TIMING_WORKED] == 1);
    if (words[VX_TIMING_RING_OCCUPANCY] != 0)
        MODEL_CHECK(words[VX_TIMING_CYCLES] == 1);
}

static void read_order_book(void *state)
{
    read_signs(state, VELOX_ORDER_BOOK);
}

const model_case stage_order_book = {.name = "OrderBook, counted before it is published",
                                     .threads = 3,
                                     .setup = setup_order_book,
                                     .body = {cycle_order_book, take_from_order_book, read_order_book},
                                     .preemptions = 2,
                                     .deep_preemptions = 4,
                                     .must_see = 1};
