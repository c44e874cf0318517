/* What the stages account for in every batch of transactions, from one pass over it. */
#ifndef VX_BATCH_H
#define VX_BATCH_H
#include "histogram.h"
#include "transaction.h"

typedef struct vx_batch {
    uint64_t id_sum; /* mod 2^64 */
    vx_stamps stamps;
} vx_batch;

static inline vx_batch vx_batch_of(const vx_transaction *transactions, uint32_t count)
{
    const uint64_t first_ns = count != 0 ? transactions[0].ts_ns : 0;
    uint64_t id_sum = 0;
    uint64_t sum_ns = 0;
    uint64_t differing = 0;
    for (uint32_t i = 0; i < count; i++) {
        id_sum += transactions[i].id;
        sum_ns += transactions[i].ts_ns;
        differing |= transactions[i].ts_ns ^ first_ns;
    }
    return (vx_batch){id_sum, {&transactions->ts_ns, sizeof *transactions, count, sum_ns, differing}};
}

#endif
