/* The same stages, one thread, a virtual clock: time moves only when no stage has anything to do, and then to
 * the next deadline. With the pattern max, which always has something to do, every round takes VX_ROUND_NS.
 */
#include "simulation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export.h"

#define VX_ROUND_NS 1000

#define FNV_OFFSET UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME  UINT64_C(0x100000001b3)

static uint64_t digest_words(uint64_t digest, const void *from, size_t bytes)
{
    const uint8_t *const at = from;
    for (size_t i = 0; i < bytes; i += 8) {
        uint64_t word;
        memcpy(&word, at + i, 8);
        digest = (digest ^ word) * FNV_PRIME;
    }
    return digest;
}

/* Output's sink: each bundle's first line and its transactions. */
static void digest_bundles(void *context, const vx_bundle *bundles, uint32_t count)
{
    velox_simulation *const simulation = context;
    for (uint32_t i = 0; i < count; i++) {
        const size_t bytes = VX_CACHE_LINE + bundles[i].count * sizeof(vx_transaction);
        simulation->digest = digest_words(simulation->digest, &bundles[i], bytes);
    }
    if (simulation->engine->journal.is_open) {
        vx_journal_take(&simulation->engine->journal, bundles, count);
        vx_journal_write(&simulation->engine->journal);
    }
}

VELOX_EXPORT int velox_simulation_create(const velox_config *config, velox_simulation **out, char *error)
{
    velox_simulation *const simulation = calloc(1, sizeof *simulation);
    if (simulation == NULL) {
        snprintf(error, VELOX_ERROR_BYTES, "no memory for the simulation");
        return VELOX_OUT_OF_MEMORY;
    }
    const vx_placement placement = {.threading = VELOX_SHARED,
                                    .wait = VELOX_SPIN,
                                    .threads = 1,
                                    .usable_cores = 1,
                                    .cores = {-1, -1, -1, -1},
                                    .reason = "simulated"};
    const vx_pmu pmu = {.text = "simulated: no stage threads"};
    vx_clock clock;
    vx_clock_init_virtual(&clock, 0);
    const velox_status status =
        vx_engine_create(config, &clock, &placement, &pmu, &simulation->engine, error);
    if (status != VELOX_OK) {
        free(simulation);
        return (int)status;
    }
    simulation->digest = FNV_OFFSET;
    simulation->unpaced = config->values[VELOX_OPTION_PATTERN] == VELOX_MAX ||
                          (config->values[VELOX_OPTION_PATTERN] == VELOX_FILE &&
                           config->values[VELOX_OPTION_INPUT_SPEED_PERMILLE] == 0);
    simulation->engine->output.sink = digest_bundles;
    simulation->engine->output.sink_context = simulation;
    vx_engine_begin(simulation->engine, config);
    simulation->engine->journal.is_wanted = 1;
    *out = simulation;
    return VELOX_OK;
}

/* One turn of every stage; what was moved, and the soonest deadline. */
static vx_duty round_of_stages(vx_engine *engine)
{
    vx_duty all = {0, UINT64_MAX};
    for (int i = 0; i < VELOX_STAGES; i++) {
        if (vx_stage_is_finished(engine->stages[i]))
            continue;
        const vx_duty duty = vx_engine_cycle(engine, i);
        all.work += duty.work;
        if (duty.next_deadline_ns < all.next_deadline_ns)
            all.next_deadline_ns = duty.next_deadline_ns;
    }
    return all;
}

static void set_time(vx_engine *engine, uint64_t virtual_ns)
{
    engine->clock.virtual_ns = virtual_ns;
    vx_engine_tick(engine, virtual_ns);
}

VELOX_EXPORT int velox_simulation_run_until(velox_simulation *simulation, uint64_t virtual_ns)
{
    vx_engine *const engine = simulation->engine;
    if (simulation->stopped || virtual_ns < engine->clock.virtual_ns)
        return VELOX_WRONG_STATE;
    if (virtual_ns > INT64_MAX) /* beyond, deadlines would wrap */
        return VELOX_INVALID_ARGUMENT;
    while (!vx_engine_is_finished(engine)) {
        const uint64_t now_ns = engine->clock.virtual_ns;
        const vx_duty duty = round_of_stages(engine);
        uint64_t next_ns = duty.work != 0 ? now_ns : duty.next_deadline_ns;
        if (simulation->unpaced)
            next_ns = now_ns + VX_ROUND_NS;
        if (next_ns > virtual_ns)
            break;
        if (next_ns > now_ns)
            set_time(engine, next_ns);
    }
    set_time(engine, virtual_ns);
    if (vx_engine_is_finished(engine))
        vx_engine_set_state(engine, VELOX_STOPPED);
    return VELOX_OK;
}

VELOX_EXPORT int velox_simulation_command(velox_simulation *simulation, int command, int stage,
                                          uint64_t value)
{
    if (simulation->stopped)
        return VELOX_WRONG_STATE;
    return (int)vx_controls_command(&simulation->engine->controls, &simulation->engine->clock, command, stage,
                                    value);
}

VELOX_EXPORT int velox_simulation_stop(velox_simulation *simulation)
{
    vx_engine *const engine = simulation->engine;
    if (simulation->stopped)
        return VELOX_OK;
    vx_controls_stop(&engine->controls);
    while (!vx_engine_is_finished(engine))
        round_of_stages(engine);
    vx_journal_finish(&engine->journal);
    vx_engine_set_state(engine, VELOX_STOPPED);
    simulation->stopped = 1;
    return VELOX_OK;
}

VELOX_EXPORT uint64_t velox_simulation_now_ns(const velox_simulation *simulation)
{
    return simulation->engine->clock.virtual_ns;
}

VELOX_EXPORT uint64_t velox_simulation_digest(const velox_simulation *simulation)
{
    return simulation->digest;
}

VELOX_EXPORT const char *velox_simulation_segment_path(const velox_simulation *simulation)
{
    return simulation->engine->segment.path;
}

VELOX_EXPORT void velox_simulation_destroy(velox_simulation *simulation)
{
    if (simulation == NULL)
        return;
    vx_engine_destroy(simulation->engine);
    free(simulation);
}
