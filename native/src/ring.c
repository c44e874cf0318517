/* Memory of rings. */
#include "ring.h"

#include <stdlib.h>

#define PAGE_BYTES 4096

velox_status vx_ring_init(vx_ring *ring, uint32_t slots, uint32_t item_bytes)
{
    const velox_status status = vx_ring_init_over(ring, NULL, slots, item_bytes);
    if (status != VELOX_OK)
        return status;
    const size_t bytes = ((size_t)slots * item_bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
    ring->slots = aligned_alloc(PAGE_BYTES, bytes);
    if (ring->slots == NULL)
        return VELOX_OUT_OF_MEMORY;
    memset(ring->slots, 0, bytes); /* touches every page: none is faulted in on the hot path */
    ring->owns_slots = 1;
    return VELOX_OK;
}

void vx_ring_free(vx_ring *ring)
{
    if (ring->owns_slots)
        free(ring->slots);
    ring->slots = NULL;
    ring->owns_slots = 0;
}
