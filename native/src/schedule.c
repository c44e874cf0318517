/* Phases and changes of rate; see schedule.h. */
#include "schedule.h"

#define NEVER ((vx_u128)1 << 126) /* far beyond any Q32 time, yet nothing added to it overflows */
#define UNIT  ((vx_u128)UINT64_C(1000000000000) << 32) /* gap = UNIT / rate_millihz */

#define BURST_ON_NS  UINT64_C(10000000)
#define BURST_OFF_NS UINT64_C(90000000)
#define BURST_FACTOR 10
#define RAMP_STEP_NS UINT64_C(100000000)
#define RAMP_STEPS   100

/* The intensity of the present phase as a fraction of the rate. */
static void phase_intensity(const vx_pace *pace, uint32_t *numerator, uint32_t *denominator)
{
    *numerator = 1;
    *denominator = 1;
    if (pace->pattern == VELOX_BURSTS) {
        *numerator = pace->phase == 0 ? BURST_FACTOR : 0;
    } else if (pace->pattern == VELOX_RAMP) {
        *numerator = 2 * pace->phase + 1;
        *denominator = RAMP_STEPS;
    }
}

static vx_u128 phase_length(const vx_pace *pace)
{
    if (pace->pattern == VELOX_BURSTS)
        return (vx_u128)(pace->phase == 0 ? BURST_ON_NS : BURST_OFF_NS) << 32;
    if (pace->pattern == VELOX_RAMP)
        return (vx_u128)RAMP_STEP_NS << 32;
    return NEVER;
}

/* Sets what follows from rate, phase and the changes to come. */
static void settle(vx_pace *pace)
{
    uint32_t numerator, denominator;
    phase_intensity(pace, &numerator, &denominator);
    const vx_u128 rate = (vx_u128)pace->rate_millihz * numerator;
    pace->gap = numerator == 0 ? 0 : UNIT * denominator / rate;
    pace->gap_rest =
        numerator == 0 ? 0 : (uint64_t)(UNIT * denominator % rate); /* used by constant alone: rate = rate */
    pace->boundary = pace->phase_end;
    if (pace->changes > 0 && (vx_u128)pace->change[0].at_ns << 32 < pace->boundary)
        pace->boundary = (vx_u128)pace->change[0].at_ns << 32;
}

static void next_phase(vx_pace *pace)
{
    const uint32_t phases = pace->pattern == VELOX_BURSTS ? 2 : RAMP_STEPS;
    pace->phase = (pace->phase + 1) % phases;
    pace->phase_end += phase_length(pace);
}

static void next_rate(vx_pace *pace)
{
    pace->rate_millihz = pace->change[0].rate_millihz;
    pace->changes--;
    for (uint32_t i = 0; i < pace->changes; i++)
        pace->change[i] = pace->change[i + 1];
}

void vx_pace_cross(vx_pace *pace)
{
    const vx_u128 at = pace->boundary;
    if (pace->gap != 0)
        pace->units = (uint64_t)(((pace->next - at) << 32) / pace->gap);
    if (at == pace->phase_end)
        next_phase(pace);
    else
        next_rate(pace);
    settle(pace);
    pace->rest = 0;
    pace->next = pace->gap == 0 ? NEVER : at + (pace->units * pace->gap >> 32);
}

/* One interval after the start: what is "emitted" to get there is the start itself. */
static void first_arrival(vx_schedule *schedule)
{
    uint64_t start_ns;
    vx_pace *pace = &schedule->pace;
    if (pace->pattern == VELOX_CONSTANT)
        vx_schedule_emit_even(pace, NEVER, &start_ns, 1);
    else
        vx_schedule_emit(schedule, NEVER, &start_ns, 1);
}

void vx_schedule_init(vx_schedule *schedule, velox_pattern pattern, uint64_t rate_millihz, uint64_t seed,
                      uint64_t start_ns)
{
    *schedule = (vx_schedule){.pace = {.pattern = pattern, .rate_millihz = rate_millihz}};
    vx_pace *pace = &schedule->pace;
    vx_random_seed(&schedule->random, seed, VX_STREAM_SCHEDULE);
    vx_log_table_init(&schedule->table);
    pace->next = (vx_u128)start_ns << 32;
    pace->phase_end = pace->next + phase_length(pace);
    settle(pace);
    if (pattern == VELOX_FILE)
        pace->next = NEVER;
    else if (pattern != VELOX_MAX)
        first_arrival(schedule);
}

uint64_t vx_schedule_next_ns(const vx_schedule *schedule)
{
    vx_pace pace = schedule->pace;
    if (pace.held || pace.pattern == VELOX_FILE)
        return UINT64_MAX;
    while (pace.next >= pace.boundary)
        vx_pace_cross(&pace);
    return (uint64_t)(pace.next >> 32);
}

void vx_schedule_set_rate(vx_schedule *schedule, uint64_t rate_millihz, uint64_t now_ns)
{
    vx_pace *pace = &schedule->pace;
    /* The new rate holds from the next nanosecond on: whatever falls into this one is due, so it stays. */
    const uint64_t at_ns = (pace->held ? pace->held_ns : now_ns) + 1;
    if (pace->pattern == VELOX_MAX || pace->pattern == VELOX_FILE)
        return;
    const int replace = pace->changes == VX_RATE_CHANGES ||
                        (pace->changes > 0 && pace->change[pace->changes - 1].at_ns == at_ns);
    if (replace)
        pace->change[pace->changes - 1].rate_millihz = rate_millihz;
    else
        pace->change[pace->changes++] = (vx_rate_change){at_ns, rate_millihz};
    if ((vx_u128)pace->change[0].at_ns << 32 < pace->boundary)
        pace->boundary = (vx_u128)pace->change[0].at_ns << 32;
}

void vx_schedule_hold(vx_schedule *schedule, uint64_t now_ns)
{
    if (schedule->pace.held)
        return;
    schedule->pace.held = 1;
    schedule->pace.held_ns = now_ns;
}

void vx_schedule_release(vx_schedule *schedule, uint64_t now_ns)
{
    vx_pace *pace = &schedule->pace;
    if (!pace->held)
        return;
    const uint64_t held_ns = now_ns - pace->held_ns;
    const vx_u128 shift = (vx_u128)held_ns << 32;
    pace->held = 0;
    pace->next += shift;
    pace->boundary += shift;
    pace->phase_end += shift;
    for (uint32_t i = 0; i < pace->changes; i++)
        pace->change[i].at_ns += held_ns;
}
