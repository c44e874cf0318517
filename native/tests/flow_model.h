/* A plain model of the book that the flow of orders is checked against, transaction by transaction: never
 * negative, never crossed, every reduce of what rests. */
#ifndef VX_FLOW_MODEL_H
#define VX_FLOW_MODEL_H
#include "flow.h"

#include <string.h>

#include "check.h"

#define TRANSACTIONS 1000000
#define BLOCKS       (TRANSACTIONS / VX_FLOW_BLOCK)
#define LEVELS       VELOX_LEVELS_MAX
#define LARGEST      1000

/* Per side and level: how much rests; and of orders older than the block, which alone may be cancelled, how
 * much, in how many orders, and how many of each size. */
typedef struct model {
    uint32_t levels;
    int64_t ticks;
    int64_t base;
    uint64_t quantity[2][LEVELS];
    uint64_t older[2][LEVELS];
    uint32_t orders[2][LEVELS];
    uint16_t by_size[2][LEVELS][LARGEST + 1];
    int32_t best[2]; /* -1 or `levels`: none */
    uint64_t live;
    uint64_t live_max;
    uint64_t reduces;
    uint64_t whole_levels; /* reduces of more than one order */
    uint64_t emptied;      /* levels that a reduce left empty */
    uint8_t was_best[2][LEVELS];
} model;

static model book;
static vx_flow flow;
static vx_transaction batch[256];
static const uint64_t no_times_ns[256];

static inline void start(uint64_t seed, uint32_t levels, uint32_t ticks, int64_t base, uint32_t permille)
{
    memset(&book, 0, sizeof book);
    book.levels = levels;
    book.ticks = ticks;
    book.base = base;
    book.best[VX_BID] = -1;
    book.best[VX_ASK] = (int32_t)levels;
    CHECK_EQUAL(vx_flow_init(&flow, seed, levels, ticks, base, permille), VELOX_OK);
}

/* The level of a price, which must be the one that the book reports for it. */
static inline uint32_t level_of(const vx_transaction *transaction)
{
    CHECK(transaction->price >= book.base);
    const int64_t level = (transaction->price - book.base) / book.ticks;
    CHECK(level < book.levels);
    const int64_t edge = transaction->side == VX_BID ? 0 : book.ticks - 1;
    CHECK_EQUAL(transaction->price, book.base + level * book.ticks + edge);
    return (uint32_t)level;
}

static inline void apply_add(const vx_transaction *transaction, uint32_t level)
{
    const uint32_t side = transaction->side;
    CHECK(transaction->size >= 1 && transaction->size <= LARGEST);
    book.quantity[side][level] += transaction->size;
    const int32_t at = (int32_t)level;
    if (side == VX_BID ? at > book.best[VX_BID] : at < book.best[VX_ASK])
        book.best[side] = at;
}

/* At a block's end its adds may be cancelled too. */
static inline void age(const vx_transaction *transaction)
{
    const uint32_t level = level_of(transaction);
    if (transaction->kind == VX_REDUCE)
        return;
    book.older[transaction->side][level] += transaction->size;
    book.orders[transaction->side][level]++;
    book.by_size[transaction->side][level][transaction->size]++;
    book.live++;
    book.live_max = book.live > book.live_max ? book.live : book.live_max;
}

/* One order that rests there, or all of them. */
static inline void apply_reduce(const vx_transaction *transaction, uint32_t level)
{
    const uint32_t side = transaction->side;
    CHECK(book.quantity[side][level] >= transaction->size);
    if (book.older[side][level] == transaction->size) {
        book.whole_levels += book.orders[side][level] > 1;
        book.live -= book.orders[side][level];
        book.orders[side][level] = 0;
        memset(book.by_size[side][level], 0, sizeof book.by_size[side][level]);
    } else {
        CHECK(transaction->size <= LARGEST && book.by_size[side][level][transaction->size] > 0);
        book.by_size[side][level][transaction->size]--;
        book.orders[side][level]--;
        book.live--;
    }
    book.older[side][level] -= transaction->size;
    book.quantity[side][level] -= transaction->size;
    book.emptied += book.quantity[side][level] == 0;
    book.reduces++;
    while (book.best[VX_BID] >= 0 && book.quantity[VX_BID][book.best[VX_BID]] == 0)
        book.best[VX_BID]--;
    while (book.best[VX_ASK] < (int32_t)book.levels && book.quantity[VX_ASK][book.best[VX_ASK]] == 0)
        book.best[VX_ASK]++;
}

static inline void apply(const vx_transaction *transaction)
{
    CHECK(transaction->side <= VX_ASK && transaction->kind <= VX_REDUCE);
    CHECK_EQUAL(transaction->reserved, 0);
    const uint32_t level = level_of(transaction);
    if (transaction->kind == VX_ADD)
        apply_add(transaction, level);
    else
        apply_reduce(transaction, level);
    CHECK(book.best[VX_BID] < book.best[VX_ASK]);
    if (book.best[VX_BID] >= 0)
        book.was_best[VX_BID][book.best[VX_BID]] = 1;
    if (book.best[VX_ASK] < (int32_t)book.levels)
        book.was_best[VX_ASK][book.best[VX_ASK]] = 1;
}

static inline void run(uint32_t blocks)
{
    for (; blocks > 0; blocks--) {
        vx_flow_next(&flow, batch, VX_FLOW_BLOCK, 0, no_times_ns);
        for (uint32_t i = 0; i < VX_FLOW_BLOCK; i++)
            apply(&batch[i]);
        for (uint32_t i = 0; i < VX_FLOW_BLOCK; i++)
            age(&batch[i]);
    }
}

/* How many levels were the best of `side` at some moment. */
static inline uint32_t visited(vx_side side)
{
    uint32_t sum = 0;
    for (uint32_t level = 0; level < book.levels; level++)
        sum += book.was_best[side][level];
    return sum;
}

#endif
