/* The engine's clock: nanoseconds on the axis of CLOCK_MONOTONIC, from the invariant TSC or CNTVCT_EL0,
 * calibrated once and then frozen; or clock_gettime where neither is to be had; or virtual, set by the
 * simulation.
 *
 * A clock is set up before the threads that read it start and is not written after (a virtual one only by its
 * one thread), so any number of threads read it and none sees it step. Frozen, it runs apart from
 * CLOCK_MONOTONIC, which NTP goes on slewing: a reader aligns the two by the pair of times published with
 * each heartbeat. */
#ifndef VX_CLOCK_H
#define VX_CLOCK_H
#include <stdint.h>
#include <time.h>

#include "velox.h"

typedef enum vx_clock_kind {
    VX_CLOCK_TSC = 0,
    VX_CLOCK_CNTVCT = 1,
    VX_CLOCK_MONOTONIC = 2,
    VX_CLOCK_VIRTUAL = 3
} vx_clock_kind;

#define VX_CLOCK_SHIFT 32 /* of the multiplier: it is exact to 1 in 10^9 at 4 GHz and finer below */

typedef struct vx_clock {
    vx_clock_kind kind;
    uint64_t
        multiplier; /* ns = base_ns + ((ticks - base_ticks) * multiplier) >> VX_CLOCK_SHIFT, in 128 bits */
    uint64_t base_ticks;
    uint64_t base_ns;
    uint64_t hz;         /* ticks a second: measured (TSC), stated by the CPU (CNTVCT); 1e9 for the others */
    uint64_t virtual_ns; /* VX_CLOCK_VIRTUAL: the time, set by its one thread */
} vx_clock;

/* Sleeps 16 ms to measure the counter against CLOCK_MONOTONIC to within 20 ppm; falls back to
 * VX_CLOCK_MONOTONIC where there is no invariant counter or it does not agree with CLOCK_MONOTONIC; kind
 * tells. */
void vx_clock_init_calibrated(vx_clock *clock);
/* One moment on both axes; the counter moved by `width` ticks while it was taken, so it is out by at most
 * half of that. */
typedef struct vx_clock_anchor {
    uint64_t ticks;
    uint64_t ns;
    uint64_t width;
} vx_clock_anchor;

/* Sets base and rate from three anchors in order of time, oldest first. False when the outer two cannot give
 * the rate to 20 ppm, the middle one is off their line (the counter does not run evenly), or stated_hz (0:
 * none; else adopted in place of the measured rate) contradicts them. */
int vx_clock_fit(vx_clock *clock, const vx_clock_anchor *anchors, uint64_t stated_hz);

void vx_clock_init_monotonic(vx_clock *clock);
void vx_clock_init_virtual(vx_clock *clock, uint64_t start_ns);

/* CLOCK_MONOTONIC itself, whatever clock the engine runs on. */
static inline uint64_t vx_monotonic_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

/* The CPU's counter, not ordered against the instructions around it; 0 where there is none. */
static inline uint64_t vx_clock_ticks(void)
{
#if defined(__x86_64__)
    return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
    uint64_t ticks;
    __asm__ __volatile__("mrs %0, cntvct_el0" : "=r"(ticks));
    return ticks;
#else
    return 0;
#endif
}

/* The time at which the counter reads `ticks`. Signed: a core whose counter lags the one that set the base
 * reads a moment before it, not one centuries after. */
static inline uint64_t vx_clock_at_ticks(const vx_clock *clock, uint64_t ticks)
{
    __extension__ typedef __int128 wide;
    const wide elapsed = (wide)(int64_t)(ticks - clock->base_ticks) * (int64_t)clock->multiplier;
    return clock->base_ns + (uint64_t)(elapsed >> VX_CLOCK_SHIFT);
}

static inline uint64_t vx_clock_now_ns(const vx_clock *clock)
{
    if (__builtin_expect(clock->kind == VX_CLOCK_TSC || clock->kind == VX_CLOCK_CNTVCT, 1))
        return vx_clock_at_ticks(clock, vx_clock_ticks());
    return clock->kind == VX_CLOCK_VIRTUAL ? clock->virtual_ns : vx_monotonic_ns();
}
#endif
