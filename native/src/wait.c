#include "wait.h"

#include <errno.h>
#include <sched.h>

#include "atomics.h"

#define SECOND_NS UINT64_C(1000000000)

void vx_waiter_init(vx_waiter *waiter, velox_wait mode)
{
    *waiter = (vx_waiter){.mode = mode};
}

/* The frozen clock and CLOCK_MONOTONIC drift apart, so the kernel is told its own time at which the span
 * ends: absolute, lest being descheduled on the way into the sleep lengthens it. */
static void sleep_for(uint64_t span_ns)
{
#if defined(__linux__)
    const uint64_t until_ns = vx_monotonic_ns() + span_ns;
    const struct timespec until = {.tv_sec = (time_t)(until_ns / SECOND_NS),
                                   .tv_nsec = (long)(until_ns % SECOND_NS)};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
        ;
#else
    const struct timespec span = {.tv_sec = (time_t)(span_ns / SECOND_NS),
                                  .tv_nsec = (long)(span_ns % SECOND_NS)};
    nanosleep(&span, NULL);
#endif
}

static void park(vx_waiter *waiter, const vx_clock *clock, uint64_t next_deadline_ns)
{
    const uint64_t now_ns = vx_clock_now_ns(clock);
    const uint64_t until_ns = vx_park_until_ns(now_ns, next_deadline_ns);
    if (until_ns == now_ns)
        return;
    sleep_for(until_ns - now_ns);
    waiter->parks++;
    waiter->parked_ns += vx_clock_now_ns(clock) - now_ns;
}

/* idle_turns stands still once it parks: a park that brought nothing is followed by the next at once. */
static void back_off(vx_waiter *waiter, const vx_clock *clock, uint64_t next_deadline_ns)
{
    if (waiter->idle_turns >= VX_WAIT_SPINS + VX_WAIT_YIELDS) {
        park(waiter, clock, next_deadline_ns);
        return;
    }
    if (waiter->idle_turns++ < VX_WAIT_SPINS)
        vx_relax();
    else
        sched_yield();
}

void vx_waiter_idle(vx_waiter *waiter, const vx_clock *clock, uint64_t next_deadline_ns)
{
    switch (waiter->mode) {
    case VELOX_BACKOFF:
        back_off(waiter, clock, next_deadline_ns);
        break;
    case VELOX_YIELD:
        sched_yield();
        break;
    default:
        vx_relax();
        break;
    }
}
