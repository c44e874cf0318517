/* Bounded single-producer single-consumer ring of fixed-size items (contract; static inline so that the model checker
 * and the compiler see it whole).
 *
 * Producer thread only: vx_ring_claim, vx_ring_publish, vx_ring_push, vx_ring_end.
 * Consumer thread only: vx_ring_peek, vx_ring_release, vx_ring_pop, vx_ring_ended, vx_ring_found.
 */
#ifndef VX_RING_H
#define VX_RING_H
#include "atomics.h"
#include "transaction.h"

typedef struct vx_ring vx_ring;

/* slots: power of two 2 .. 65,536; memory is taken and touched by vx_ring_init's caller thread. */
velox_status vx_ring_init(vx_ring *ring, uint32_t slots, uint32_t item_bytes);
void vx_ring_free(vx_ring *ring);

/* Up to `want` free slots, contiguous (fewer at the wrap or when nearly full; 0 = full): first slot's address in *items.
 * Claiming again without publishing gives the same slots. */
static inline uint32_t vx_ring_claim(vx_ring *ring, uint32_t want, void **items);
/* Makes the first `count` claimed slots visible to the consumer. */
static inline void vx_ring_publish(vx_ring *ring, uint32_t count);
/* Up to `want` items, contiguous, oldest first (0 = empty). Loads the producer's index whenever fewer than `want` are
 * known to be there. */
static inline uint32_t vx_ring_peek(vx_ring *ring, uint32_t want, void **items);
static inline void vx_ring_release(vx_ring *ring, uint32_t count);
static inline int vx_ring_push(vx_ring *ring, const void *item); /* 1, or 0 when full */
static inline int vx_ring_pop(vx_ring *ring, void *item);        /* 1, or 0 when empty */
/* Items known to be in the ring at the consumer's latest refresh, less what it has released since. */
static inline uint32_t vx_ring_found(const vx_ring *ring);
/* The producer's last word: nothing follows; `next_id` is the id that would have come next. */
static inline void vx_ring_end(vx_ring *ring, uint64_t next_id);
/* True once the producer has ended AND everything it published has been released; *next_id is then its last word.
 * (Load the end mark with acquire first, then look for items.) */
static inline int vx_ring_ended(vx_ring *ring, uint64_t *next_id);
#endif
