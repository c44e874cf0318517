/* Who sees a stage finished sees its last words, and nobody downstream sees the end before; who sees the
 * pipeline stopped sees the journal's and the processor's last words. Watched at the calls that say so. */
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "fake_pmu.h"
#include "pipeline.h"
#include "scratch.h"
#include "simulation.h"

void __real_vx_stage_finish(vx_stage *stage, const vx_clock *clock);
void __wrap_vx_stage_finish(vx_stage *stage, const vx_clock *clock);

void __real_vx_engine_set_state(vx_engine *of, velox_state state);
void __wrap_vx_engine_set_state(vx_engine *of, velox_state state);

static char directory[64] = "/tmp/velox-finished-XXXXXX";
static vx_engine *engine;
static VX_ATOMIC(int) finished; /* stages, each on a thread of its own */
static VX_ATOMIC(int) stops;
static int watched;

static uint64_t counted(int stage, uint32_t word)
{
    return vx_load_relaxed(&engine->stages[stage]->block[word]);
}

/* Stage by stage, each before it passes the end on. */
void __wrap_vx_stage_finish(vx_stage *stage, const vx_clock *clock)
{
    const int before = finished++;
    CHECK_EQUAL(stage->index, before);
    if (stage->out != NULL)
        CHECK_EQUAL(vx_load_relaxed(&stage->out->ended), 0);
    else
        CHECK_EQUAL(counted(VELOX_OUTPUT, VX_OUTPUT_ID_GAPS), counted(VELOX_INGRESS, VX_INGRESS_DROPPED));
    __real_vx_stage_finish(stage, clock);
}

/* Its last transactions are dropped, so that only the end tells of them. */
static void should_finish_before_the_end_is_passed_on(void)
{
    char error[VELOX_ERROR_BYTES] = "";
    velox_simulation *simulation = NULL;
    velox_config *const config = velox_config_create();
    CHECK_EQUAL(velox_config_set(config, VELOX_OPTION_PATTERN, VELOX_MAX, error), VELOX_OK);
    CHECK_EQUAL(velox_config_set(config, VELOX_OPTION_RING0_SLOTS, 64, error), VELOX_OK);
    CHECK_EQUAL(velox_simulation_create(config, &simulation, error), VELOX_OK);
    velox_config_destroy(config);
    engine = simulation->engine;
    CHECK_EQUAL(velox_simulation_command(simulation, VELOX_COMMAND_STALL, VELOX_ORDER_BOOK, 1000000),
                VELOX_OK);
    CHECK_EQUAL(velox_simulation_run_until(simulation, 100000), VELOX_OK);
    CHECK(counted(VELOX_INGRESS, VX_INGRESS_DROPPED) > 0);
    CHECK_EQUAL(velox_simulation_stop(simulation), VELOX_OK);
    CHECK_EQUAL(finished, VELOX_STAGES);
    CHECK(counted(VELOX_OUTPUT, VX_OUTPUT_ID_GAPS) > 0);
    velox_simulation_destroy(simulation);
}

/* Of a run with a journal, whose threads are counted. */
void __wrap_vx_engine_set_state(vx_engine *of, velox_state state)
{
    if (state == VELOX_STOPPED && watched) {
        CHECK_EQUAL(fake.open_now, 0);
        CHECK(of->journal.is_finished);
        CHECK(vx_engine_is_finished(of));
        stops++;
    }
    __real_vx_engine_set_state(of, state);
}

static void should_stop_when_journal_and_counters_are_finished(void)
{
    char error[VELOX_ERROR_BYTES] = "";
    char journal[96];
    velox_pipeline *pipeline = NULL;
    velox_config *const config = velox_config_create();
    snprintf(journal, sizeof journal, "%s/journal.vtx", directory);
    CHECK_EQUAL(velox_config_set(config, VELOX_OPTION_WAIT, VELOX_BACKOFF, error), VELOX_OK);
    CHECK_EQUAL(velox_config_set_text(config, VELOX_TEXT_JOURNAL, journal, error), VELOX_OK);
    CHECK_EQUAL(vx_pipeline_create(config, &fake_calls, &pipeline, error), VELOX_OK);
    velox_config_destroy(config);
    engine = pipeline->engine;
    finished = 0;
    watched = 1;
    CHECK_EQUAL(velox_pipeline_start(pipeline, error), VELOX_OK);
    velox_pipeline_request_stop(pipeline);
    /* Acquire pairs with the release by which the state is stored: it is the keeper who stores it. */
    while (vx_load_acquire(&engine->control[VX_CONTROL_STATE]) != VELOX_STOPPED)
        usleep(1000);
    CHECK(stops > 0);
    CHECK_EQUAL(velox_pipeline_stop(pipeline), VELOX_OK);
    velox_pipeline_destroy(pipeline);
}

int main(void)
{
    scratch_directory(directory);
    RUN(should_finish_before_the_end_is_passed_on);
    RUN(should_stop_when_journal_and_counters_are_finished);
    return 0;
}
