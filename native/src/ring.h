/* Bounded single-producer single-consumer ring of fixed-size items; static inline so that the model checker
 * and the compiler see it whole.
 *
 * Producer thread only: vx_ring_claim, vx_ring_publish, vx_ring_push, vx_ring_end.
 * Consumer thread only: vx_ring_peek, vx_ring_release, vx_ring_pop, vx_ring_ended, vx_ring_found.
 * Before either thread runs: the init functions and vx_ring_start_at. After both: vx_ring_free.
 *
 * Indices run freely over 64 bits and wrap at 2^64: differences, never comparisons, tell full and empty. Each
 * side works on its own index, where the other reads it, and on the last value it has seen of the other's,
 * and touches the other's line only when that value no longer suffices. A copy of its own index beside would
 * spare it a line that the other has just read, and the item would leave sooner; but then fewer go at a time.
 * Full and empty are values, not errors.
 */
#ifndef VX_RING_H
#define VX_RING_H
#include <assert.h>
#include <string.h>

#include "atomics.h"
#include "transaction.h"

#define VX_RING_SLOTS_MIN 2

/* 128 bytes between what different threads write, so that no pair of lines is shared. */
typedef struct vx_ring {
    /* Producer's alone. */
    alignas(VX_SPACING) uint64_t head_seen; /* the consumer's head when last loaded: at most the true one */

    /* Written by the producer, read by the consumer. */
    alignas(VX_SPACING) VX_ATOMIC(uint64_t) tail; /* items published */
    VX_ATOMIC(uint64_t) ended;                    /* 1: nothing follows */
    uint64_t next_id;                             /* plain: published by `ended` */

    /* Consumer's alone. */
    alignas(VX_SPACING) uint64_t tail_seen; /* the producer's tail when last loaded: at most the true one */
    uint64_t found;                         /* items known when that was last not empty */

    /* Written by the consumer, read by the producer. */
    alignas(VX_SPACING) VX_ATOMIC(uint64_t) head; /* items released */

    /* Fixed while the ring lives. */
    alignas(VX_SPACING) uint8_t *slots;
    uint64_t mask; /* slots - 1 */
    uint32_t item_bytes;
    uint32_t owns_slots; /* 1: vx_ring_free gives the memory back */
} vx_ring;
_Static_assert(offsetof(vx_ring, tail) == 1 * VX_SPACING, "producer's state and its shared tail lie apart");
_Static_assert(offsetof(vx_ring, tail_seen) == 2 * VX_SPACING, "producer's and consumer's lines lie apart");
_Static_assert(offsetof(vx_ring, head) == 3 * VX_SPACING, "consumer's state and its shared head lie apart");
_Static_assert(offsetof(vx_ring, slots) == 4 * VX_SPACING,
               "what is only read lies apart from what is written");
_Static_assert(sizeof(vx_ring) == 5 * VX_SPACING, "rings side by side share no line");

/* slots: power of two 2 .. 65,536; memory, aligned to a page, is taken and touched by vx_ring_init's caller
 * thread. VELOX_INVALID_ARGUMENT or VELOX_OUT_OF_MEMORY leave nothing to free. The vx_ring itself must be
 * 128-aligned. */
velox_status vx_ring_init(vx_ring *ring, uint32_t slots, uint32_t item_bytes);
void vx_ring_free(vx_ring *ring);

/* The same over `memory` (slots * item_bytes, aligned as the items need) of the caller, who keeps it. */
static inline velox_status vx_ring_init_over(vx_ring *ring, void *memory, uint32_t slots, uint32_t item_bytes)
{
    if (slots < VX_RING_SLOTS_MIN || slots > VELOX_RING_SLOTS_MAX || (slots & (slots - 1)) != 0 ||
        item_bytes == 0)
        return VELOX_INVALID_ARGUMENT;
    memset(ring, 0, sizeof *ring);
    ring->slots = memory;
    ring->mask = slots - 1;
    ring->item_bytes = item_bytes;
    return VELOX_OK;
}

