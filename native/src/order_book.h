/* Price-level book, updated by compare-and-swap. Any number of threads may apply at once; any may read.
 *
 * A transaction is applied whole or rejected with nothing changed. The best pair is right whenever no update
 * is in progress. The book does not match orders: bids and asks may cross. */
#ifndef VX_ORDER_BOOK_H
#define VX_ORDER_BOOK_H
#include "atomics.h"
#include "occupancy.h"
#include "transaction.h"

/* One level: a line of its own. Lies in the segment, where readers of other processes load it. */
typedef struct vx_level {
    alignas(VX_CACHE_LINE) VX_ATOMIC(uint64_t) quantity;
    VX_ATOMIC(uint64_t)
    updated_ns; /* of the latest accepted transaction; by several writers, of one of the latest */
    uint8_t padding[48];
} vx_level;
_Static_assert(sizeof(vx_level) == 64, "a level is one line");

#define VX_QUANTITY_MAX        ((uint64_t)INT64_MAX)
#define VX_TICKS_PER_LEVEL_MAX 1000000
#ifndef VX_CAS_TRIES /* the model checker scales it down */
#define VX_CAS_TRIES 100
#endif
#define VX_BACKOFF_SHIFT_MAX 6 /* at most 2^6 hints between two tries */

/* Level = offset * ceil(2^52 / ticks) >> 52. Exact: an offset lies below levels * ticks <= 4096 * ticks, so
 * with ticks < 2^20 the reciprocal's excess adds less than 4096 * ticks^2 < 2^52, and the product stays below
 * 2^64. */
#define VX_RECIPROCAL_SHIFT 52

/* best word: version << 32 | (bid level + 1) << 16 | (ask level + 1); 0 = side empty. */
#define VX_BEST_VERSION   (UINT64_C(1) << 32)
#define VX_BEST_FIELD     UINT64_C(0xffff)
#define VX_BEST_BID_SHIFT 16

typedef struct vx_book {
    vx_level *levels; /* the bid side's, then the ask side's */
    VX_ATOMIC(uint64_t) * best;
    int64_t base_price;
    uint64_t window; /* level_count * ticks_per_level */
    uint64_t reciprocal;
    uint32_t level_count;
    uint32_t ticks_per_level;
    vx_occupancy occupancy[2]; /* by vx_side */
} vx_book;

/* `levels` is the memory of 2 * level_count vx_level (bid side first), `best` one word, both zeroed, of the
 * caller's (they lie in the segment). VELOX_INVALID_ARGUMENT unless level_count is a multiple of 64 in 64 ..
 * 4096, ticks_per_level in 1 .. 1,000,000 and the whole window in 0 .. VX_PRICE_MAX. */
velox_status vx_book_init(vx_book *book, vx_level *levels, uint32_t level_count, uint32_t ticks_per_level,
                          int64_t base_price, VX_ATOMIC(uint64_t) * best);
int64_t vx_book_bid_price(const vx_book *book, uint32_t level); /* the level's lower bound */
int64_t vx_book_ask_price(const vx_book *book,
                          uint32_t level); /* its upper bound: base + (level + 1) * ticks - 1 */

static inline int32_t vx_best_bid(uint64_t best)
{
    return (int32_t)(best >> VX_BEST_BID_SHIFT & VX_BEST_FIELD) - 1;
}

static inline int32_t vx_best_ask(uint64_t best)
{
    return (int32_t)(best & VX_BEST_FIELD) - 1;
}

/* The best pair as of some time between call and return. */
static inline uint64_t vx_book_best(const vx_book *book)
{
    /* Acquire pairs with the release of the pair's swap: the quantities it tells of are seen. */
    return vx_load_acquire(book->best);
}

typedef struct vx_applied {
    velox_rejection rejection;
    uint32_t retries; /* compare-and-swaps of the quantity that lost to another writer */
    uint8_t crossed;  /* 1: a level filled or emptied, and after it best bid level >= best ask level */
} vx_applied;

/* What vx_transaction_check accepts, without its reasons: the four fields from size to reserved are looked at
 * as one word. */
static inline int vx_book_accepts(const vx_transaction *transaction)
{
    const uint64_t wrong_bits = ~(UINT32_MAX | VX_FIELDS_SIDE | VX_FIELDS_KIND);
    const uint64_t fields = vx_transaction_fields(transaction);
    const uint64_t price_from_one = (uint64_t)transaction->price - 1;
    return (fields & wrong_bits) == 0 && (uint32_t)fields != 0 && price_from_one < (uint64_t)VX_PRICE_MAX;
}

/* Price units above the base; at least book->window when the price lies outside, on either side. */
static inline uint64_t vx_book_offset(const vx_book *book, const vx_transaction *transaction)
{
    return (uint64_t)transaction->price - (uint64_t)book->base_price;
}

static inline uint32_t vx_book_level(const vx_book *book, uint64_t offset)
{
    return (uint32_t)(offset * book->reciprocal >> VX_RECIPROCAL_SHIFT);
}

