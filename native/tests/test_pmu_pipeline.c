/* The processor's counters of a whole pipeline: each thread's once, with the first of its stages; the last
 * ones are there when it has stopped; and what a pipeline says where there are none. */
#include "check.h"

#if defined(__linux__)
#include <time.h>
#include <unistd.h>

#include "fake_pmu.h"
#include "pipeline.h"
#include "reading.h"

static const char *const stages[VELOX_STAGES] = {"ingress", "order_book", "bundle", "output"};
static const char *const kinds[VX_PMU_WORDS] = {"cycles_total", "instructions_total", "cache_misses_total",
                                                "branch_misses_total", "covered_ns_total"};
static const uint32_t roles[VX_PMU_WORDS] = {VELOX_ROLE_CPU_CYCLES, VELOX_ROLE_CPU_INSTRUCTIONS,
                                             VELOX_ROLE_CACHE_MISSES, VELOX_ROLE_BRANCH_MISSES,
                                             VELOX_ROLE_CPU_COVERED_NS};
static const uint32_t units[VX_PMU_WORDS] = {VELOX_UNIT_CYCLES, VELOX_UNIT_INSTRUCTIONS, VELOX_UNIT_MISSES,
                                             VELOX_UNIT_MISSES, VELOX_UNIT_NS};

static const vx_row *find(const reading *r, int stage, int kind)
{
    char name[VELOX_NAME_BYTES];
    snprintf(name, sizeof name, "%s_thread_%s", stages[stage], kinds[kind]);
    for (uint32_t i = 0; i < r->header[VELOX_HEADER_ROWS]; i++)
        if (strcmp(r->rows[i].name, name) == 0)
            return &r->rows[i];
    return NULL;
}

static uint64_t count_of(const reading *r, int stage, int kind)
{
    const vx_row *const row = find(r, stage, kind);
    return row == NULL ? 0 : word(r, row->name);
}

static void read_text(const reading *r, char text[VX_PMU_TEXT + 1])
{
    for (uint32_t i = 0; i < r->header[VELOX_HEADER_ROWS]; i++)
        if (r->rows[i].kind == VELOX_KIND_TEXT && strcmp(r->rows[i].name, "hardware_counters") == 0) {
            CHECK_EQUAL(velox_reader_text(r->reader, i, text, VX_PMU_TEXT + 1), VELOX_OK);
            return;
        }
    fprintf(stderr, "no text hardware_counters\n");
    exit(1);
}

/* A pipeline on so many threads, all of one core. */
static velox_pipeline *create(int threads, const vx_pmu_calls *calls, reading *r)
{
    char error[VELOX_ERROR_BYTES] = "";
    char cores[64];
    int core;
    size_t used = 0;
    velox_pipeline *pipeline = NULL;
    velox_config *const config = velox_config_create();
    CHECK(velox_usable_cores(&core, 1) == 1);
    for (int i = 0; i < threads; i++)
        used += (size_t)snprintf(cores + used, sizeof cores - used, i == 0 ? "%d" : ",%d", core);
    CHECK_EQUAL(velox_config_set_text(config, VELOX_TEXT_CORES, cores, error), VELOX_OK);
    CHECK_EQUAL(velox_config_set(config, VELOX_OPTION_WAIT, VELOX_BACKOFF, error), VELOX_OK);
    CHECK_EQUAL(vx_pipeline_create(config, calls, &pipeline, error), VELOX_OK);
    CHECK_EQUAL(pipeline->placement.threads, threads);
    reading_open(r, velox_pipeline_segment_path(pipeline));
    velox_config_destroy(config);
    return pipeline;
}

static void start(velox_pipeline *pipeline)
{
    char error[VELOX_ERROR_BYTES] = "";
    CHECK_EQUAL(velox_pipeline_start(pipeline, error), VELOX_OK);
}

static void end(velox_pipeline *pipeline, reading *r)
{
    velox_reader_close(r->reader);
    velox_pipeline_destroy(pipeline);
}

/* Every event of every thread was opened, for that thread, and closed. Asked after the end: while it runs the
 * files are the housekeeper's. */
static void check_files(const reading *r, int threads)
{
    char name[VELOX_NAME_BYTES];
    CHECK_EQUAL(fake.opened, threads * VX_PMU_EVENTS);
    CHECK_EQUAL(fake.open_now, 0);
    for (int i = 0; i < threads * VX_PMU_EVENTS; i++) {
        snprintf(name, sizeof name, "%s_thread_id", stages[i / VX_PMU_EVENTS]);
        CHECK_EQUAL(fake.files[i].thread_id, word(r, name));
        CHECK_EQUAL(fake.files[i].event, i % VX_PMU_EVENTS);
    }
}

/* Until the housekeeper has read them, without a look at any clock. */
static void await_counts(reading *r, int threads)
{
    const struct timespec pause = {0, 2000000};
    do {
        nanosleep(&pause, NULL);
        reading_take(r);
    } while (count_of(r, threads - 1, VX_PMU_COVERED_NS) == 0);
    for (int thread = 0; thread < threads; thread++)
        for (int kind = 0; kind < VX_PMU_WORDS; kind++)
            CHECK(count_of(r, thread, kind) > 0);
}

