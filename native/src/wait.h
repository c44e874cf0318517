/* What a thread does between duty cycles that moved nothing. The hot path (work was done) costs one store. */
#ifndef VX_WAIT_H
#define VX_WAIT_H
#include "clock.h"

#define VX_PARK_QUANTUM_NS 50000 /* longest park; wake-ups once a quantum, then drain what came */
/* Backoff: idle turns that spin, then turns that yield, before it parks. Few: an arrival rarely comes within
 * them, and they are paid at every park. */
#define VX_WAIT_SPINS  4
#define VX_WAIT_YIELDS 1

/* One thread's own. */
typedef struct vx_waiter {
    velox_wait mode; /* never AUTO; may be set anew at any turn */
    uint32_t idle_turns;
    uint64_t parks;
    uint64_t parked_ns;
} vx_waiter;

void vx_waiter_init(vx_waiter *waiter, velox_wait mode);

static inline void vx_waiter_worked(vx_waiter *waiter)
{
    waiter->idle_turns = 0;
}

/* When a park begun at now_ns ends: the sooner of the deadline and a quantum from now; now_ns itself: do not
 * park. */
static inline uint64_t vx_park_until_ns(uint64_t now_ns, uint64_t next_deadline_ns)
{
    if (next_deadline_ns <= now_ns)
        return now_ns;
    return next_deadline_ns - now_ns < VX_PARK_QUANTUM_NS ? next_deadline_ns : now_ns + VX_PARK_QUANTUM_NS;
}

/* Nothing moved: spin hints; sched_yield; or spins, then yields, then clock_nanosleep(TIMER_ABSTIME) until
 * the sooner of next_deadline_ns (UINT64_MAX: none) and now + VX_PARK_QUANTUM_NS, at once back when the
 * deadline has passed. Makes no other system call, but for clock_gettime where the vDSO has none. */
void vx_waiter_idle(vx_waiter *waiter, const vx_clock *clock, uint64_t next_deadline_ns);
#endif
