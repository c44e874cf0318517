/* Phases and changes of rate; see schedule.h. */
#include "schedule.h"

#define UNIT  ((vx_u128)UINT64_C(1000000000000) << VX_PACE_BITS) /* gap = UNIT / rate_millihz */
#define NEVER UINT64_MAX

#define BURST_ON_NS  UINT64_C(10000000)
#define BURST_OFF_NS UINT64_C(90000000)
#define BURST_FACTOR 10
#define RAMP_STEP_NS UINT64_C(100000000)
#define RAMP_STEPS   100

static vx_u128 at(uint64_t ns)
{
    return (vx_u128)ns << VX_PACE_BITS;
}

static uint64_t phase_end(const vx_pace *pace, uint64_t start_ns)
{
    if (pace->pattern == VELOX_BURSTS)
        return start_ns + (pace->phase == 0 ? BURST_ON_NS : BURST_OFF_NS);
    if (pace->pattern == VELOX_RAMP)
        return start_ns + RAMP_STEP_NS;
    return NEVER;
}

/* The mean interval in the present phase, which has numerator / denominator of the rate. */
static void set_gap(vx_pace *pace)
{
    uint64_t numerator = 1;
    uint64_t denominator = 1;
    if (pace->pattern == VELOX_BURSTS) {
        numerator = pace->phase == 0 ? BURST_FACTOR : 0;
    } else if (pace->pattern == VELOX_RAMP) {
        numerator = 2 * pace->phase + 1;
        denominator = RAMP_STEPS;
    }
    const uint64_t rate = pace->rate_millihz * numerator;
    pace->gap = rate == 0 ? 0 : (uint64_t)(UNIT * denominator / rate);
    pace->gap_rest = rate == 0 ? 0 : (uint64_t)(UNIT * denominator % rate); /* used by even intervals alone */
    pace->rest = 0;
}

static void set_boundary(vx_pace *pace)
{
    pace->boundary_ns = pace->phase_end_ns;
    if (pace->changes > 0 && pace->change[0].at_ns < pace->boundary_ns)
        pace->boundary_ns = pace->change[0].at_ns;
}

static void next_phase(vx_pace *pace)
{
    const uint32_t phases = pace->pattern == VELOX_BURSTS ? 2 : RAMP_STEPS;
    pace->phase = (pace->phase + 1) % phases;
    pace->phase_end_ns = phase_end(pace, pace->phase_end_ns);
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
    const vx_u128 now = at(pace->boundary_ns);
    if (pace->gap != 0)
        pace->units = (uint64_t)(((pace->next - now) << 32) / pace->gap);
    if (pace->boundary_ns == pace->phase_end_ns)
        next_phase(pace);
    else
        next_rate(pace);
    set_gap(pace);
    set_boundary(pace);
    pace->next = pace->gap == 0 ? at(NEVER) : now + ((vx_u128)pace->units * pace->gap >> 32);
}

/* One interval after the start: what is "emitted" to get there is the start itself. */
static void first_arrival(vx_schedule *schedule, uint64_t start_ns)
{
    vx_pace *pace = &schedule->pace;
    if (pace->pattern == VELOX_CONSTANT)
        vx_pace_emit_even(pace, start_ns, &start_ns, 1);
    else if (pace->pattern == VELOX_FILE)
        pace->next = at(NEVER);
    else if (pace->pattern != VELOX_MAX)
        vx_schedule_emit(schedule, start_ns, &start_ns, 1);
}

void vx_schedule_init(vx_schedule *schedule, velox_pattern pattern, uint64_t rate_millihz, uint64_t seed,
                      uint64_t start_ns)
{
    *schedule =
        (vx_schedule){.pace = {.pattern = pattern, .rate_millihz = rate_millihz, .next = at(start_ns)}};
    vx_random_seed(&schedule->random, seed, VX_STREAM_SCHEDULE);
    vx_log_table_init(&schedule->table);
    schedule->pace.phase_end_ns = phase_end(&schedule->pace, start_ns);
    set_gap(&schedule->pace);
    set_boundary(&schedule->pace);
    first_arrival(schedule, start_ns);
}

static uint64_t next_ns(const vx_pace *pace)
{
    return (uint64_t)(pace->next >> VX_PACE_BITS);
}

/* Looks ahead on a copy. */
static uint64_t next_across(vx_pace pace)
{
    while (next_ns(&pace) >= pace.boundary_ns && pace.boundary_ns != NEVER)
        vx_pace_cross(&pace);
    return next_ns(&pace);
}

uint64_t vx_schedule_next_ns(const vx_schedule *schedule)
{
    const vx_pace *pace = &schedule->pace;
    if (pace->held)
        return NEVER;
    return next_ns(pace) < pace->boundary_ns ? next_ns(pace) : next_across(*pace);
}

void vx_schedule_set_rate(vx_schedule *schedule, uint64_t rate_millihz, uint64_t now_ns)
{
    vx_pace *pace = &schedule->pace;
    /* The new rate holds from the next nanosecond on: whatever falls into this one is due, so it stays. */
    const uint64_t at_ns = (pace->held ? pace->held_ns : now_ns) + 1;
    if (pace->pattern == VELOX_MAX || pace->pattern == VELOX_FILE)
        return;
    if (pace->changes == VX_RATE_CHANGES)
        pace->change[VX_RATE_CHANGES - 1].rate_millihz = rate_millihz;
    else
        pace->change[pace->changes++] = (vx_rate_change){at_ns, rate_millihz};
    set_boundary(pace);
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
    pace->held = 0;
    if (pace->gap != 0 && pace->pattern != VELOX_FILE)
        pace->next += at(held_ns);
    if (pace->phase_end_ns != NEVER)
        pace->phase_end_ns += held_ns;
    for (uint32_t i = 0; i < pace->changes; i++)
        pace->change[i].at_ns += held_ns;
    set_boundary(pace);
}
