/* When transactions arrive: an absolute schedule of intended arrivals, from a seed, by integer arithmetic
 * only.
 *
 * Pure: it knows no clock and is told the time, so its sequence depends neither on how often it is asked nor
 * on what becomes of the transactions. It adds up nanoseconds with a binary fraction: nothing drifts. The
 * first arrival comes one interval after the start.
 *
 * - poisson: exponential intervals; one draw an arrival.
 * - constant: the k-th arrival at start + floor(k * 10^12 / rate_millihz), exactly, for every rate.
 * - bursts: poisson at ten times the rate for 10 ms, then nothing for 90 ms, repeating.
 * - ramp: poisson, rising from 0 to twice the rate in 100 steps of 100 ms, repeating; step k = 0 .. 99 has
 *   (2 k + 1) / 100 of the rate.
 * - max: unpaced; as many as are asked for, intended now.
 * - file: nothing; a file of transactions has its own times (input.h).
 *
 * The mean of bursts and ramp over a whole period is the configured rate. */
#ifndef VX_SCHEDULE_H
#define VX_SCHEDULE_H
#include "random.h"
#include "velox.h"

__extension__ typedef unsigned __int128 vx_u128;

/* Bits of a nanosecond's fraction: the longest mean interval (ramp's first step at 1/s, 100 s) still fits 64
 * bits, and the shortest (bursts at 10^9/s, 0.1 ns) is right to 1e-7. */
#define VX_PACE_BITS    27
#define VX_RATE_CHANGES 16

typedef struct vx_rate_change {
    uint64_t at_ns;
    uint64_t rate_millihz;
} vx_rate_change;

/* Where the schedule stands. */
typedef struct vx_pace {
    vx_u128 next;          /* arrival, if the present intensity lasts until then; ns << VX_PACE_BITS */
    uint64_t gap;          /* mean interval at the present intensity, likewise; 0: nothing arrives */
    uint64_t boundary_ns;  /* first instant of another intensity: end of phase or change of rate */
    uint64_t phase_end_ns; /* either is UINT64_MAX where there is none */
    uint64_t units;        /* with gap 0: what was left of the interval, Q32 of its mean */
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
 * Arrivals that are due by now, asked for or not, stay as they were. More than VX_RATE_CHANGES changes while
 * arrivals due before them wait to be asked for: the newest rate takes the place of the one before. */
void vx_schedule_set_rate(vx_schedule *schedule, uint64_t rate_millihz, uint64_t now_ns);
/* Time stands still from hold to release: nothing is due between them, and what was left of every wait is
 * left after. */
void vx_schedule_hold(vx_schedule *schedule, uint64_t now_ns);
void vx_schedule_release(vx_schedule *schedule, uint64_t now_ns);
/* Goes from boundary_ns, reached before the next arrival, into the following intensity. */
void vx_pace_cross(vx_pace *pace);

/* Emits arrivals up to last_ns, at the present intensity. */
static inline uint32_t vx_schedule_emit(vx_schedule *schedule, uint64_t last_ns,
                                        uint64_t *restrict intended_ns, uint32_t capacity)
{
    vx_random random = schedule->random; /* copies stay in registers */
    const uint64_t gap = schedule->pace.gap;
    vx_u128 next = schedule->pace.next;
    uint32_t count = 0;
    for (; count < capacity; count++) {
        const uint64_t due_ns = (uint64_t)(next >> VX_PACE_BITS);
        if (due_ns > last_ns)
            break;
        intended_ns[count] = due_ns;
        next += (vx_u128)vx_unit_exponential(&schedule->table, &random) * gap >> 32;
    }
    schedule->pace.next = next;
    schedule->random = random;
    return count;
}

/* The same at even intervals. */
static inline uint32_t vx_pace_emit_even(vx_pace *pace, uint64_t last_ns, uint64_t *restrict intended_ns,
                                         uint32_t capacity)
{
    vx_u128 next = pace->next;
    uint64_t rest = pace->rest;
    uint32_t count = 0;
    for (; count < capacity; count++) {
        const uint64_t due_ns = (uint64_t)(next >> VX_PACE_BITS);
        if (due_ns > last_ns)
            break;
        intended_ns[count] = due_ns;
        rest += pace->gap_rest;
        const uint64_t carry = rest >= pace->rate_millihz;
        rest -= carry ? pace->rate_millihz : 0;
        next += pace->gap + carry;
    }
    pace->next = next;
    pace->rest = rest;
    return count;
}

/* Unpaced: as many as are wanted, once the start has come. */
static inline uint32_t vx_pace_emit_now(const vx_pace *pace, uint64_t now_ns, uint64_t *restrict intended_ns,
                                        uint32_t capacity)
{
    const uint32_t count = (uint64_t)(pace->next >> VX_PACE_BITS) <= now_ns ? capacity : 0;
    for (uint32_t i = 0; i < count; i++)
        intended_ns[i] = now_ns;
    return count;
}

/* Writes the intended arrivals due at now_ns, oldest first, at most `capacity`, and gives their number; the
 * rest stays due. */
static inline uint32_t vx_schedule_due(vx_schedule *schedule, uint64_t now_ns, uint64_t *restrict intended_ns,
                                       uint32_t capacity)
{
    vx_pace *pace = &schedule->pace;
    uint32_t count = 0;
    if (pace->held)
        return 0;
    if (pace->pattern == VELOX_MAX)
        return vx_pace_emit_now(pace, now_ns, intended_ns, capacity);
    while (count < capacity) {
        const uint64_t last_ns = now_ns < pace->boundary_ns ? now_ns : pace->boundary_ns - 1;
        count += pace->pattern == VELOX_CONSTANT
                     ? vx_pace_emit_even(pace, last_ns, intended_ns + count, capacity - count)
                     : vx_schedule_emit(schedule, last_ns, intended_ns + count, capacity - count);
        const int more = (uint64_t)(pace->next >> VX_PACE_BITS) <= last_ns;
        if (more || last_ns == now_ns || pace->boundary_ns == UINT64_MAX)
            break;
        vx_pace_cross(pace);
    }
    return count;
}

#endif
