/* The plain ring with cached indices: the single-item peer that is always here. */
#include "baseline/cached_ring.h"

#define RING cached_ring
#define ITEM bench_item

static inline int ring_push(cached_ring *ring, const bench_item *item)
{
    return cached_ring_push(ring, item);
}

static inline int ring_pop(cached_ring *ring, bench_item *item)
{
    return cached_ring_pop(ring, item);
}

#include "peers/peers.h"
#include "ring_loops.h"

static void *create(uint32_t slots)
{
    cached_ring *const ring = aligned_alloc(CACHED_RING_LINE, sizeof *ring);
    if (ring == NULL || cached_ring_init(ring, slots))
        return ring;
    free(ring);
    return NULL;
}

static void destroy(void *at)
{
    cached_ring *const ring = at;
    free(ring->slots);
    free(ring);
}

const bench_ring_kind bench_ring_cached = {
    .name = "cached",
    .create = create,
    .destroy = destroy,
    .produce = ring_produce,
    .consume = ring_consume,
    .ping = ring_ping,
    .pong = ring_pong,
};