static inline vx_level *vx_book_level_at(const vx_book *book, uint32_t side, uint32_t level)
{
    return &book->levels[(size_t)side * book->level_count + level];
}

/* The level that a transaction belongs to; NULL: it is refused. */
static inline vx_level *vx_book_find(const vx_book *book, const vx_transaction *transaction)
{
    const uint64_t offset = vx_book_offset(book, transaction);
    const uint32_t index = vx_book_level(book, offset);
    if (offset >= book->window || !vx_book_accepts(transaction))
        return NULL;
    return vx_book_level_at(book, transaction->side, index);
}

/* Why vx_book_find refuses a transaction. */
static inline velox_rejection vx_book_refusal(const vx_transaction *transaction)
{
    return vx_book_accepts(transaction) ? VELOX_REJECTED_WINDOW : VELOX_REJECTED_INVALID;
}

static inline void vx_book_back_off(uint32_t retries)
{
    const uint32_t shift = retries < VX_BACKOFF_SHIFT_MAX ? retries : VX_BACKOFF_SHIFT_MAX;
    for (uint32_t i = 0; i < UINT32_C(1) << shift; i++)
        vx_relax();
}

/* Recomputes this side of the best pair from its bitmap; the pair as installed.
 *
 * The version rises even when the pair stays: otherwise a writer that had read the bitmap before this
 * thread's change could still find its expected word in place afterwards and install what it computed from
 * the bitmap of old. So the last to replace the word for a side read it after all others had, and with it
 * their bitmap. The other side's field is carried over: it is as good as its own last writer left it. */
static inline uint64_t vx_book_refresh_best(vx_book *book, vx_side side)
{
    const uint32_t shift = side == VX_BID ? VX_BEST_BID_SHIFT : 0;
    for (;;) {
        /* Acquires what the writers before released with theirs: their bitmap changes are seen here. */
        uint64_t old = vx_book_best(book);
        const uint64_t field = (uint64_t)(vx_occupancy_best(&book->occupancy[side], side) + 1);
        const uint64_t pair = ((old + VX_BEST_VERSION) & ~(VX_BEST_FIELD << shift)) | field << shift;
        /* Release pairs with the acquire in vx_book_best, of the writers after and of readers. */
        if (vx_cas_release(book->best, &old, pair))
            return pair;
    }
}

/* Adds `delta`, mod 2^64, to the level's quantity; *value is then what it holds, *turned whether it left or
 * came to 0. A result above VX_QUANTITY_MAX is an overflow, or, when reducing, a wrap below zero: never
 * stored. */
static inline vx_applied vx_level_update(vx_level *level, uint64_t delta, uint64_t *value, int *turned)
{
    vx_applied applied = {VELOX_ACCEPTED, 0, 0};
    /* Relaxed: the swap below fails unless this is still the newest. */
    uint64_t held = vx_load_relaxed(&level->quantity);
    for (;;) {
        *value = held + delta;
        if (*value > VX_QUANTITY_MAX) {
            applied.rejection = delta > VX_QUANTITY_MAX ? VELOX_REJECTED_UNDERFLOW : VELOX_REJECTED_OVERFLOW;
            return applied;
        }
        /* Relaxed: the quantity itself publishes nothing; the occupancy and the best pair order what follows.
         */
        if (vx_cas_relaxed(&level->quantity, &held, *value)) {
            *turned = held == 0 || *value == 0;
            return applied;
        }
        if (++applied.retries == VX_CAS_TRIES) {
            applied.rejection = VELOX_REJECTED_CONTENTION;
            return applied;
        }
        vx_book_back_off(applied.retries);
    }
}

/* Applies a transaction to its level. */
static inline vx_applied vx_book_update(vx_book *book, vx_level *level, const vx_transaction *transaction,
                                        uint64_t now_ns)
{
    const uint64_t reduce = transaction->kind;
    const uint64_t delta = (transaction->size ^ (0 - reduce)) + reduce; /* size, or its negative */
    uint64_t value = 0;
    int turned = 0;
    vx_applied applied = vx_level_update(level, delta, &value, &turned);
    if (applied.rejection != VELOX_ACCEPTED)
        return applied;
    /* Relaxed: a time for display, ordered against nothing. */
    vx_store_relaxed(&level->updated_ns, now_ns);
    if (turned) {
        const vx_side side = (vx_side)transaction->side;
        const uint32_t index = (uint32_t)(level - book->levels) - (side == VX_ASK ? book->level_count : 0);
        vx_occupancy_settle(&book->occupancy[side], index, &level->quantity, value);
        const uint64_t best = vx_book_refresh_best(book, side);
        applied.crossed = vx_best_ask(best) >= 0 && vx_best_bid(best) >= vx_best_ask(best);
    }
    return applied;
}

static inline vx_applied vx_book_apply(vx_book *book, const vx_transaction *transaction, uint64_t now_ns)
{
    vx_level *const level = vx_book_find(book, transaction);
    if (level == NULL)
        return (vx_applied){vx_book_refusal(transaction), 0, 0};
    return vx_book_update(book, level, transaction, now_ns);
}

#endif
