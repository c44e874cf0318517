/* What stays the same while a pipeline runs, written into its segment before that is published. */
#ifndef VX_ENGINE_SHOW_H
#define VX_ENGINE_SHOW_H
#include "engine.h"

/* Settings, and how placement, memory and the processor's counters came out, with their reasons. */
void vx_engine_show(vx_engine *engine, const velox_config *config, const vx_placement *placement,
                    const vx_pmu *pmu);
#endif
