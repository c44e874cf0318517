/* The pipeline on real threads: every threading and waiting mode, drains in every state, exact cuts while it
 * runs. */
#include <time.h>

#include "reading.h"

#define MS UINT64_C(1000000)

static void sleep_ms(long ms)
{
    const struct timespec duration = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&duration, NULL);
}

static velox_pipeline *run(const uint64_t options[][2], uint32_t count)
{
    char error[VELOX_ERROR_BYTES] = "";
    velox_config *config = velox_config_create();
    for (uint32_t i = 0; i < count; i++)
        CHECK_EQUAL(velox_config_set(config, (int)options[i][0], options[i][1], error), VELOX_OK);
    velox_pipeline *pipeline = NULL;
    int status = velox_pipeline_create(config, &pipeline, error);
    if (status == VELOX_OK)
        status = velox_pipeline_start(pipeline, error);
    if (status != VELOX_OK)
        fprintf(stderr, "%s\n", error);
    CHECK_EQUAL(status, VELOX_OK);
    velox_config_destroy(config);
    return pipeline;
}

static reading *watch(const velox_pipeline *pipeline)
{
    static reading r;
    reading_open(&r, velox_pipeline_segment_path(pipeline));
    return &r;
}

static void finish(velox_pipeline *pipeline, reading *r)
{
    CHECK_EQUAL(velox_pipeline_stop(pipeline), VELOX_OK);
    CHECK_EQUAL(velox_pipeline_stop(pipeline), VELOX_OK); /* twice is once */
    CHECK(velox_pipeline_drained(pipeline));
    check_at_rest(r);
    velox_reader_close(r->reader);
    velox_pipeline_destroy(pipeline);
}

/* In every reading each count is at least the one after it, and every complete cut is exact. */
static void look_for(reading *r, int turns)
{
    static const char *const chain[] = {
        "ingress_generated_total", "ingress_pushed_total", "order_book_in_total", "order_book_out_total",
        "bundle_in_total",         "bundle_out_total",     "output_in_total",     "output_delivered_total"};
    for (int turn = 0; turn < turns; turn++) {
        reading_take(r);
        for (int i = 0; i < 7; i++)
            CHECK(word(r, chain[i]) >= word(r, chain[i + 1]));
        if (reading_take_cut(r))
            check_ledger(r, r->cut);
        sleep_ms(2);
    }
}

static void run_mode(uint64_t threading, uint64_t wait, uint64_t pattern, uint64_t on_full)
{
    const uint64_t options[][2] = {{VELOX_OPTION_THREADING, threading},
                                   {VELOX_OPTION_WAIT, wait},
                                   {VELOX_OPTION_PATTERN, pattern},
                                   {VELOX_OPTION_ON_FULL, on_full},
                                   {VELOX_OPTION_CUT_INTERVAL_NS, 5 * MS}};
    velox_pipeline *pipeline = run(options, 5);
    reading *r = watch(pipeline);
    look_for(r, 100);
    for (int patience = 10000; r->cut_sequence <= 2; patience--) { /* cores may be taken by others */
        CHECK(patience > 0);
        look_for(r, 1);
    }
    finish(pipeline, r);
    CHECK(word(r, "output_delivered_total") > 1000);
    if (on_full == VELOX_BLOCK)
        CHECK_EQUAL(word(r, "ingress_dropped_total"), 0);
    CHECK_EQUAL(word(r, "order_book_crossed_total") * (word(r, "ingress_dropped_total") == 0), 0);
}

static void should_be_exact_dedicated_yield(void)
{
    run_mode(VELOX_DEDICATED, VELOX_YIELD, VELOX_POISSON, VELOX_DROP);
}

static void should_be_exact_dedicated_backoff(void)
{
    run_mode(VELOX_DEDICATED, VELOX_BACKOFF, VELOX_POISSON, VELOX_DROP);
}

static void should_be_exact_shared_yield(void)
{
    run_mode(VELOX_SHARED, VELOX_YIELD, VELOX_POISSON, VELOX_DROP);
}

static void should_be_exact_shared_backoff(void)
{
    run_mode(VELOX_SHARED, VELOX_BACKOFF, VELOX_POISSON, VELOX_DROP);
}

static void should_be_exact_with_the_modes_chosen_for_this_machine(void)
{
    run_mode(VELOX_THREADING_AUTO, VELOX_WAIT_AUTO, VELOX_POISSON, VELOX_DROP);
}

static void should_be_exact_at_saturation_dropping(void)
{
    run_mode(VELOX_DEDICATED, VELOX_YIELD, VELOX_MAX, VELOX_DROP);
    run_mode(VELOX_SHARED, VELOX_YIELD, VELOX_MAX, VELOX_DROP);
}

static void should_be_exact_at_saturation_blocking(void)
{
    run_mode(VELOX_DEDICATED, VELOX_BACKOFF, VELOX_MAX, VELOX_BLOCK);
}

