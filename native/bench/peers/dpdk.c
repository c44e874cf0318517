/* rte_ring, single producer and consumer, of items by value. Its operations are inline; the header of the
 * ring is filled in here as rte_ring_init does, so that nothing of DPDK is linked. */
#include <rte_ring.h>
#include <rte_ring_elem.h>
#include <stdlib.h>
#include <string.h>

#include "peers.h"

#define RING struct rte_ring
#define ITEM bench_item
#define RING_SPANS

static inline int ring_push(struct rte_ring *ring, const bench_item *item)
{
    return rte_ring_sp_enqueue_elem(ring, (void *)(uintptr_t)item, sizeof *item) == 0;
}

static inline int ring_pop(struct rte_ring *ring, bench_item *item)
{
    return rte_ring_sc_dequeue_elem(ring, item, sizeof *item) == 0;
}

static inline uint32_t ring_push_span(struct rte_ring *ring, const bench_item *made, uint32_t count)
{
    return rte_ring_sp_enqueue_burst_elem(ring, made, sizeof *made, count, NULL);
}

static inline uint32_t ring_pop_span(struct rte_ring *ring, bench_item *taken, uint32_t count)
{
    return rte_ring_sc_dequeue_burst_elem(ring, taken, sizeof *taken, count, NULL);
}

#include "ring_loops.h"

static void *create(uint32_t slots)
{
    const size_t bytes = sizeof(struct rte_ring) + slots * sizeof(bench_item);
    struct rte_ring *const ring = aligned_alloc(RTE_CACHE_LINE_SIZE * 2, (bytes + 127) / 128 * 128);
    if (ring == NULL)
        return NULL;
    memset(ring, 0, bytes);
    ring->flags = RING_F_SP_ENQ | RING_F_SC_DEQ;
    ring->size = slots;
    ring->mask = slots - 1;
    ring->capacity = slots - 1;
    ring->prod.sync_type = RTE_RING_SYNC_ST;
    ring->cons.sync_type = RTE_RING_SYNC_ST;
    return ring;
}

const bench_ring_kind bench_ring_dpdk = {
    .name = "rte_ring",
    .create = create,
    .destroy = free,
    .produce = ring_produce,
    .consume = ring_consume,
    .produce_spans = ring_produce_spans,
    .consume_spans = ring_consume_spans,
    .ping = ring_ping,
    .pong = ring_pong,
};
