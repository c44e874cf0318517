/* When transactions arrive: an absolute schedule of intended arrivals, from a seed, by integer arithmetic
 * only.
 *
 * Pure: it knows no clock and is told the time, so its sequence depends neither on how often it is asked nor
 * on what becomes of the transactions. Times are nanoseconds kept with a fraction of 32 bits, which
 * accumulates: nothing drifts. The first arrival comes one interval after the start.
 *
 *   poisson   exponential intervals; one draw an arrival.
 *   constant  the k-th arrival at start + floor(k * 10^12 / rate_millihz), exactly, also where that is no
 * whole number. bursts    poisson at ten times the rate for 10 ms, then nothing for 90 ms, repeating. ramp
 * poisson, rising from 0 to twice the rate in 100 steps of 100 ms, repeating: step k has (2k + 1) / 100 of
 * it. max       unpaced: as many as asked for, intended now. file      nothing: a file of transactions has
 * its own times (input.h).
 *
 * The mean of bursts and ramp over a whole period is the configured rate. */
#ifndef VX_SCHEDULE_H
#define VX_SCHEDULE_H
#include "random.h"
#include "velox.h"

__extension__ typedef unsigned __int128 vx_u128;

#define VX_RATE_CHANGES 16

typedef struct vx_rate_change {
    uint64_t at_ns;
    uint64_t rate_millihz;
} vx_rate_change;

/* Where the schedule stands. Times are Q32 ns. */
typedef struct vx_pace {
    vx_u128 next;     /* arrival, if the present intensity lasts until then */
    vx_u128 boundary; /* first instant of another intensity: the phase's end or a change of rate */
    vx_u128 gap;      /* mean interval at the present intensity; 0: nothing arrives */
    vx_u128 phase_end;
    uint64_t units; /* gap is 0: what was left of the interval, Q32 of its mean */
    uint64_t rate_millihz;
    uint64_t gap_rest; /* what gap lacks, in units of 1 / rate_millihz */
    uint64_t rest;     /* what next lacks, likewise */
    uint64_t held_ns;
    velox_pattern pattern;
    uint32_t phase;
    uint32_t changes;
    uint32_t held;
    vx_rate_change change[VX_RATE_CHANGES]; /* not yet reached, oldest first */
} vx_pace;

typedef struct vx_schedule {
    vx_pace pace;
    vx_random random;
    vx_log_table table;
} vx_schedule;

/* rate_millihz as VELOX_OPTION_RATE_MILLIHZ. */
void vx_schedule_init(vx_schedule *schedule, velox_pattern pattern, uint64_t rate_millihz, uint64_t seed,
                      uint64_t start_ns);
/* When the next arrival is due; UINT64_MAX: never, or held. Not later than now means due. */
uint64_t vx_schedule_next_ns(const vx_schedule *schedule);
/* A new rate from now on: what is left of the present interval is rescaled, neither delayed nor drawn anew.
 * Arrivals that are due by now, asked for or not, stay as they were. More than VX_RATE_CHANGES changes
 * without an arrival being asked for between them: the newest rate takes the place of the one before. */
void vx_schedule_set_rate(vx_schedule *schedule, uint64_t rate_millihz, uint64_t now_ns);
/* Time stands still from hold to release: nothing is due between them, and what was left of every wait is
 * left after. */
void vx_schedule_hold(vx_schedule *schedule, uint64_t now_ns);
void vx_schedule_release(vx_schedule *schedule, uint64_t now_ns);
/* Goes from pace->boundary, reached before the next arrival, into the following intensity. */
void vx_pace_cross(vx_pace *pace);

/* Emits arrivals before `limit`, the end of the present intensity at most. */
static inline uint32_t vx_schedule_emit(vx_schedule *schedule, vx_u128 limit, uint64_t *restrict intended_ns,
                                        uint32_t capacity)
{
    vx_random random = schedule->random; /* copies stay in registers */
    const vx_u128 gap = schedule->pace.gap;
    vx_u128 next = schedule->pace.next;
    uint32_t count = 0;
    for (; next < limit && count < capacity; count++) {
        intended_ns[count] = (uint64_t)(next >> 32);
        next += vx_unit_exponential(&schedule->table, &random) * gap >> 32;
    }
    schedule->pace.next = next;
    schedule->random = random;
    return count;
}

/* The same at even intervals. */
static inline uint32_t vx_schedule_emit_even(vx_pace *pace, vx_u128 limit, uint64_t *restrict intended_ns,
                                             uint32_t capacity)
{
    const vx_u128 gap = pace->gap;
    vx_u128 next = pace->next;
    uint64_t rest = pace->rest;
    uint32_t count = 0;
    for (; next < limit && count < capacity; count++) {
        intended_ns[count] = (uint64_t)(next >> 32);
        rest += pace->gap_rest;
        const int carry = rest >= pace->rate_millihz;
        rest -= carry ? pace->rate_millihz : 0;
        next += gap + (unsigned)carry;
    }
    pace->next = next;
    pace->rest = rest;
    return count;
}

/* Unpaced: as many as are wanted, if any. */
static inline uint32_t vx_schedule_emit_now(const vx_pace *pace, uint64_t now_ns, uint64_t *restrict intended_ns,
                                            uint32_t capacity)
{
    const uint32_t count = (uint64_t)(pace->next >> 32) <= now_ns ? capacity : 0;
    for (uint32_t i = 0; i < count; i++)
        intended_ns[i] = now_ns;
    return count;
}

/* Writes the intended arrivals due at now_ns, oldest first, at most `capacity`, and gives their number; the rest stays due. */
static inline uint32_t vx_schedule_due(vx_schedule *schedule, uint64_t now_ns, uint64_t *restrict intended_ns,
                                       uint32_t capacity)
{
    vx_pace *pace = &schedule->pace;
    const vx_u128 end = ((vx_u128)now_ns + 1) << 32;
    uint32_t count = 0;
    if (pace->held)
        return 0;
    if (pace->pattern == VELOX_MAX)
        return vx_schedule_emit_now(pace, now_ns, intended_ns, capacity);
    while (count < capacity) {
        const vx_u128 limit = end < pace->boundary ? end : pace->boundary;
        count += pace->pattern == VELOX_CONSTANT
                     ? vx_schedule_emit_even(pace, limit, intended_ns + count, capacity - count)
                     : vx_schedule_emit(schedule, limit, intended_ns + count, capacity - count);
        if (pace->next < limit || limit == end)
            break;
        vx_pace_cross(pace);
    }
    return count;
}

#endif
