/* A plain ring of items, one at a time, as the quickest single-item queues are published: indices that are
 * slots and go back to 0 by a comparison, one slot that always stays free to tell full from empty, and each
 * side's copy of the other's index, loaded anew only when it says full or empty. */
#ifndef CACHED_RING_H
#define CACHED_RING_H
#include <stdalign.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

#include "ring_kind.h"

#define CACHED_RING_LINE 64
#define CACHED_RING_PADDING                                                                                  \
    (CACHED_RING_LINE / sizeof(bench_item)) /* slots before the first and after the last */

typedef struct cached_ring {
    alignas(CACHED_RING_LINE) bench_item *slots;
    uint64_t end; /* slots, the free one among them */
    alignas(CACHED_RING_LINE) _Atomic(uint64_t) tail;
    alignas(CACHED_RING_LINE) uint64_t head_seen; /* producer's */
    alignas(CACHED_RING_LINE) _Atomic(uint64_t) head;
    alignas(CACHED_RING_LINE) uint64_t tail_seen; /* consumer's */
} cached_ring;

/* 0: no memory. */
static inline int cached_ring_init(cached_ring *ring, uint32_t capacity)
{
    const size_t bytes = (capacity + 1 + 2 * CACHED_RING_PADDING) * sizeof(bench_item);
    ring->slots =
        aligned_alloc(CACHED_RING_LINE, (bytes + CACHED_RING_LINE - 1) / CACHED_RING_LINE * CACHED_RING_LINE);
    ring->end = capacity + 1;
    atomic_init(&ring->tail, 0);
    atomic_init(&ring->head, 0);
    ring->head_seen = ring->tail_seen = 0;
    return ring->slots != NULL;
}

static inline uint64_t cached_ring_after(const cached_ring *ring, uint64_t index)
{
    return index + 1 != ring->end ? index + 1 : 0;
}

/* 0: full. */
static inline int cached_ring_push(cached_ring *ring, const bench_item *item)
{
    const uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    const uint64_t next = cached_ring_after(ring, tail);
    if (next == ring->head_seen) {
        /* Acquire pairs with the release in pop. */
        ring->head_seen = atomic_load_explicit(&ring->head, memory_order_acquire);
        if (next == ring->head_seen)
            return 0;
    }
    ring->slots[CACHED_RING_PADDING + tail] = *item;
    /* Release pairs with the acquire in pop. */
    atomic_store_explicit(&ring->tail, next, memory_order_release);
    return 1;
}

/* 0: empty. */
static inline int cached_ring_pop(cached_ring *ring, bench_item *item)
{
    const uint64_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    if (head == ring->tail_seen) {
        /* Acquire pairs with the release in push. */
        ring->tail_seen = atomic_load_explicit(&ring->tail, memory_order_acquire);
        if (head == ring->tail_seen)
            return 0;
    }
    *item = ring->slots[CACHED_RING_PADDING + head];
    /* Release pairs with the acquire in push. */
    atomic_store_explicit(&ring->head, cached_ring_after(ring, head), memory_order_release);
    return 1;
}

#endif
