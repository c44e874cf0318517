/* What a thread does between duty cycles that moved nothing. The hot path (work was done) costs one store. */
#ifndef VX_WAIT_H
#define VX_WAIT_H
#include "clock.h"

#define VX_PARK_QUANTUM_NS 50000 /* longest park; wake-ups once a quantum, then drain what came */

typedef struct vx_waiter {
    velox_wait mode; /* never AUTO */
    uint32_t idle_turns;
    uint64_t parks;
    uint64_t parked_ns;
} vx_waiter;

void vx_waiter_init(vx_waiter *waiter, velox_wait mode);
static inline void vx_waiter_worked(vx_waiter *waiter);
/* Nothing moved: spin hints; sched_yield; or spins, then yields, then clock_nanosleep(TIMER_ABSTIME) until the sooner of
 * next_deadline_ns and now + VX_PARK_QUANTUM_NS. Makes no other system call. */
void vx_waiter_idle(vx_waiter *waiter, const vx_clock *clock, uint64_t next_deadline_ns);
#endif
