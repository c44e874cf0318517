/* The baseline's ring of items. */
#include <stdlib.h>

#include "baseline/ring.h"
#include "ring_kind.h"

typedef struct item_ring {
    baseline_ring indices;
    bench_item *slots;
} item_ring;

#define RING item_ring
#define ITEM bench_item

static inline int ring_push(item_ring *ring, const bench_item *item)
{
    uint64_t slot;
    if (!baseline_ring_room(&ring->indices, &slot))
        return 0;
    ring->slots[slot] = *item;
    baseline_ring_pushed(&ring->indices);
    return 1;
}

static inline int ring_pop(item_ring *ring, bench_item *item)
{
    uint64_t slot;
    if (!baseline_ring_ready(&ring->indices, &slot))
        return 0;
    *item = ring->slots[slot];
    baseline_ring_popped(&ring->indices);
    return 1;
}

#include "peers/peers.h"
#include "ring_loops.h"

static void *create(uint32_t slots)
{
    item_ring *const ring = aligned_alloc(64, sizeof *ring);
    if (ring == NULL)
        return NULL;
    ring->slots = calloc(slots, sizeof *ring->slots);
    baseline_ring_init(&ring->indices, slots);
    if (ring->slots != NULL)
        return ring;
    free(ring);
    return NULL;
}

static void destroy(void *at)
{
    item_ring *const ring = at;
    free(ring->slots);
    free(ring);
}

const bench_ring_kind bench_ring_baseline = {
    .name = "baseline",
    .create = create,
    .destroy = destroy,
    .produce = ring_produce,
    .consume = ring_consume,
    .ping = ring_ping,
    .pong = ring_pong,
};
