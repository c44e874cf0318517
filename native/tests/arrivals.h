/* What the tests of the schedule share: one schedule, and ways to drain it. */
#ifndef VX_ARRIVALS_H
#define VX_ARRIVALS_H
#include "schedule.h"

#include "check.h"

#define START  UINT64_C(5000000000)
#define SECOND UINT64_C(1000000000)
#define MANY   200000

static vx_schedule schedule;
static uint64_t arrivals[MANY];

/* Asks for `count` arrivals at once, long after they are due. */
static inline void take(vx_schedule *from, uint64_t *into, uint32_t count)
{
    CHECK_EQUAL(vx_schedule_due(from, UINT64_MAX / 2, into, count), count);
}

static inline uint64_t count_until(vx_schedule *from, uint64_t end_ns)
{
    uint64_t intended_ns[64];
    uint64_t total = 0;
    uint32_t count;
    while ((count = vx_schedule_due(from, end_ns, intended_ns, 64)) > 0)
        total += count;
    return total;
}

/* |counted - expected| <= 4 sqrt(expected) + 1. */
static inline int plausible(uint64_t counted, uint64_t expected)
{
    const uint64_t off = counted > expected ? counted - expected : expected - counted;
    return off <= 1 || (off - 1) * (off - 1) <= 16 * expected;
}

#endif
