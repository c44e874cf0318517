/* ck_ring, single producer and consumer, of items by value. */
#include <ck_ring.h>
#include <stdlib.h>

#include "peers.h"

typedef struct item_ring {
    ck_ring_t ring;
    bench_item *slots;
} item_ring;

CK_RING_PROTOTYPE(items, bench_item)

#define RING item_ring
#define ITEM bench_item

static inline int ring_push(item_ring *ring, const bench_item *item)
{
    bench_item copy = *item;
    return CK_RING_ENQUEUE_SPSC(items, &ring->ring, ring->slots, &copy);
}

static inline int ring_pop(item_ring *ring, bench_item *item)
{
    return CK_RING_DEQUEUE_SPSC(items, &ring->ring, ring->slots, item);
}

#include "ring_loops.h"

static void *create(uint32_t slots)
{
    item_ring *const ring = aligned_alloc(CK_MD_CACHELINE, (sizeof *ring + 127) / 128 * 128);
    if (ring == NULL)
        return NULL;
    ck_ring_init(&ring->ring, slots);
    ring->slots = calloc(slots, sizeof *ring->slots);
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

const bench_ring_kind bench_ring_ck = {
    .name = "ck_ring",
    .create = create,
    .destroy = destroy,
    .produce = ring_produce,
    .consume = ring_consume,
    .ping = ring_ping,
    .pong = ring_pong,
};