static void count_threads(int threads)
{
    static reading r;
    static uint64_t last[VX_ROWS_MAX];
    memset(&fake, 0, sizeof fake);
    fake.steps[VX_PMU_CYCLES] = 4000;
    fake.steps[VX_PMU_INSTRUCTIONS] = 6000;
    fake.steps[VX_PMU_CACHE_MISSES] = 20;
    fake.steps[VX_PMU_BRANCH_MISSES] = 10;
    fake.step_ns = 1000;
    velox_pipeline *const pipeline = create(threads, &fake_calls, &r);
    CHECK_EQUAL(fake.open_now, 0);
    fake.opened = 0;
    start(pipeline);
    await_counts(&r, threads);
    velox_pipeline_request_stop(pipeline);
    do /* who sees STOPPED sees the last counts */
        reading_take(&r);
    while (word(&r, "state") != VELOX_STOPPED);
    memcpy(last, r.words, sizeof last);
    CHECK_EQUAL(velox_pipeline_stop(pipeline), VELOX_OK);
    check_at_rest(&r);
    check_files(&r, threads);
    for (int thread = 0; thread < threads; thread++)
        for (int kind = 0; kind < VX_PMU_WORDS; kind++)
            CHECK_EQUAL(reading_find(&r, last, find(&r, thread, kind)->name), count_of(&r, thread, kind));
    for (int stage = 0; stage < VELOX_STAGES; stage++)
        for (int kind = 0; kind < VX_PMU_WORDS; kind++) {
            const vx_row *const row = find(&r, stage, kind);
            CHECK_EQUAL(row != NULL, stage < threads); /* the last thread has the stages that are left over */
            if (row != NULL)
                CHECK(row->stage == stage && row->role == roles[kind] && row->unit == units[kind] &&
                      row->kind == VELOX_KIND_COUNTER);
        }
    end(pipeline, &r);
}

static void should_count_each_thread_once_with_its_first_stage(void)
{
    for (int threads = 1; threads <= VELOX_STAGES; threads++)
        count_threads(threads);
}

static void should_have_rows_only_for_what_is_counted(void)
{
    static reading r;
    char text[VX_PMU_TEXT + 1];
    memset(&fake, 0, sizeof fake);
    fake.refusals[VX_PMU_CACHE_MISSES] = ENOENT;
    velox_pipeline *pipeline = create(2, &fake_calls, &r);
    for (int kind = 0; kind < VX_PMU_WORDS; kind++)
        CHECK_EQUAL(find(&r, 0, kind) != NULL, kind != VX_PMU_CACHE_MISSES);
    read_text(&r, text);
    CHECK(strstr(text, "but not cache misses") != NULL);
    end(pipeline, &r);
    for (int event = 0; event < VX_PMU_EVENTS; event++)
        fake.refusals[event] = EACCES;
    pipeline = create(2, &fake_calls, &r);
    for (int kind = 0; kind < VX_PMU_WORDS; kind++)
        CHECK(find(&r, 0, kind) == NULL);
    read_text(&r, text);
    CHECK(strncmp(text, "not permitted; ", 15) == 0);
    start(pipeline);
    velox_pipeline_stop(pipeline);
    CHECK_EQUAL(fake.reads, 0);
    end(pipeline, &r);
}

static void should_run_on_where_the_threads_cannot_be_counted_after_all(void)
{
    static reading r;
    memset(&fake, 0, sizeof fake);
    velox_pipeline *const pipeline = create(1, &fake_calls, &r);
    for (int event = 0; event < VX_PMU_EVENTS; event++)
        fake.refusals[event] = EMFILE;
    start(pipeline);
    velox_pipeline_stop(pipeline);
    check_at_rest(&r);
    CHECK_EQUAL(count_of(&r, 0, VX_PMU_COVERED_NS), 0);
    CHECK_EQUAL(fake.reads, 0);
    end(pipeline, &r);
}

static void should_tell_of_this_machine(void)
{
    static reading r;
    char text[VX_PMU_TEXT + 1];
    velox_pipeline *const pipeline = create(1, &vx_pmu_kernel, &r);
    read_text(&r, text);
    printf("# this machine: %s\n", text);
    CHECK(strcmp(text, pipeline->pmu.text) == 0 && text[0] != '\0');
    for (int kind = 0; kind < VX_PMU_EVENTS; kind++)
        CHECK_EQUAL(find(&r, 0, kind) != NULL, pipeline->pmu.events >> kind & 1);
    start(pipeline);
    velox_pipeline_stop(pipeline);
    check_at_rest(&r);
    if ((pipeline->pmu.events >> VX_PMU_INSTRUCTIONS & 1) != 0)
        CHECK(count_of(&r, 0, VX_PMU_INSTRUCTIONS) > 0);
    end(pipeline, &r);
}

int main(void)
{
    RUN(should_count_each_thread_once_with_its_first_stage);
    RUN(should_have_rows_only_for_what_is_counted);
    RUN(should_run_on_where_the_threads_cannot_be_counted_after_all);
    RUN(should_tell_of_this_machine);
    return 0;
}
#else
int main(void)
{
    return 0;
}
#endif
