/* The slots of a pipeline's rings, the journal's among them: one mapping, each ring's part first touched from
 * the core of the stage that writes it, so that it lies in that core's memory; in huge pages and locked where
 * that is wanted and to be had. What was not to be had is said, never an error. */
#ifndef VX_RING_MEMORY_H
#define VX_RING_MEMORY_H
#include "config.h"
#include "placement.h"
#include "ring.h"

#define VX_MEMORY_TEXT 200

typedef struct vx_memory {
    uint8_t *base;
    uint64_t bytes;
    uint64_t journal_bytes;    /* of them the journal's; 0: there is none */
    uint64_t huge_bytes;       /* of them in huge pages, now */
    uint64_t locked_bytes;     /* of these and the segment's */
    char text[VX_MEMORY_TEXT]; /* how much there is, and what was wanted and not to be had */
} vx_memory;

#define VX_JOURNAL_SLOTS VELOX_RING_SLOTS_MAX /* 2 MiB: 3 ms of 20 M transactions a second */

/* Takes and touches memory for the three rings and, where the configuration names a journal, for the one that
 * Output fills for it, and initialises them over it. VELOX_OUT_OF_MEMORY leaves nothing behind. */
velox_status vx_memory_take(vx_memory *memory, vx_ring rings[VELOX_RINGS], vx_ring *journal,
                            const velox_config *config, const vx_placement *placement);
/* Locks the rings' memory and the segment's where the configuration asks for it, and makes up the text. */
void vx_memory_settle(vx_memory *memory, const velox_config *config, uint8_t *segment,
                      uint64_t segment_bytes);
void vx_memory_give_back(vx_memory *memory); /* a second time, or all zero: nothing */
#endif
