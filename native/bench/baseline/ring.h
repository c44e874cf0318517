/* Baseline: the indices of a plain ring. Each operation moves one item and loads the other side's index; the
 * typed slots are the caller's. */
#ifndef BASELINE_RING_H
#define BASELINE_RING_H
#include <stdalign.h>
#include <stdatomic.h>
#include <stdint.h>

typedef struct baseline_ring {
    alignas(64) _Atomic(uint64_t) head;
    alignas(64) _Atomic(uint64_t) tail;
    alignas(64) uint64_t mask; /* slots - 1 */
} baseline_ring;

static inline void baseline_ring_init(baseline_ring *ring, uint32_t slots)
{
    atomic_init(&ring->head, 0);
    atomic_init(&ring->tail, 0);
    ring->mask = slots - 1;
}

/* The slot for the next item; false: full. */
static inline int baseline_ring_room(const baseline_ring *ring, uint64_t *slot)
{
    const uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    *slot = tail & ring->mask;
    /* Acquire pairs with the release in popped. */
    return tail - atomic_load_explicit(&ring->head, memory_order_acquire) <= ring->mask;
}

static inline void baseline_ring_pushed(baseline_ring *ring)
{
    const uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    /* Release pairs with the acquire in ready. */
    atomic_store_explicit(&ring->tail, tail + 1, memory_order_release);
}

/* The slot of the oldest item; false: empty. */
static inline int baseline_ring_ready(const baseline_ring *ring, uint64_t *slot)
{
    const uint64_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    *slot = head & ring->mask;
    /* Acquire pairs with the release in pushed. */
    return atomic_load_explicit(&ring->tail, memory_order_acquire) != head;
}

static inline void baseline_ring_popped(baseline_ring *ring)
{
    const uint64_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    /* Release pairs with the acquire in room. */
    atomic_store_explicit(&ring->head, head + 1, memory_order_release);
}

#endif
