/* Updates of the order book by two writers: at rest levels, bitmaps and best pair agree with what was
 * accepted, and what the best pair tells a reader holds. */
#define VX_CAS_TRIES 2
#include "order_book.h"

#include <string.h>

#include "cases.h"

#define LEVELS  128
#define WRITERS 2

typedef struct books {
    vx_book book;
    vx_level levels[2][LEVELS];
    uint64_t best;
    int64_t sums[1 + WRITERS][2][LEVELS]; /* accepted, by setup and by each writer */
    uint32_t contentions[1 + WRITERS];
} books;

static void apply(books *s, int who, vx_side side, vx_kind kind, uint32_t level, uint32_t size)
{
    const vx_transaction transaction = {
        .price = 1 + level, .size = size, .side = (uint8_t)side, .kind = (uint8_t)kind};
    const velox_rejection rejection = vx_book_apply(&s->book, &transaction, 1).rejection;
    if (rejection == VELOX_ACCEPTED)
        s->sums[who][side][level] += kind == VX_ADD ? (int64_t)size : -(int64_t)size;
    else if (rejection == VELOX_REJECTED_CONTENTION)
        s->contentions[who]++;
}

static void setup_empty(void *state)
{
    books *const s = state;
    memset(s, 0, sizeof *s);
    vx_book_init(&s->book, s->levels[0], LEVELS, 1, 1, &s->best);
}

/* Bids at 3 (5) and 70 (1), an ask at 90 (1). */
static void setup_filled(void *state)
{
    setup_empty(state);
    apply(state, 0, VX_BID, VX_ADD, 3, 5);
    apply(state, 0, VX_BID, VX_ADD, 70, 1);
    apply(state, 0, VX_ASK, VX_ADD, 90, 1);
}

static int32_t check_side(const books *s, vx_side side)
{
    int32_t best = -1;
    for (uint32_t level = 0; level < LEVELS; level++) {
        const int64_t sum = s->sums[0][side][level] + s->sums[1][side][level] + s->sums[2][side][level];
        const uint64_t word = s->book.occupancy[side].words[level / VX_WORD_BITS];
        MODEL_CHECK(s->levels[side][level].quantity == (uint64_t)sum);
        MODEL_CHECK((word >> level % VX_WORD_BITS & 1) == (sum != 0));
        MODEL_CHECK((s->book.occupancy[side].summary >> level / VX_WORD_BITS & 1) == (word != 0));
        if (sum != 0 && (side == VX_BID || best < 0))
            best = (int32_t)level;
    }
    return best;
}

static void check(void *state)
{
    const books *const s = state;
    MODEL_CHECK(vx_best_bid(s->best) == check_side(s, VX_BID));
    MODEL_CHECK(vx_best_ask(s->best) == check_side(s, VX_ASK));
    MODEL_CHECK(s->contentions[1] + s->contentions[2] == 0);
}

static void add_bid_70(void *state)
{
    apply(state, 1, VX_BID, VX_ADD, 70, 2);
}

static void reduce_bid_70(void *state)
{
    apply(state, 2, VX_BID, VX_REDUCE, 70, 1);
}

const model_case book_same_level = {.name = "book, one level",
                                    .threads = 2,
                                    .setup = setup_filled,
                                    .body = {add_bid_70, reduce_bid_70},
                                    .check = check,
                                    .preemptions = 5,
                                    .deep_preemptions = 20};

static void add_bid_71(void *state)
{
    apply(state, 1, VX_BID, VX_ADD, 71, 2);
}

const model_case book_two_levels = {.name = "book, two levels of a side",
                                    .threads = 2,
                                    .setup = setup_filled,
                                    .body = {add_bid_71, reduce_bid_70},
                                    .check = check,
                                    .preemptions = 20,
                                    .deep_preemptions = 20};

static void reduce_ask_90(void *state)
{
    apply(state, 1, VX_ASK, VX_REDUCE, 90, 1);
}

const model_case book_two_sides = {.name = "book, both sides",
                                   .threads = 2,
                                   .setup = setup_filled,
                                   .body = {reduce_ask_90, reduce_bid_70},
                                   .check = check,
                                   .preemptions = 20,
                                   .deep_preemptions = 20};

static void add_bid_3_twice(void *state)
{
    apply(state, 1, VX_BID, VX_ADD, 3, 1);
    apply(state, 1, VX_BID, VX_ADD, 3, 2);
}

static void reduce_bid_3_twice(void *state)
{
    apply(state, 2, VX_BID, VX_REDUCE, 3, 2);
    apply(state, 2, VX_BID, VX_REDUCE, 3, 1);
}

/* A rejection by contention, when it comes, changes nothing; and with so few tries it does come. */
static void check_contention(void *state)
{
    books *const s = state;
    if (s->contentions[1] + s->contentions[2] != 0)
        model_see();
    s->contentions[1] = s->contentions[2] = 0;
    check(state);
}

const model_case book_contention = {.name = "book, out of tries",
                                    .threads = 2,
                                    .setup = setup_filled,
                                    .body = {add_bid_3_twice, reduce_bid_3_twice},
                                    .check = check_contention,
                                    .preemptions = 6,
                                    .deep_preemptions = 20,
                                    .must_see = 1};

static void add_bid_5(void *state)
{
    apply(state, 2, VX_BID, VX_ADD, 5, 2);
}

/* Nothing is reduced, so a best level still holds what was added to it, and the best never falls. */
static void read_best(void *state)
{
    const books *const s = state;
    uint32_t version = 0;
    int32_t bid = -1;
    for (int i = 0; i < 2; i++) {
        const uint64_t best = vx_book_best(&s->book);
        MODEL_CHECK((uint32_t)(best >> 32) >= version);
        MODEL_CHECK(vx_best_bid(best) >= bid);
        MODEL_CHECK(vx_best_ask(best) == -1);
        version = (uint32_t)(best >> 32);
        bid = vx_best_bid(best);
        if (bid >= 0)
            MODEL_CHECK(vx_load_relaxed(&s->levels[VX_BID][bid].quantity) == 2);
    }
    if (version == 2)
        model_see();
}

const model_case book_reader = {.name = "book, two writers and a reader of the best pair",
                                .threads = 3,
                                .setup = setup_empty,
                                .body = {add_bid_71, add_bid_5, read_best},
                                .check = check,
                                .preemptions = 3,
                                .deep_preemptions = 20,
                                .must_see = 1};
