/* Baseline: a level book by compare-and-swap whose best prices only ever improve: inexact once a level
 * empties, and prices 1024 levels apart share one. */
#ifndef BASELINE_BOOK_H
#define BASELINE_BOOK_H
#include <stdatomic.h>

#include "atomics.h"
#include "transaction.h"

#define BASELINE_LEVELS 1024
#define BASELINE_TRIES  100

typedef struct baseline_level {
    alignas(64) _Atomic(uint64_t) quantity;
    _Atomic(uint64_t) updated_ns;
} baseline_level;

typedef struct baseline_book {
    baseline_level levels[2][BASELINE_LEVELS];
    _Atomic(int64_t) best[2]; /* 0: none */
    int64_t ticks_per_level;
} baseline_book;

/* Replaces the side's best price where this one is better. */
static inline void baseline_improve(_Atomic(int64_t) *best, int64_t price, int bid)
{
    int64_t held = atomic_load_explicit(best, memory_order_relaxed);
    while (held == 0 || (bid ? price > held : price < held))
        if (atomic_compare_exchange_weak_explicit(best, &held, price, memory_order_release,
                                                  memory_order_relaxed))
            break;
}

/* True: applied. */
static inline int baseline_book_apply(baseline_book *book, const vx_transaction *transaction, uint64_t now_ns)
{
    const uint64_t index = (uint64_t)(transaction->price / book->ticks_per_level) % BASELINE_LEVELS;
    baseline_level *const level = &book->levels[transaction->side][index];
    uint64_t held = atomic_load_explicit(&level->quantity, memory_order_acquire);
    for (uint32_t tries = 0; tries < BASELINE_TRIES; tries++) {
        if (transaction->kind == VX_REDUCE && held < transaction->size)
            return 0;
        const uint64_t changed =
            transaction->kind == VX_REDUCE ? held - transaction->size : held + transaction->size;
        if (atomic_compare_exchange_weak_explicit(&level->quantity, &held, changed, memory_order_acq_rel,
                                                  memory_order_acquire)) {
            atomic_store_explicit(&level->updated_ns, now_ns, memory_order_relaxed);
            if (transaction->kind == VX_ADD)
                baseline_improve(&book->best[transaction->side], transaction->price,
                                 transaction->side == VX_BID);
            return 1;
        }
        vx_relax();
    }
    return 0;
}

#endif
