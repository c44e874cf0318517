/* The control thread: parked but for a short turn every few milliseconds; heartbeat, cuts, its own lateness,
 * the processor's counters, whether an input file is still whole, and the state once the stages have drained
 * by themselves. */
#include <time.h>

#include "affinity.h"
#include "pipeline.h"

#define TURN_NS UINT64_C(5000000)

static void sleep_until(uint64_t monotonic_ns)
{
    const struct timespec until = {(time_t)(monotonic_ns / 1000000000), (long)(monotonic_ns % 1000000000)};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

/* Who sees STOPPED sees the last counts, the journal's and the processor's among them. Nobody else finishes
 * these while this thread lives, and Output keeps nothing in the journal any more. */
static void show_state(velox_pipeline *pipeline, uint64_t now_ns)
{
    vx_engine *const engine = pipeline->engine;
    if (vx_engine_is_finished(engine)) {
        vx_journal_finish(&engine->journal);
        vx_pmu_finish(&pipeline->pmu, now_ns);
        vx_engine_set_state(engine, VELOX_STOPPED);
    } else if (vx_load_relaxed(&engine->controls.stopping)) /* relaxed: hands nothing over */
        vx_engine_set_state(engine, VELOX_DRAINING);
}

void *vx_control_main(void *argument)
{
    velox_pipeline *const pipeline = argument;
    vx_engine *const engine = pipeline->engine;
    vx_histogram *const jitter = (vx_histogram *)(void *)(engine->segment.base + engine->places.jitter);
    vx_thread_settle("velox-control", -1);
    /* The kernel's time, by which it sleeps: the engine's frozen clock runs apart from it. */
    uint64_t due_ns = vx_monotonic_ns() + TURN_NS;
    /* Relaxed: only whether to go on; whoever stores it waits for this thread's end. */
    while (!vx_load_relaxed(&pipeline->quit)) {
        sleep_until(due_ns);
        const uint64_t now_ns = vx_monotonic_ns();
        vx_histogram_record(jitter, now_ns > due_ns ? now_ns - due_ns : 0);
        const uint64_t engine_ns = vx_clock_now_ns(&engine->clock);
        vx_engine_tick(engine, engine_ns);
        if (engine->ingress.input != NULL)
            vx_input_look(engine->ingress.input);
        vx_pmu_turn(&pipeline->pmu, engine_ns);
        show_state(pipeline, engine_ns);
        due_ns += TURN_NS;
        if (now_ns > due_ns)
            due_ns = now_ns + TURN_NS;
    }
    return NULL;
}
