/* How long a stage thread may wait where none of its stages moved anything: until the open bundle must go,
 * whatever is due at Ingress; without one, as long as it likes. Watched at the wait. */
#include <time.h>

#include "check.h"
#include "pipeline.h"

#define PATIENCE_MS 60000

void __real_vx_waiter_idle(vx_waiter *waiter, const vx_clock *clock, uint64_t next_deadline_ns);
void __wrap_vx_waiter_idle(vx_waiter *waiter, const vx_clock *clock, uint64_t next_deadline_ns);

static velox_pipeline *pipeline;
static VX_ATOMIC(uint64_t) waits_open, waits_empty;

/* On the one stage thread: the builder is its own. */
void __wrap_vx_waiter_idle(vx_waiter *waiter, const vx_clock *clock, uint64_t next_deadline_ns)
{
    const vx_builder *const builder = &pipeline->engine->bundler.builder;
    CHECK(next_deadline_ns == builder->deadline_ns);
    CHECK((builder->open == NULL) == (next_deadline_ns == VX_NO_DEADLINE));
    vx_counter_add(builder->open != NULL ? &waits_open : &waits_empty, 1);
    __real_vx_waiter_idle(waiter, clock, next_deadline_ns);
}

static void should_wait_until_the_open_bundle_must_go(void)
{
    char error[VELOX_ERROR_BYTES] = "";
    char core[16];
    const struct timespec pause = {0, 1000000};
    int first;
    velox_config *const config = velox_config_create();
    CHECK_EQUAL(velox_usable_cores(&first, 1), 1);
    snprintf(core, sizeof core, "%d", first);
    CHECK_EQUAL(velox_config_set_text(config, VELOX_TEXT_CORES, core, error), VELOX_OK);
    CHECK_EQUAL(velox_config_set(config, VELOX_OPTION_WAIT, VELOX_BACKOFF, error), VELOX_OK);
    CHECK_EQUAL(velox_config_set(config, VELOX_OPTION_RATE_MILLIHZ, 1000000, error), VELOX_OK);
    CHECK_EQUAL(velox_pipeline_create(config, &pipeline, error), VELOX_OK);
    velox_config_destroy(config);
    CHECK_EQUAL(pipeline->placement.threads, 1);
    CHECK_EQUAL(velox_pipeline_start(pipeline, error), VELOX_OK);
    for (int patience = PATIENCE_MS; vx_load_acquire(&waits_open) < 10 || vx_load_acquire(&waits_empty) < 10;
         patience--) {
        CHECK(patience > 0);
        nanosleep(&pause, NULL);
    }
    velox_pipeline_destroy(pipeline);
}

int main(void)
{
    RUN(should_wait_until_the_open_bundle_must_go);
    return 0;
}
