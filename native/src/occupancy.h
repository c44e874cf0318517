/* Which levels of one side of a book hold quantity: one bit a level, and above it one summary bit a word, so
 * that the best level is found in two steps whatever the depth.
 *
 * Threads: any number may settle and search at once. A bit lags its quantity only while the writer that moved
 * the quantity from or to zero has not returned from settling; a summary bit likewise lags its word.
 *
 * Why settling ends right: after each of its read-modify-writes of the word a writer reads the quantity again
 * and goes on until they agree. Take the word's last read-modify-write that concerned the bit. Whoever else
 * moved the quantity from or to zero did its own one earlier, and each of these releases and acquires, so the
 * last one's reading of the quantity comes after every such move: what it leaves agrees with them all. The
 * same holds a level up. */
#ifndef VX_OCCUPANCY_H
#define VX_OCCUPANCY_H
#include "atomics.h"
#include "transaction.h"

#define VX_WORD_BITS       64
#define VX_OCCUPANCY_WORDS (VELOX_LEVELS_MAX / VX_WORD_BITS)

typedef struct vx_occupancy {
    alignas(VX_SPACING) VX_ATOMIC(uint64_t) summary; /* bit w: words[w] is not zero */
    VX_ATOMIC(uint64_t) words[VX_OCCUPANCY_WORDS];
} vx_occupancy;
_Static_assert(VX_OCCUPANCY_WORDS <= VX_WORD_BITS, "one summary word covers every level");

/* Makes word's summary bit agree with it; `value` is what this thread last left in the word. */
static inline void vx_occupancy_settle_word(vx_occupancy *occupancy, uint32_t word, uint64_t value)
{
    const uint64_t bit = UINT64_C(1) << word;
    for (;;) {
        /* Acquire and release pair with the same of every other writer of the summary: see the header's
         * argument. */
        if (value != 0)
            vx_fetch_or_acq_rel(&occupancy->summary, bit);
        else
            vx_fetch_and_acq_rel(&occupancy->summary, ~bit);
        /* Relaxed: ordered after other writers' changes of the word by the acquire just above. */
        const uint64_t found = vx_load_relaxed(&occupancy->words[word]);
        if ((found != 0) == (value != 0))
            return;
        value = found;
    }
}

/* Makes level's bit, and its word's summary bit, agree with *quantity; `value` is what this thread left in
 * *quantity. Called by every thread that moved the quantity from or to zero, after it did. */
static inline void vx_occupancy_settle(vx_occupancy *occupancy, uint32_t level,
                                       const VX_ATOMIC(uint64_t) * quantity, uint64_t value)
{
    const uint32_t word = level / VX_WORD_BITS;
    const uint64_t bit = UINT64_C(1) << (level % VX_WORD_BITS);
    int turned = 0; /* whether this thread took the word from or to zero */
    for (;;) {
        /* Acquire and release pair with the same of every other writer of the word: see the header's
         * argument. */
        const uint64_t before = value != 0 ? vx_fetch_or_acq_rel(&occupancy->words[word], bit)
                                           : vx_fetch_and_acq_rel(&occupancy->words[word], ~bit);
        const uint64_t after = value != 0 ? before | bit : before & ~bit;
        turned |= (before == 0) != (after == 0);
        /* Relaxed: ordered after other writers' changes of the quantity by the acquire just above. */
        const uint64_t found = vx_load_relaxed(quantity);
        if ((found != 0) == (value != 0)) {
            if (turned)
                vx_occupancy_settle_word(occupancy, word, after);
            return;
        }
        value = found;
    }
}

/* The bit nearest the other side: a bid's highest, an ask's lowest, without a branch on the side. `bits` is
 * not zero. */
static inline uint32_t vx_best_bit(uint64_t bits, vx_side side)
{
    const uint64_t lowest = bits & (~bits + 1);
    const uint64_t all_if_bid = (uint64_t)side - 1;
    return (uint32_t)(63 ^ __builtin_clzll(lowest | (bits & all_if_bid)));
}

/* The best occupied level of this side, or -1. Exact when no thread is settling; while one is, any level that
 * was occupied at some time meanwhile. */
static inline int32_t vx_occupancy_best(const vx_occupancy *occupancy, vx_side side)
{
    /* Relaxed: what must be seen was acquired with the best pair; who still changes it looks again after. */
    uint64_t summary = vx_load_relaxed(&occupancy->summary);
    while (summary != 0) {
        const uint32_t word = vx_best_bit(summary, side);
        /* Acquire pairs with the release of who set the bit: who is told of the level sees its quantity. */
        const uint64_t bits = vx_load_acquire(&occupancy->words[word]);
        if (bits != 0)
            return (int32_t)(word * VX_WORD_BITS + vx_best_bit(bits, side));
        summary &= ~(UINT64_C(1) << word); /* emptied by a thread that has yet to settle the summary */
    }
    return -1;
}

#endif