/* An unused ring whose first item has the given index: lets tests and the model start just below 2^64. */
static inline void vx_ring_start_at(vx_ring *ring, uint64_t index)
{
    ring->head_seen = ring->tail_seen = index;
    /* Relaxed: no other thread knows the ring yet; the creation of the threads orders it. */
    vx_store_relaxed(&ring->tail, index);
    vx_store_relaxed(&ring->head, index);
}

static inline uint64_t vx_ring_least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static inline uint8_t *vx_ring_slot(const vx_ring *ring, uint64_t index, uint32_t item_bytes)
{
    return ring->slots + (index & ring->mask) * item_bytes;
}

/* Each side reads its own index relaxed: nobody else stores it. */
static inline uint64_t vx_ring_tail(const vx_ring *ring)
{
    return vx_load_relaxed(&ring->tail);
}

static inline uint64_t vx_ring_head(const vx_ring *ring)
{
    return vx_load_relaxed(&ring->head);
}

/* Slots from `tail` on known to be free; the consumer's index is loaded only when they are fewer than `want`.
 */
static inline uint64_t vx_ring_free_slots(vx_ring *ring, uint64_t tail, uint64_t want)
{
    const uint64_t end = tail - (ring->mask + 1);
    uint64_t head = ring->head_seen;
    if (head - end < want) {
        /* Acquire pairs with the release of head: the consumer has done with the slots up to it. */
        head = vx_load_acquire(&ring->head);
        ring->head_seen = head;
    }
    return head - end;
}

/* Items from `head` on known to be there; the producer's index is loaded only when they are fewer than
 * `want`. */
static inline uint64_t vx_ring_items(vx_ring *ring, uint64_t head, uint64_t want)
{
    uint64_t tail = ring->tail_seen;
    if (tail - head < want) {
        const void *const next = vx_ring_slot(ring, head, ring->item_bytes);
        /* Acquire pairs with the release of tail: the items up to it are complete. */
        tail = vx_load_acquire(&ring->tail);
        ring->tail_seen = tail;
        /* Empty, and items come one by one: the next one's line is asked for now, to come with its index and
         * not after it. When they come several at a time, that would only take the line from the producer. */
        if (tail != head)
            ring->found = tail - head;
        else if (ring->found <= 1)
            __builtin_prefetch(next);
    }
    return tail - head;
}

/* Up to `want` free slots, contiguous (fewer at the wrap or when nearly full; 0 = full): first slot's address
 * in *items. Claiming again without publishing gives the same slots. */
static inline uint32_t vx_ring_claim(vx_ring *ring, uint32_t want, void **items)
{
    const uint64_t tail = vx_ring_tail(ring);
    const uint64_t to_wrap = ring->mask + 1 - (tail & ring->mask);
    *items = vx_ring_slot(ring, tail, ring->item_bytes);
    return (uint32_t)vx_ring_least(vx_ring_least(want, to_wrap), vx_ring_free_slots(ring, tail, want));
}

static inline void vx_ring_publish_to(vx_ring *ring, uint64_t tail)
{
    /* Release pairs with the acquire of tail: the consumer who sees the index sees the items. */
    vx_store_release(&ring->tail, tail);
}

/* Makes the first `count` claimed slots visible to the consumer. */
static inline void vx_ring_publish(vx_ring *ring, uint32_t count)
{
    vx_ring_publish_to(ring, vx_ring_tail(ring) + count);
}

/* Up to `want` items, contiguous, oldest first (0 = empty). Loads the producer's index whenever fewer than
 * `want` are known to be there. */
static inline uint32_t vx_ring_peek(vx_ring *ring, uint32_t want, void **items)
{
    const uint64_t head = vx_ring_head(ring);
    const uint64_t to_wrap = ring->mask + 1 - (head & ring->mask);
    *items = vx_ring_slot(ring, head, ring->item_bytes);
    return (uint32_t)vx_ring_least(vx_ring_least(want, to_wrap), vx_ring_items(ring, head, want));
}

static inline void vx_ring_release_to(vx_ring *ring, uint64_t head)
{
    /* Release pairs with the acquire of head: we have read the slots before they are overwritten. */
    vx_store_release(&ring->head, head);
}

/* Gives the oldest `count` slots back: their items must not be touched any more. */
static inline void vx_ring_release(vx_ring *ring, uint32_t count)
{
    vx_ring_release_to(ring, vx_ring_head(ring) + count);
}

