/* The pipeline under the virtual clock. This header is for the engine's own tests; programs use velox.h. */
#ifndef VX_SIMULATION_H
#define VX_SIMULATION_H
#include "engine.h"

struct velox_simulation {
    vx_engine *engine;
    uint64_t digest;
    int unpaced; /* every round takes time of its own */
    int stopped;
};
#endif
