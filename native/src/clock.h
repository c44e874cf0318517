/* The engine's clock: nanoseconds on the axis of CLOCK_MONOTONIC, from the invariant TSC or CNTVCT_EL0, calibrated once and
 * then frozen; or clock_gettime where neither is to be had; or virtual, set by the simulation. */
#ifndef VX_CLOCK_H
#define VX_CLOCK_H
#include <stdint.h>
#include "velox.h"

typedef enum vx_clock_kind { VX_CLOCK_TSC = 0, VX_CLOCK_CNTVCT = 1, VX_CLOCK_MONOTONIC = 2, VX_CLOCK_VIRTUAL = 3 } vx_clock_kind;

typedef struct vx_clock {
    vx_clock_kind kind;
    uint32_t shift;
    uint64_t multiplier;   /* ns = base_ns + ((ticks - base_ticks) * multiplier) >> shift, in 128 bits */
    uint64_t base_ticks;
    uint64_t base_ns;
    uint64_t hz;           /* measured ticks a second; 1e9 for the others */
    uint64_t virtual_ns;   /* VX_CLOCK_VIRTUAL: the time, set by its one thread */
} vx_clock;

void vx_clock_init_calibrated(vx_clock *clock);  /* <= 20 ms; falls back to VX_CLOCK_MONOTONIC */
void vx_clock_init_monotonic(vx_clock *clock);
void vx_clock_init_virtual(vx_clock *clock, uint64_t start_ns);
static inline uint64_t vx_clock_now_ns(const vx_clock *clock);
#endif
