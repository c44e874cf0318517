/* The keeper's sign of life: one moment told by both clocks, the engine's and CLOCK_MONOTONIC. Each has a
 * word of its own; one after the other these may be of two turns. So the pair is also kept whole, as exact
 * cuts are (cut.h): in two copies by turns, under the number of the newest turn that is complete. A writer
 * that is stopped or killed between any two stores leaves the copy of that turn as it was. */
#ifndef VX_HEARTBEAT_H
#define VX_HEARTBEAT_H
#include "cut.h"

#define VX_HEARTBEAT_CLOCKS 2  /* the engine's, CLOCK_MONOTONIC */
#define VX_HEARTBEAT_TRIES  64 /* a pair takes nanoseconds to load, and the turn after next is 10 ms away */

/* As it lies in the segment, at the source of the row VELOX_ROLE_CONTROL_HEARTBEAT_NS. */
typedef struct vx_heartbeat {
    VX_ATOMIC(uint64_t) turn; /* 0: none yet */
    VX_ATOMIC(uint64_t) pairs[2 * VX_HEARTBEAT_CLOCKS];
} vx_heartbeat;

/* By one thread. `words`: the engine's time, CLOCK_MONOTONIC. */
static inline void vx_heartbeat_store(vx_heartbeat *heartbeat, VX_ATOMIC(uint64_t) * words,
                                      uint64_t engine_ns, uint64_t monotonic_ns)
{
    /* Relaxed: for whoever wants one of the words; they promise nothing of each other or of anything else. */
    vx_store_relaxed(&words[0], engine_ns);
    vx_store_relaxed(&words[1], monotonic_ns);
    const uint64_t turn = vx_load_relaxed(&heartbeat->turn) + 1; /* relaxed: this thread's own */
    /* Its release stores pair with vx_cut_load: who meets the pair of turn n + 2 in the copy of turn n sees
     * that n + 1 is complete. */
    vx_cut_copy(heartbeat->pairs, words, VX_HEARTBEAT_CLOCKS, turn);
    /* Its release store pairs with vx_cut_newest: who sees the turn's number sees its pair. */
    vx_cut_complete(&heartbeat->turn, turn);
}

/* The pair of the newest turn, zeros before the first. False when the writer was faster in every try. */
static inline int vx_heartbeat_load(const vx_heartbeat *heartbeat, uint64_t pair[VX_HEARTBEAT_CLOCKS])
{
    for (int i = 0; i < VX_HEARTBEAT_TRIES; i++) {
        const uint64_t turn = vx_cut_newest(&heartbeat->turn);
        vx_cut_load(heartbeat->pairs, VX_HEARTBEAT_CLOCKS, turn, pair);
        if (vx_cut_still(&heartbeat->turn, turn))
            return 1;
    }
    return 0;
}
#endif
