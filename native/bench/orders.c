#include "orders.h"

#include <stdlib.h>

#include "flow.h"

/* Appends what empties the book again. */
static void cancel_rest(bench_orders *orders, uint32_t levels, int64_t *resting)
{
    for (uint32_t i = 0; i < orders->count; i++) {
        const vx_transaction *const order = &orders->items[i];
        const uint32_t level = (uint32_t)((order->price - BENCH_ORDERS_BASE) / BENCH_ORDERS_TICKS);
        resting[order->side * levels + level] +=
            order->kind == VX_ADD ? (int64_t)order->size : -(int64_t)order->size;
    }
    for (uint32_t i = 0; i < 2 * levels; i++)
        if (resting[i] != 0)
            orders->items[orders->count++] =
                (vx_transaction){.price = BENCH_ORDERS_BASE + (int64_t)(i % levels) * BENCH_ORDERS_TICKS,
                                 .size = (uint32_t)resting[i],
                                 .side = (uint8_t)(i / levels),
                                 .kind = VX_REDUCE};
}

bench_orders bench_orders_make(uint32_t generated, uint32_t levels, uint32_t reduce_permille, uint64_t seed)
{
    vx_flow flow;
    bench_orders orders = {.items = malloc((generated + 2 * (size_t)levels) * sizeof *orders.items)};
    int64_t *const resting = calloc(2 * (size_t)levels, sizeof *resting);
    uint64_t *const arrivals_ns = calloc(generated, sizeof *arrivals_ns);
    if (orders.items != NULL && resting != NULL && arrivals_ns != NULL &&
        vx_flow_init(&flow, seed, levels, BENCH_ORDERS_TICKS, BENCH_ORDERS_BASE, reduce_permille) ==
            VELOX_OK) {
        vx_flow_next(&flow, orders.items, generated, 0, arrivals_ns);
        vx_flow_free(&flow);
        orders.count = generated;
        cancel_rest(&orders, levels, resting);
        for (uint32_t i = 0; i < orders.count; i++)
            orders.items[i].id = i;
    } else {
        bench_orders_free(&orders);
    }
    free(resting);
    free(arrivals_ns);
    return orders;
}

void bench_orders_free(bench_orders *orders)
{
    free(orders->items);
    orders->items = NULL;
}
