/* The engine's ring. Spans are written and read in place, which is what it offers. */
#include <stdlib.h>

#include "ring.h"

#define RING vx_ring
#define ITEM vx_transaction

static inline int ring_push(vx_ring *ring, const vx_transaction *item)
{
    return vx_ring_push(ring, item);
}

static inline int ring_pop(vx_ring *ring, vx_transaction *item)
{
    return vx_ring_pop(ring, item);
}

#include "peers/peers.h"
#include "ring_loops.h"

static void produce_in_place(void *at, uint64_t count, uint32_t span)
{
    vx_ring *const ring = at;
    uint32_t turns = 0;
    for (uint64_t i = 0; i < count;) {
        void *slots;
        const uint32_t want = (uint32_t)(count - i < span ? count - i : span);
        const uint32_t claimed = vx_ring_claim(ring, want, &slots);
        vx_transaction *const items = slots;
        if (claimed == 0) {
            ring_wait(&turns);
            continue;
        }
        for (uint32_t k = 0; k < claimed; k++)
            ring_make(&items[k], i + k);
        vx_ring_publish(ring, claimed);
        i += claimed;
    }
}

static uint64_t consume_in_place(void *at, uint64_t count, uint32_t span)
{
    vx_ring *const ring = at;
    uint64_t sum = 0;
    uint32_t turns = 0;
    for (uint64_t i = 0; i < count;) {
        void *slots;
        const uint32_t found = vx_ring_peek(ring, span, &slots);
        const vx_transaction *const items = slots;
        if (found == 0) {
            ring_wait(&turns);
            continue;
        }
        for (uint32_t k = 0; k < found; k++)
            sum += ring_sum(&items[k]);
        vx_ring_release(ring, found);
        i += found;
    }
    return sum;
}

static void *create(uint32_t slots)
{
    vx_ring *const ring = aligned_alloc(VX_SPACING, sizeof *ring);
    if (ring != NULL && vx_ring_init(ring, slots, sizeof(vx_transaction)) != VELOX_OK) {
        free(ring);
        return NULL;
    }
    return ring;
}

static void destroy(void *ring)
{
    vx_ring_free(ring);
    free(ring);
}

const bench_ring_kind bench_ring_velox = {
    .name = "velox",
    .create = create,
    .destroy = destroy,
    .produce = ring_produce,
    .consume = ring_consume,
    .produce_spans = produce_in_place,
    .consume_spans = consume_in_place,
    .ping = ring_ping,
    .pong = ring_pong,
};
