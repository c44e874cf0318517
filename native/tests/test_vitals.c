/* Signs of life and measures of time, on threads: every stage's heartbeat in every state, parks, the state
 * while it drains, and times that agree with their histograms. */
#include "pipeline.h"
#include "spawned.h"

#define KEEPER_TURN_NS UINT64_C(5000000)

static char directory[64];
static reading r;
static uint64_t started_ns;

static const char *const stages[VELOX_STAGES] = {"ingress", "order_book", "bundle", "output"};

static uint64_t of_stage(int stage, const char *what)
{
    char name[VELOX_NAME_BYTES];
    snprintf(name, sizeof name, "%s_%s", stages[stage], what);
    return word(&r, name);
}

/* Until the stage's word is another than it was. */
static void await_change(int stage, const char *what)
{
    reading_take(&r);
    const uint64_t before = of_stage(stage, what);
    for (int patience = PATIENCE_MS; of_stage(stage, what) == before; patience--) {
        CHECK(patience > 0);
        sleep_ms(1);
        reading_take(&r);
    }
    CHECK(of_stage(stage, what) > before);
}

static void await_every(const char *what)
{
    for (int stage = 0; stage < VELOX_STAGES; stage++)
        await_change(stage, what);
}

static void await_state(velox_state state)
{
    for (int patience = PATIENCE_MS; word(&r, "state") != state; patience--) {
        CHECK(patience > 0);
        sleep_ms(1);
        reading_take(&r);
    }
}

static velox_pipeline *start(uint64_t pattern)
{
    started_ns = velox_clock_monotonic_ns();
    velox_pipeline *pipeline = start_in(directory, pattern);
    reading_open(&r, velox_pipeline_segment_path(pipeline));
    return pipeline;
}

/* The time of each batch went into the sum, the longest and the histogram alike. */
static void check_times(int stage)
{
    static uint64_t words[1 + VELOX_HISTOGRAM_BUCKETS];
    char name[VELOX_NAME_BYTES];
    uint32_t highest = VELOX_HISTOGRAM_BUCKETS - 1;
    snprintf(name, sizeof name, "%s_service", stages[stage]);
    CHECK_EQUAL(reading_histogram(&r, name, words), of_stage(stage, "worked_cycles_total"));
    CHECK_EQUAL(words[0], of_stage(stage, "busy_ns_total"));
    CHECK(words[0] > 0);
    while (words[1 + highest] == 0)
        highest--;
    CHECK_EQUAL(vx_histogram_index(of_stage(stage, "longest_cycle_ns")), highest);
    CHECK(of_stage(stage, "cycles_total") >=
          of_stage(stage, "worked_cycles_total") + of_stage(stage, "blocked_cycles_total"));
}

static void finish(velox_pipeline *pipeline)
{
    static uint64_t words[1 + VELOX_HISTOGRAM_BUCKETS];
    CHECK_EQUAL(velox_pipeline_stop(pipeline), VELOX_OK);
    check_at_rest(&r);
    for (int stage = 0; stage < VELOX_STAGES; stage++) {
        const int thread = pipeline->placement.thread_of_stage[stage];
        check_times(stage);
        CHECK_EQUAL(of_stage(stage, "core"), pipeline->placement.cores[thread] + 1);
        CHECK(of_stage(stage, "thread_id") != 0);
    }
    const uint64_t turns = reading_histogram(&r, "control_jitter", words);
    const uint64_t ran_ns = word(&r, "heartbeat_monotonic_ns") - started_ns;
    CHECK(turns > 0 && turns <= 1 + ran_ns / KEEPER_TURN_NS); /* it sleeps in between */
    CHECK(words[0] <= ran_ns);
    velox_reader_close(r.reader);
    velox_pipeline_destroy(pipeline);
}

/* As `top -H` shows them. */
static void check_names(void)
{
    static const char *const names[] = {"velox-ingress\n", "velox-book\n", "velox-bundle\n",
                                        "velox-output\n"};
    char text[64];
    for (int stage = 0; stage < VELOX_STAGES; stage++) {
        snprintf(text, sizeof text, "/proc/self/task/%d/comm", (int)of_stage(stage, "thread_id"));
        FILE *const file = fopen(text, "r");
        CHECK(file != NULL && fgets(text, sizeof text, file) != NULL);
        fclose(file);
        CHECK_EQUAL(strcmp(text, names[stage]), 0);
    }
}

static void should_show_life_at_work_and_idle(void)
{
    velox_pipeline *pipeline = start(VELOX_POISSON);
    await_every("worked_cycles_total");
    check_names();
    await_every("heartbeat_ns");
    CHECK_EQUAL(velox_pipeline_command(pipeline, VELOX_COMMAND_HOLD, 0, 1), VELOX_OK);
    await_every("parks_total");
    await_every("cycles_total");
    await_every("heartbeat_ns");
    finish(pipeline);
}

