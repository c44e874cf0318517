/* What the stages account for in every batch of transactions, from one pass over it. */
#ifndef VX_BATCH_H
#define VX_BATCH_H
#include "histogram.h"
#include "transaction.h"

typedef struct vx_batch {
    uint64_t id_sum; /* mod 2^64 */
    vx_stamps stamps;
} vx_batch;

/* Sums over `count` transactions; where `to` is not NULL, copies them there on the way, `from` being in
 * registers anyway. The stamps are those at `from`. */
static inline vx_batch vx_batch_copy(vx_transaction *restrict to, const vx_transaction *restrict from,
                                     uint32_t count)
{
    if (count != 0)
        vx_plain_read(from, count * sizeof *from);
    if (count != 0 && to != NULL)
        vx_plain_write(to, count * sizeof *to);
    const vx_half *half = (const vx_half *)from;
    const vx_half *const end = half + 2 * (size_t)count;
    vx_half *copy = (vx_half *)to;
    const vx_half first = count != 0 ? half[1] : (vx_half){0, 0};
    vx_half ids = {0, 0}, stamps = {0, 0}, differing = {0, 0};
    for (; half != end; half += 2) {
        const vx_half low = half[0], high = half[1];
        ids += low;
        stamps += high;
        differing |= high ^ first;
        if (to != NULL) {
            copy[0] = low;
            copy[1] = high;
            copy += 2;
        }
    }
    return (vx_batch){ids[0], {&from->ts_ns, sizeof *from, count, stamps[1], differing[1]}};
}

static inline vx_batch vx_batch_of(const vx_transaction *transactions, uint32_t count)
{
    return vx_batch_copy(NULL, transactions, count);
}

#endif
