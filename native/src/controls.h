/* Settings and faults that change while the pipeline runs. One thread at a time issues commands; stages look
 * at the generation once a cycle and, when it has moved, take their private copies anew. */
#ifndef VX_CONTROLS_H
#define VX_CONTROLS_H
#include "atomics.h"
#include "transaction.h"

typedef struct vx_clock vx_clock; /* clock.h */

typedef struct vx_controls {
    alignas(VX_SPACING) VX_ATOMIC(uint64_t) generation; /* raised after every command */
    VX_ATOMIC(uint64_t) stopping;                       /* 1: faults are off, drain */
    VX_ATOMIC(uint64_t) rate_millihz;
    VX_ATOMIC(uint64_t) hold;
    VX_ATOMIC(uint64_t) burst_total; /* asked for since the start */
    VX_ATOMIC(uint64_t) bundle_max;
    VX_ATOMIC(uint64_t) bundle_timeout_ns;
    VX_ATOMIC(uint64_t) wait;
    VX_ATOMIC(uint64_t) stall_until_ns[VELOX_STAGES];
    VX_ATOMIC(uint64_t) slow_ns[VELOX_STAGES]; /* per item */
    /* Where commands are shown: words of the segment. */
    alignas(VX_SPACING) VX_ATOMIC(uint64_t) * shown; /* control block */
    VX_ATOMIC(uint64_t) * log;                       /* VX_LOG_RECORDS records of 4 words */
    int threads;                                     /* stage threads, */
    int paced;                                       /* a rate means something */
    int generated;                                   /* bursts can be made */
    int usable_cores;                                /* and cores they may use: spin needs as many */
} vx_controls;

/* Applies, counts and logs a command; VELOX_INVALID_ARGUMENT or VELOX_NOT_PERMITTED change nothing. */
velox_status vx_controls_command(vx_controls *controls, const vx_clock *clock, int command, int stage,
                                 uint64_t value);

/* Safe in a signal handler. */
static inline void vx_controls_stop(vx_controls *controls)
{
    /* Relaxed: hands nothing over. */
    vx_store_relaxed(&controls->stopping, 1);
}
#endif
