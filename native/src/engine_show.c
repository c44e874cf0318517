#include "engine_show.h"

#include <string.h>

void vx_engine_show(vx_engine *engine, const velox_config *config, const vx_placement *placement,
                    const vx_pmu *pmu)
{
    vx_memory_settle(&engine->memory, config, engine->segment.base, engine->segment.bytes);
    const uint64_t shown[VX_CONFIG_WORDS] = {
        [VX_CONFIG_SEED] = config->values[VELOX_OPTION_SEED],
        [VX_CONFIG_PATTERN] = config->values[VELOX_OPTION_PATTERN],
        [VX_CONFIG_ON_FULL] = config->values[VELOX_OPTION_ON_FULL],
        [VX_CONFIG_THREADING] = placement->threading,
        [VX_CONFIG_THREADS] = (uint64_t)placement->threads,
        [VX_CONFIG_RING0_SLOTS] = config->values[VELOX_OPTION_RING0_SLOTS],
        [VX_CONFIG_RING1_SLOTS] = config->values[VELOX_OPTION_RING1_SLOTS],
        [VX_CONFIG_RING2_SLOTS] = config->values[VELOX_OPTION_RING2_SLOTS],
        [VX_CONFIG_LEVELS] = config->values[VELOX_OPTION_LEVELS],
        [VX_CONFIG_TICKS_PER_LEVEL] = config->values[VELOX_OPTION_TICKS_PER_LEVEL],
        [VX_CONFIG_BASE_PRICE] = config->values[VELOX_OPTION_BASE_PRICE],
        [VX_CONFIG_CLOCK_KIND] = engine->clock.kind,
        [VX_CONFIG_CLOCK_HZ] = engine->clock.hz,
        [VX_CONFIG_MEMORY_BYTES] = engine->segment.bytes + engine->memory.bytes,
        [VX_CONFIG_HUGE_BYTES] = engine->memory.huge_bytes,
        [VX_CONFIG_LOCKED_BYTES] = engine->memory.locked_bytes,
    };
    vx_word *const words = (vx_word *)(void *)(engine->segment.base + engine->places.config);
    /* Relaxed: published with the segment's version. */
    for (int i = 0; i < VX_CONFIG_WORDS; i++)
        vx_store_relaxed(&words[i], shown[i]);
    memcpy(engine->segment.base + engine->places.reason, placement->reason, sizeof placement->reason - 1);
    memcpy(engine->segment.base + engine->places.memory, engine->memory.text, VX_MEMORY_TEXT - 1);
    memcpy(engine->segment.base + engine->places.counters, pmu->text, VX_PMU_TEXT - 1);
}
