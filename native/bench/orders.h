/* Transactions of the engine's flow, prepared before a trial. */
#ifndef BENCH_ORDERS_H
#define BENCH_ORDERS_H
#include "transaction.h"

#define BENCH_ORDERS_TICKS 16
#define BENCH_ORDERS_BASE  1000000

typedef struct bench_orders {
    vx_transaction *items; /* NULL: no memory */
    uint32_t count;
} bench_orders;

/* `generated` transactions for a book of `levels` levels with that share of reduces, then reduces that cancel
 * whatever is left: the book is as empty after them as before, and they can be applied over and over. */
bench_orders bench_orders_make(uint32_t generated, uint32_t levels, uint32_t reduce_permille, uint64_t seed);
void bench_orders_free(bench_orders *orders);

#endif
