/* A drained pipeline is at rest: not one word of its stages changes any more, though its threads have yet to
 * end. Stopping races with nothing. Nor does it matter that the engine's clock runs apart from the kernel's.
 */
#include <pthread.h>

#include "pipeline.h"
#include "spawned.h"

#define ROUNDS 20

static char directory[64];
static reading r;

static velox_pipeline *create(uint64_t threading, uint64_t wait)
{
    char error[VELOX_ERROR_BYTES] = "";
    velox_pipeline *pipeline = NULL;
    velox_config *config = velox_config_create();
    CHECK_EQUAL(velox_config_set(config, VELOX_OPTION_THREADING, threading, error), VELOX_OK);
    CHECK_EQUAL(velox_config_set(config, VELOX_OPTION_WAIT, wait, error), VELOX_OK);
    CHECK_EQUAL(velox_config_set_text(config, VELOX_TEXT_SEGMENT_DIR, directory, error), VELOX_OK);
    CHECK_EQUAL(velox_pipeline_create(config, &pipeline, error), VELOX_OK);
    velox_config_destroy(config);
    return pipeline;
}

static velox_pipeline *run(uint64_t threading, uint64_t wait)
{
    char error[VELOX_ERROR_BYTES] = "";
    velox_pipeline *pipeline = create(threading, wait);
    CHECK_EQUAL(velox_pipeline_start(pipeline, error), VELOX_OK);
    return pipeline;
}

/* The words of stages that are not what they were, each with its name; their number. */
static int count_changed(const uint64_t *before)
{
    int changed = 0;
    uint32_t index = 0;
    for (uint32_t i = 0; i < r.header[VELOX_HEADER_ROWS]; i++) {
        const vx_row *const row = &r.rows[i];
        if (row->kind != VELOX_KIND_COUNTER && row->kind != VELOX_KIND_GAUGE &&
            row->kind != VELOX_KIND_CONFIG)
            continue;
        if (row->stage >= 0 && r.words[index] != before[index]) {
            fprintf(stderr, "%s: %" PRIu64 ", then %" PRIu64 "\n", row->name, before[index], r.words[index]);
            changed++;
        }
        index++;
    }
    return changed;
}

static void drain_and_look(uint64_t threading, uint64_t wait)
{
    static uint64_t before[VX_ROWS_MAX];
    velox_pipeline *pipeline = run(threading, wait);
    reading_open(&r, velox_pipeline_segment_path(pipeline));
    sleep_ms(5);
    velox_pipeline_request_stop(pipeline);
    while (!velox_pipeline_drained(pipeline))
        vx_relax();
    reading_take(&r);
    memcpy(before, r.words, sizeof before);
    sleep_ms(2);
    reading_take(&r);
    CHECK_EQUAL(count_changed(before), 0);
    CHECK_EQUAL(velox_pipeline_stop(pipeline), VELOX_OK);
    check_at_rest(&r);
    CHECK_EQUAL(count_changed(before), 0);
    velox_reader_close(r.reader);
    velox_pipeline_destroy(pipeline);
}

static void should_change_no_word_of_a_stage_once_drained(void)
{
    for (int round = 0; round < ROUNDS; round++) {
        drain_and_look(VELOX_DEDICATED, VELOX_BACKOFF);
        drain_and_look(VELOX_SHARED, VELOX_BACKOFF);
        drain_and_look(VELOX_DEDICATED, VELOX_YIELD);
    }
}

static void *stop_it(void *pipeline)
{
    CHECK_EQUAL(velox_pipeline_stop(pipeline), VELOX_OK);
    CHECK_EQUAL(velox_pipeline_command(pipeline, VELOX_COMMAND_HOLD, 0, 1), VELOX_WRONG_STATE);
    return NULL;
}

/* Whichever comes first stops it, and each returns only when it has stopped. */
static void should_stop_for_several_threads_at_once(void)
{
    for (int round = 0; round < ROUNDS; round++) {
        pthread_t other;
        velox_pipeline *pipeline = run(VELOX_DEDICATED, VELOX_BACKOFF);
        reading_open(&r, velox_pipeline_segment_path(pipeline));
        CHECK_EQUAL(pthread_create(&other, NULL, stop_it, pipeline), 0);
        velox_pipeline_command(pipeline, VELOX_COMMAND_BURST, 0, 1000);
        stop_it(pipeline);
        check_at_rest(&r);
        CHECK_EQUAL(pthread_join(other, NULL), 0);
        velox_reader_close(r.reader);
        velox_pipeline_destroy(pipeline);
    }
}

/* As from a handler of a signal that comes before the start. */
static void should_end_at_once_when_asked_to_before_its_start(void)
{
    char error[VELOX_ERROR_BYTES] = "";
    velox_pipeline *pipeline = create(VELOX_DEDICATED, VELOX_BACKOFF);
    reading_open(&r, velox_pipeline_segment_path(pipeline));
    velox_pipeline_request_stop(pipeline);
    CHECK_EQUAL(velox_pipeline_start(pipeline, error), VELOX_OK);
    for (int patience = PATIENCE_MS; !velox_pipeline_drained(pipeline); patience--) {
        CHECK(patience > 0);
        sleep_ms(1);
    }
    CHECK_EQUAL(velox_pipeline_stop(pipeline), VELOX_OK);
    check_at_rest(&r);
    CHECK_EQUAL(word(&r, "ingress_generated_total"), 0);
    velox_reader_close(r.reader);
    velox_pipeline_destroy(pipeline);
}

/* Run apart for long, the engine's clock is ahead of CLOCK_MONOTONIC, or behind it: here by an hour. */
static void keep_with_clock_off_by(uint64_t ns)
{
    char error[VELOX_ERROR_BYTES] = "";
    static uint64_t jitter[1 + VELOX_HISTOGRAM_BUCKETS];
    velox_pipeline *pipeline = create(VELOX_DEDICATED, VELOX_BACKOFF);
    pipeline->engine->clock.base_ns += ns;
    reading_open(&r, velox_pipeline_segment_path(pipeline));
    CHECK_EQUAL(velox_pipeline_start(pipeline, error), VELOX_OK);
    int patience = PATIENCE_MS / 10;
    do {
        CHECK(patience-- > 0);
        sleep_ms(1);
        reading_take(&r);
    } while (word(&r, "cut_sequence") < 2 || reading_histogram(&r, "control_jitter", jitter) < 20);
    CHECK_EQUAL(velox_pipeline_stop(pipeline), VELOX_OK);
    check_at_rest(&r);
    reading_histogram(&r, "control_jitter", jitter);
    CHECK(jitter[0] != 0); /* no wake-up is on the nanosecond */
    velox_reader_close(r.reader);
    velox_pipeline_destroy(pipeline);
}

static void should_be_kept_though_the_clocks_have_run_apart(void)
{
    keep_with_clock_off_by(UINT64_C(3600000000000));
    keep_with_clock_off_by(0 - UINT64_C(3600000000000));
}

int main(void)
{
    fixture_directory(directory);
    RUN(should_change_no_word_of_a_stage_once_drained);
    RUN(should_stop_for_several_threads_at_once);
    RUN(should_end_at_once_when_asked_to_before_its_start);
    RUN(should_be_kept_though_the_clocks_have_run_apart);
    fixture_remove_directory(directory);
    return 0;
}
