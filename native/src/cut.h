/* Exact cuts. Several times a second a marker runs through the pipeline: the first stage fixes a position
 * (the count it has pushed), copies its block and sends the position on; each stage that has handled exactly
 * the items before it copies its own block and passes the marker on; the last one declares the cut complete.
 * Nothing waits for it.
 *
 * A marker is stored before any item behind it is published, so a consumer that sees such an item sees the
 * marker. One cut is under way at a time: cut n + 1 is asked for only after cut n is complete, and writes the
 * other of two copies. */
#ifndef VX_CUT_H
#define VX_CUT_H
#include "atomics.h"
#include "transaction.h"

/* From one stage to the next (or from the control thread to the first, where the position is not used). */
typedef struct vx_marker {
    alignas(VX_SPACING) VX_ATOMIC(uint64_t) sequence; /* of the latest cut sent on; 0: none yet */
    VX_ATOMIC(uint64_t) position;                     /* transactions before it */
} vx_marker;

static inline void vx_marker_send(vx_marker *marker, uint64_t sequence, uint64_t position)
{
    /* Relaxed: the consumer reads it only after it has acquired the sequence. */
    vx_store_relaxed(&marker->position, position);
    /* Release pairs with the acquire in vx_marker_pending. */
    vx_store_release(&marker->sequence, sequence);
}

/* The sequence of a marker that is not yet done, and its position; else 0. Called after the peek whose items
 * it might cut. */
static inline uint64_t vx_marker_pending(const vx_marker *marker, uint64_t done, uint64_t *position)
{
    /* Acquire pairs with the release in vx_marker_send: the position is that of this sequence. */
    const uint64_t sequence = vx_load_acquire(&marker->sequence);
    if (sequence == done)
        return 0;
    *position = vx_load_relaxed(&marker->position);
    return sequence;
}

/* Copies the first `words` of a block into the copy that belongs to `sequence`. */
static inline void vx_cut_copy(VX_ATOMIC(uint64_t) * copies, const VX_ATOMIC(uint64_t) * block,
                               uint32_t words, uint64_t sequence)
{
    VX_ATOMIC(uint64_t) *const to = copies + (sequence & 1) * words;
    for (uint32_t i = 0; i < words; i++) {
        /* Relaxed load: the block is this thread's own. Release store pairs with the acquire in vx_cut_load:
         * a reader that meets a word of the cut after next also sees that the one between is complete. */
        vx_store_release(&to[i], vx_load_relaxed(&block[i]));
    }
}

/* The last stage's: the cut is complete, in every stage. */
static inline void vx_cut_complete(VX_ATOMIC(uint64_t) * newest, uint64_t sequence)
{
    /* Release pairs with the acquire in vx_cut_newest: who sees the number sees every stage's copy (each
     * marker's release and acquire hand them on). */
    vx_store_release(newest, sequence);
}

/* Readers: load the newest complete sequence, then every stage's copy, then ask whether it is still the
 * newest; if not, start again. */
static inline uint64_t vx_cut_newest(const VX_ATOMIC(uint64_t) * newest)
{
    /* Acquire pairs with the release in vx_cut_complete. */
    return vx_load_acquire(newest);
}

static inline void vx_cut_load(const VX_ATOMIC(uint64_t) * copies, uint32_t words, uint64_t sequence,
                               uint64_t *out)
{
    const VX_ATOMIC(uint64_t) *const from = copies + (sequence & 1) * words;
    for (uint32_t i = 0; i < words; i++)
        out[i] = vx_load_acquire(
            &from[i]); /* pairs with the release in vx_cut_copy; keeps vx_cut_still after it */
}

/* True when the copies of `sequence` were not touched while they were loaded. */
static inline int vx_cut_still(const VX_ATOMIC(uint64_t) * newest, uint64_t sequence)
{
    /* Relaxed: the acquire loads of vx_cut_load come before it. Had any of them met a word of sequence + 2,
     * the completion of sequence + 1 happened before and is seen here. */
    return vx_load_relaxed(newest) == sequence;
}
#endif