/* Told to yield instead, the threads park no more. */
static void should_wait_as_commanded(void)
{
    uint64_t parks[VELOX_STAGES];
    velox_pipeline *pipeline = start(VELOX_POISSON);
    await_every("worked_cycles_total");
    CHECK_EQUAL(velox_pipeline_command(pipeline, VELOX_COMMAND_HOLD, 0, 1), VELOX_OK);
    await_every("parks_total");
    CHECK_EQUAL(velox_pipeline_command(pipeline, VELOX_COMMAND_WAIT, 0, VELOX_YIELD), VELOX_OK);
    for (int i = 0; i < 3; i++)
        await_every("cycles_total");
    for (int stage = 0; stage < VELOX_STAGES; stage++)
        parks[stage] = of_stage(stage, "parks_total");
    for (int i = 0; i < 5; i++)
        await_every("cycles_total");
    for (int stage = 0; stage < VELOX_STAGES; stage++)
        CHECK_EQUAL(of_stage(stage, "parks_total"), parks[stage]);
    finish(pipeline);
}

/* Ingress is never idle, so it is the work that shows. */
static void should_show_life_under_flood(void)
{
    velox_pipeline *pipeline = start(VELOX_MAX);
    await_every("worked_cycles_total");
    await_every("heartbeat_ns");
    await_every("busy_ns_total");
    finish(pipeline);
}

static void should_show_life_while_stalled_or_blocked(void)
{
    velox_pipeline *pipeline = start(VELOX_MAX);
    await_every("worked_cycles_total");
    for (int stage = VELOX_OUTPUT; stage >= VELOX_INGRESS; stage--) {
        CHECK_EQUAL(velox_pipeline_command(pipeline, VELOX_COMMAND_STALL, stage, UINT64_C(3600000000000)),
                    VELOX_OK);
        if (stage == VELOX_OUTPUT)
            await_change(VELOX_BUNDLE, "blocked_ns_total");
        await_every("heartbeat_ns");
    }
    finish(pipeline);
}

static void should_show_the_keepers_own_heartbeat(void)
{
    velox_pipeline *pipeline = start(VELOX_POISSON);
    await_every("worked_cycles_total");
    const uint64_t engine_ns = word(&r, "heartbeat_engine_ns");
    const uint64_t monotonic_ns = word(&r, "heartbeat_monotonic_ns");
    int patience = PATIENCE_MS;
    do {
        CHECK(patience-- > 0);
        sleep_ms(1);
        reading_take(&r);
    } while (word(&r, "heartbeat_engine_ns") == engine_ns ||
             word(&r, "heartbeat_monotonic_ns") == monotonic_ns);
    CHECK(word(&r, "heartbeat_monotonic_ns") <= velox_clock_monotonic_ns());
    CHECK_EQUAL(word(&r, "state"), VELOX_RUNNING);
    finish(pipeline);
}

typedef struct barrier {
    VX_ATOMIC(uint64_t) reached;
    VX_ATOMIC(uint64_t) open;
} barrier;

/* Output's sink: keeps the drain from ending until it is let. */
static void hold_back(void *context, const vx_bundle *bundles, uint32_t count)
{
    barrier *const self = context;
    (void)bundles;
    (void)count;
    vx_store_release(&self->reached, 1);  /* pairs with the acquire in the test, */
    while (!vx_load_acquire(&self->open)) /* and this with its release */
        sleep_ms(1);
}

static void should_show_that_it_drains(void)
{
    static barrier gate;
    char error[VELOX_ERROR_BYTES];
    started_ns = velox_clock_monotonic_ns();
    velox_pipeline *pipeline = NULL;
    velox_config *config = velox_config_create();
    CHECK_EQUAL(velox_config_set_text(config, VELOX_TEXT_SEGMENT_DIR, directory, error), VELOX_OK);
    CHECK_EQUAL(velox_pipeline_create(config, &pipeline, error), VELOX_OK);
    velox_config_destroy(config);
    pipeline->engine->output.sink = hold_back;
    pipeline->engine->output.sink_context = &gate;
    reading_open(&r, velox_pipeline_segment_path(pipeline));
    reading_take(&r);
    CHECK_EQUAL(word(&r, "state"), VELOX_STARTING);
    CHECK_EQUAL(velox_pipeline_start(pipeline, error), VELOX_OK);
    await_state(VELOX_RUNNING);
    for (int patience = PATIENCE_MS; !vx_load_acquire(&gate.reached); patience--) {
        CHECK(patience > 0);
        sleep_ms(1);
    }
    velox_pipeline_request_stop(pipeline);
    await_state(VELOX_DRAINING);
    CHECK(!velox_pipeline_drained(pipeline));
    vx_store_release(&gate.open, 1);
    await_state(VELOX_STOPPED);
    CHECK(velox_pipeline_drained(pipeline));
    finish(pipeline);
}

int main(void)
{
    strcpy(directory, "/dev/shm/velox-vitals-XXXXXX");
    scratch_directory(directory);
    RUN(should_show_life_at_work_and_idle);
    RUN(should_wait_as_commanded);
    RUN(should_show_life_under_flood);
    RUN(should_show_life_while_stalled_or_blocked);
    RUN(should_show_the_keepers_own_heartbeat);
    RUN(should_show_that_it_drains);
    fixture_remove_directory(directory);
    return 0;
}