static void should_drain_while_stages_are_stalled_and_slow(void)
{
    for (int stage = 0; stage < VELOX_STAGES; stage++) {
        const uint64_t options[][2] = {{VELOX_OPTION_THREADING, VELOX_DEDICATED},
                                       {VELOX_OPTION_WAIT, VELOX_BACKOFF}};
        velox_pipeline *pipeline = run(options, 2);
        reading *r = watch(pipeline);
        sleep_ms(20);
        CHECK_EQUAL(velox_pipeline_command(pipeline, VELOX_COMMAND_STALL, stage, 3600 * UINT64_C(1000) * MS),
                    VELOX_OK);
        CHECK_EQUAL(
            velox_pipeline_command(pipeline, VELOX_COMMAND_SLOW, (stage + 1) % VELOX_STAGES, 1000 * MS),
            VELOX_OK);
        CHECK_EQUAL(velox_pipeline_command(pipeline, VELOX_COMMAND_BURST, 0, 20000), VELOX_OK);
        sleep_ms(30);
        finish(pipeline, r);
        CHECK_EQUAL(word(r, "commands_total"), 3);
    }
}

static void should_drain_at_once_held_or_never_started(void)
{
    velox_pipeline *pipeline = run(NULL, 0);
    reading *r = watch(pipeline);
    CHECK_EQUAL(velox_pipeline_command(pipeline, VELOX_COMMAND_HOLD, 0, 1), VELOX_OK);
    velox_pipeline_request_stop(pipeline);
    finish(pipeline, r);
    char error[VELOX_ERROR_BYTES];
    velox_config *config = velox_config_create();
    CHECK_EQUAL(velox_pipeline_create(config, &pipeline, error), VELOX_OK);
    CHECK_EQUAL(velox_pipeline_stop(pipeline), VELOX_OK);
    CHECK_EQUAL(velox_pipeline_start(pipeline, error), VELOX_WRONG_STATE);
    CHECK_EQUAL(velox_pipeline_command(pipeline, VELOX_COMMAND_HOLD, 0, 1), VELOX_WRONG_STATE);
    velox_pipeline_destroy(pipeline);
    velox_config_destroy(config);
}

static void should_refuse_commands_that_do_not_apply(void)
{
    const uint64_t options[][2] = {{VELOX_OPTION_PATTERN, VELOX_MAX}};
    velox_pipeline *pipeline = run(options, 1);
    reading *r = watch(pipeline);
    CHECK_EQUAL(velox_pipeline_command(pipeline, VELOX_COMMAND_RATE_MILLIHZ, 0, 1000000),
                VELOX_NOT_PERMITTED);
    CHECK_EQUAL(velox_pipeline_command(pipeline, VELOX_COMMAND_BUNDLE_MAX, 0, 17), VELOX_INVALID_ARGUMENT);
    CHECK_EQUAL(velox_pipeline_command(pipeline, VELOX_COMMAND_STALL, 4, 1), VELOX_INVALID_ARGUMENT);
    CHECK_EQUAL(velox_pipeline_command(pipeline, 99, 0, 1), VELOX_INVALID_ARGUMENT);
    finish(pipeline, r);
    CHECK_EQUAL(word(r, "commands_total"), 0);
}

static void should_follow_live_changes(void)
{
    velox_pipeline *pipeline = run(NULL, 0);
    reading *r = watch(pipeline);
    for (uint64_t i = 1; i <= 20; i++) {
        velox_pipeline_command(pipeline, VELOX_COMMAND_RATE_MILLIHZ, 0, i * 20000000);
        velox_pipeline_command(pipeline, VELOX_COMMAND_BUNDLE_MAX, 0, 1 + i % 16);
        velox_pipeline_command(pipeline, VELOX_COMMAND_BUNDLE_TIMEOUT_NS, 0, 1000 * (1 + i * i));
        velox_pipeline_command(pipeline, VELOX_COMMAND_WAIT, 0, i % 2 != 0 ? VELOX_YIELD : VELOX_BACKOFF);
        velox_pipeline_command(pipeline, VELOX_COMMAND_BURST, 0, 100 * i);
        look_for(r, 3);
    }
    for (int patience = 60000; word(r, "ingress_burst_total") != 100 * 210; patience--) {
        CHECK(patience > 0); /* a stop would cancel what is left of a burst */
        look_for(r, 1);
    }
    finish(pipeline, r);
    CHECK_EQUAL(word(r, "ingress_burst_total"), 100 * 210);
    CHECK_EQUAL(word(r, "bundle_max"), 1 + 20 % 16);
    CHECK_EQUAL(word(r, "commands_total"), 100);
}

int main(void)
{
    RUN(should_be_exact_dedicated_yield);
    RUN(should_be_exact_dedicated_backoff);
    RUN(should_be_exact_shared_yield);
    RUN(should_be_exact_shared_backoff);
    RUN(should_be_exact_with_the_modes_chosen_for_this_machine);
    RUN(should_be_exact_at_saturation_dropping);
    RUN(should_be_exact_at_saturation_blocking);
    RUN(should_drain_while_stages_are_stalled_and_slow);
    RUN(should_drain_at_once_held_or_never_started);
    RUN(should_refuse_commands_that_do_not_apply);
    RUN(should_follow_live_changes);
    return 0;
}
