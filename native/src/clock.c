/* Calibration. The counter and CLOCK_MONOTONIC cannot be read at one moment, so CLOCK_MONOTONIC is read
 * between two readings of the counter: at the midpoint the two times belong together, give or take half the
 * bracket. Three such anchors are taken, each the tightest of many tries. The outer two give the rate; the
 * middle one must lie on their line. */
#include "clock.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <stdio.h>
#include <string.h>
#endif

#include "export.h"

#define SECOND_NS        UINT64_C(1000000000)
#define HALF_INTERVAL_NS 8000000
#define BRACKETS         32
#define RATE_BOUND_PPM   20
#define STATED_BOUND_PPM 5000 /* of a stated frequency; CLOCK_MONOTONIC itself may be slewed by 500 */
#define HZ_LEAST         UINT64_C(1000000)
#define HZ_MOST          UINT64_C(20000000000)

#if defined(__x86_64__)
/* Linux strikes the TSC off its list of clocks when it has found the cores' counters apart. No list: no
 * objection. */
static int kernel_objects_to_tsc(void)
{
    char name[64];
    int listed = 0;
    FILE *const list = fopen("/sys/devices/system/clocksource/clocksource0/available_clocksource", "re");
    if (list == NULL)
        return 0;
    while (!listed && fscanf(list, "%63s", name) == 1)
        listed = strcmp(name, "tsc") == 0;
    fclose(list);
    return !listed;
}
#endif

/* The counter runs at one rate in every state of the CPU, and alike on every core. */
static int counter_is_invariant(void)
{
#if defined(__x86_64__)
    unsigned eax, ebx, ecx, edx;
    return __get_cpuid(0x80000007, &eax, &ebx, &ecx, &edx) && (edx & (1u << 8)) != 0 &&
           !kernel_objects_to_tsc();
#elif defined(__aarch64__)
    return 1;
#else
    return 0;
#endif
}

/* The frequency that the CPU states; 0: none stated. */
static uint64_t read_stated_hz(void)
{
#if defined(__aarch64__)
    uint64_t hz;
    __asm__ __volatile__("mrs %0, cntfrq_el0" : "=r"(hz));
    return hz;
#else
    return 0;
#endif
}

static vx_clock_anchor take_anchor(void)
{
    vx_clock_anchor best = {.width = UINT64_MAX};
    for (int i = 0; i < BRACKETS; i++) {
        const uint64_t before = vx_clock_ticks();
        const uint64_t ns = vx_monotonic_ns();
        const uint64_t after = vx_clock_ticks();
        if (after - before + 1 < best.width)
            best = (vx_clock_anchor){
                .ticks = before + (after - before) / 2, .ns = ns, .width = after - before + 1};
    }
    return best;
}

static void pause_ns(long ns)
{
    struct timespec left = {.tv_sec = 0, .tv_nsec = ns};
    while (nanosleep(&left, &left) != 0)
        ;
}

static void set_rate(vx_clock *clock, uint64_t hz)
{
    clock->hz = hz;
    clock->multiplier = ((SECOND_NS << VX_CLOCK_SHIFT) + hz / 2) / hz;
}

/* Sets the rate from the outer anchors; true when brackets as wide cannot have put it out by more than the
 * bound. */
static int measure_rate(vx_clock *clock, const vx_clock_anchor *first, const vx_clock_anchor *last)
{
    __extension__ typedef unsigned __int128 wide;
    const uint64_t ticks = last->ticks - first->ticks;
    const uint64_t ns = last->ns - first->ns;
    if ((int64_t)ticks <= 0 || (int64_t)ns <= 0)
        return 0;
    const wide hz = ((wide)ticks * SECOND_NS + ns / 2) / ns;
    if (hz < HZ_LEAST || hz > HZ_MOST)
        return 0;
    set_rate(clock, (uint64_t)hz);
    return (wide)(first->width + last->width) * 1000000 <= (wide)ticks * 2 * RATE_BOUND_PPM;
}

/* The clock, set to `base`, reads the anchor's time to within the bracket and the bound on the rate. */
static int agrees(const vx_clock *clock, const vx_clock_anchor *at, const vx_clock_anchor *base)
{
    const int64_t off_ns = (int64_t)(vx_clock_at_ticks(clock, at->ticks) - at->ns);
    const uint64_t reach_ns = base->ns - at->ns;
    const uint64_t allowed_ns = ((at->width + base->width) * clock->multiplier >> VX_CLOCK_SHIFT) +
                                reach_ns * RATE_BOUND_PPM / 1000000 + 1;
    return (uint64_t)(off_ns < 0 ? -off_ns : off_ns) <= allowed_ns;
}

/* Replaces the measured rate by the stated one; false when they contradict each other. */
static int adopt_rate(vx_clock *clock, uint64_t hz)
{
    const uint64_t off = hz > clock->hz ? hz - clock->hz : clock->hz - hz;
    if (hz > HZ_MOST || off * 1000000 > clock->hz * STATED_BOUND_PPM)
        return 0;
    set_rate(clock, hz);
    return 1;
}

int vx_clock_fit(vx_clock *clock, const vx_clock_anchor *anchors, uint64_t stated_hz)
{
    clock->base_ticks = anchors[2].ticks;
    clock->base_ns = anchors[2].ns;
    return measure_rate(clock, &anchors[0], &anchors[2]) && agrees(clock, &anchors[1], &anchors[2]) &&
           (stated_hz == 0 || adopt_rate(clock, stated_hz));
}

static int calibrate(vx_clock *clock)
{
    vx_clock_anchor anchors[3];
    for (int i = 0; i < 3; i++) {
        if (i > 0)
            pause_ns(HALF_INTERVAL_NS);
        anchors[i] = take_anchor();
    }
    return vx_clock_fit(clock, anchors, read_stated_hz());
}

void vx_clock_init_calibrated(vx_clock *clock)
{
#if defined(__aarch64__)
    *clock = (vx_clock){.kind = VX_CLOCK_CNTVCT};
#else
    *clock = (vx_clock){.kind = VX_CLOCK_TSC};
#endif
    if (!counter_is_invariant() || !calibrate(clock))
        vx_clock_init_monotonic(clock);
}

void vx_clock_init_monotonic(vx_clock *clock)
{
    *clock = (vx_clock){.kind = VX_CLOCK_MONOTONIC, .hz = SECOND_NS};
}

void vx_clock_init_virtual(vx_clock *clock, uint64_t start_ns)
{
    *clock = (vx_clock){.kind = VX_CLOCK_VIRTUAL, .hz = SECOND_NS, .virtual_ns = start_ns};
}

VELOX_EXPORT uint64_t velox_clock_monotonic_ns(void)
{
    return vx_monotonic_ns();
}