/* An item of any type: ring->item_bytes of it are copied. */
static inline int vx_ring_push_any(vx_ring *ring, const void *item)
{
    const uint64_t tail = vx_ring_tail(ring);
    if (vx_ring_free_slots(ring, tail, 1) == 0)
        return 0;
    void *const slot = vx_ring_slot(ring, tail, ring->item_bytes);
    vx_plain_write(slot, ring->item_bytes);
    memcpy(slot, item, ring->item_bytes);
    vx_ring_publish_to(ring, tail + 1);
    return 1;
}

static inline int vx_ring_pop_any(vx_ring *ring, void *item)
{
    const uint64_t head = vx_ring_head(ring);
    if (vx_ring_items(ring, head, 1) == 0)
        return 0;
    const void *const slot = vx_ring_slot(ring, head, ring->item_bytes);
    vx_plain_read(slot, ring->item_bytes);
    memcpy(item, slot, ring->item_bytes);
    vx_ring_release_to(ring, head + 1);
    return 1;
}

/* A transaction in a ring of transactions: the compiler moves its fields from registers to the slot. Copied
 * as bytes it would be written to memory, then read back in other widths, which costs half the rate. */
static inline int vx_ring_push_transaction(vx_ring *ring, const vx_transaction *transaction)
{
    assert(ring->item_bytes == sizeof *transaction);
    const uint64_t tail = vx_ring_tail(ring);
    if (vx_ring_free_slots(ring, tail, 1) == 0)
        return 0;
    vx_transaction *const slot = (vx_transaction *)ring->slots + (tail & ring->mask);
    vx_plain_write(slot, sizeof *slot);
    *slot = *transaction;
    vx_ring_publish_to(ring, tail + 1);
    return 1;
}

static inline int vx_ring_pop_transaction(vx_ring *ring, vx_transaction *transaction)
{
    assert(ring->item_bytes == sizeof *transaction);
    const uint64_t head = vx_ring_head(ring);
    if (vx_ring_items(ring, head, 1) == 0)
        return 0;
    const vx_transaction *const slot = (const vx_transaction *)ring->slots + (head & ring->mask);
    vx_plain_read(slot, sizeof *slot);
    *transaction = *slot;
    vx_ring_release_to(ring, head + 1);
    return 1;
}

/* One item: 1, or 0 when full or empty. The type of `item` chooses. */
#define vx_ring_push(ring, item)                                                                             \
    _Generic((item),                                                                                         \
        vx_transaction *: vx_ring_push_transaction,                                                          \
        const vx_transaction *: vx_ring_push_transaction,                                                    \
        default: vx_ring_push_any)((ring), (item))
#define vx_ring_pop(ring, item)                                                                              \
    _Generic((item), vx_transaction * : vx_ring_pop_transaction, default : vx_ring_pop_any)((ring), (item))

/* Items known to be in the ring at the consumer's latest refresh, less what it has released since. */
static inline uint32_t vx_ring_found(const vx_ring *ring)
{
    return (uint32_t)(ring->tail_seen - vx_ring_head(ring));
}

/* The producer's last word: nothing follows; `next_id` is the id that would have come next. */
static inline void vx_ring_end(vx_ring *ring, uint64_t next_id)
{
    vx_plain_write(&ring->next_id, sizeof ring->next_id);
    ring->next_id = next_id;
    /* Release pairs with the acquire of `ended`: who sees the end sees the last index and next_id. */
    vx_store_release(&ring->ended, 1);
}

/* True once the producer has ended AND all it published has been released; *next_id is then its last word. */
static inline int vx_ring_ended(vx_ring *ring, uint64_t *next_id)
{
    /* Acquire pairs with the release of `ended`. Before looking for items, lest the last come in between. */
    if (!vx_load_acquire(&ring->ended))
        return 0;
    /* Relaxed: the acquire above has already ordered it and the items after the producer's last publish. */
    ring->tail_seen = vx_load_relaxed(&ring->tail);
    if (ring->tail_seen != vx_ring_head(ring))
        return 0;
    vx_plain_read(&ring->next_id, sizeof ring->next_id);
    *next_id = ring->next_id;
    return 1;
}
#endif
