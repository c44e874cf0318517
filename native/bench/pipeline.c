#include "pipeline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "calm.h"
#include "clock.h"
#include "quantile.h"
#include "reading.h"
#include "threads.h"

#define WARM_UP_NS UINT64_C(50000000)
#define SURE_HZ    1000 /* a rate at which something comes in any run */

/* "a,b,b" of letters; false: not that many cores. */
static int name_cores(const bench_cores *cores, const char *letters, char *text, size_t room)
{
    size_t used = 0;
    for (size_t i = 0; letters[i] != '\0'; i++) {
        const int which = letters[i] - 'a';
        if (which >= cores->count || used + 8 > room)
            return 0;
        const int core = which < 2 ? cores->pair[which] : cores->usable[which];
        used += (size_t)snprintf(text + used, room - used, "%s%d", i == 0 ? "" : ",", core);
    }
    return 1;
}

static velox_config *configure(bench_trial *trial, const bench_settings *settings)
{
    char error[VELOX_ERROR_BYTES] = "";
    char cores[64];
    velox_config *const config = velox_config_create();
    int status = velox_config_set(config, VELOX_OPTION_PATTERN, (uint64_t)settings->pattern, error);
    status |= velox_config_set(config, VELOX_OPTION_ON_FULL, (uint64_t)settings->on_full, error);
    status |= velox_config_set(config, VELOX_OPTION_THREADING, (uint64_t)settings->threading, error);
    status |= velox_config_set(config, VELOX_OPTION_WAIT, (uint64_t)settings->wait, error);
    if (settings->rate_hz != 0)
        status |= velox_config_set(config, VELOX_OPTION_RATE_MILLIHZ, settings->rate_hz * 1000, error);
    if (settings->levels != 0)
        status |= velox_config_set(config, VELOX_OPTION_LEVELS, settings->levels, error);
    status |= velox_config_set(config, VELOX_OPTION_HUGE_PAGES, (uint64_t)settings->huge_pages, error);
    for (int i = 0; i < VELOX_RINGS && settings->ring_slots != 0; i++)
        status |= velox_config_set(config, VELOX_OPTION_RING0_SLOTS + i, settings->ring_slots, error);
    if (settings->cores != NULL && !name_cores(trial->cores, settings->cores, cores, sizeof cores))
        bench_skip(trial, "needs %zu usable cores", strlen(settings->cores));
    else if (settings->cores != NULL)
        status |= velox_config_set_text(config, VELOX_TEXT_CORES, cores, error);
    if (status != VELOX_OK)
        bench_fail(trial, "%.150s", error);
    return config;
}

static void pause_for(uint64_t span_ns)
{
    const struct timespec span = {(time_t)(span_ns / 1000000000), (long)(span_ns % 1000000000)};
    clock_nanosleep(CLOCK_MONOTONIC, 0, &span, NULL);
}

typedef struct moment {
    bench_reading reading;
    uint64_t cpu_ns;
    bench_turns turns; /* of the stage threads, summed */
    uint64_t at_ns;
} moment;

static bench_turns stage_turns(const bench_reading *reading)
{
    bench_turns sum = {0, 0};
    uint64_t last = 0;
    for (int stage = 0; stage < VELOX_STAGES; stage++) {
        const uint64_t thread = bench_reading_sum(reading, VELOX_ROLE_THREAD_ID, stage);
        const bench_turns turns = bench_turns_of(thread);
        sum.ran_ns += thread != last ? turns.ran_ns : 0; /* stages of one thread are neighbours */
        sum.waited_ns += thread != last ? turns.waited_ns : 0;
        last = thread;
    }
    return sum;
}

static void take(moment *moment)
{
    bench_reading_take(&moment->reading);
    moment->turns = stage_turns(&moment->reading);
    moment->cpu_ns = bench_process_cpu_ns();
    moment->at_ns = vx_monotonic_ns();
}

static double gained(const moment *before, const moment *after, velox_role role, int stage)
{
    return (double)(bench_reading_sum(&after->reading, role, stage) -
                    bench_reading_sum(&before->reading, role, stage));
}

/* Adds a window. */
static void add_window(const moment *before, const moment *after, bench_outcome *outcome)
{
    outcome->seconds += (double)(after->at_ns - before->at_ns) / 1e9;
    outcome->cpu_seconds += (double)(after->cpu_ns - before->cpu_ns) / 1e9;
    outcome->transactions += gained(before, after, VELOX_ROLE_OUT, VELOX_OUTPUT);
    outcome->bundles += gained(before, after, VELOX_ROLE_UNITS_OUT, VELOX_BUNDLE);
    outcome->dropped += gained(before, after, VELOX_ROLE_DROPPED, -1);
    for (int stage = 0; stage < VELOX_STAGES; stage++)
        outcome->busy_ns[stage] += gained(before, after, VELOX_ROLE_BUSY_NS, stage);
}

static void set_latency(const moment *before, const moment *after, bench_outcome *outcome)
{
    uint64_t buckets[VELOX_HISTOGRAM_BUCKETS];
    for (uint32_t i = 0; i < VELOX_HISTOGRAM_BUCKETS; i++)
        buckets[i] = after->reading.latency[i + 1] - before->reading.latency[i + 1];
    outcome->p50_ns = (double)bench_quantile_of(buckets, 0.5);
    outcome->p99_ns = (double)bench_quantile_of(buckets, 0.99);
    outcome->p999_ns = (double)bench_quantile_of(buckets, 0.999);
    outcome->longest_ns = (double)bench_quantile_of(buckets, 1);
}

/* Windows until the trial's time is over: those that were calm, or all when too few were. */
static void look_on(const bench_trial *trial, uint64_t window_ns, moment *moments, bench_outcome *outcome)
{
    bench_outcome all = {0}, calm = {0};
    moment *const start = &moments[0], *before = &moments[1], *after = &moments[2];
    take(start);
    *before = *start;
    do {
        pause_for(window_ns);
        take(after);
        add_window(before, after, &all);
        if (bench_is_calm(after->turns.waited_ns - before->turns.waited_ns, after->at_ns - before->at_ns))
            add_window(before, after, &calm);
        moment *const swapped = before;
        before = after;
        after = swapped;
    } while (before->at_ns - start->at_ns < trial->count);
    const double ran_ns = (double)(before->turns.ran_ns - start->turns.ran_ns);
    *outcome = window_ns < trial->count && calm.seconds > 3 * (double)window_ns / 1e9 ? calm : all;
    outcome->cpu_ns_each =
        ran_ns / all.transactions; /* the kernel tells it at its ticks: over the whole time */
    set_latency(start, before, outcome);
    outcome->memory_bytes = (double)bench_reading_config(&start->reading, "config_memory_bytes");
}

/* At rest: generated = delivered + dropped, in counts and in ids, and the ids that Output missed are those
 * dropped. */
static void check_ledger(bench_trial *trial, const bench_settings *settings, const bench_reading *reading)
{
    const uint64_t generated = bench_reading_sum(reading, VELOX_ROLE_IN, VELOX_INGRESS);
    const uint64_t dropped = bench_reading_sum(reading, VELOX_ROLE_DROPPED, -1);
    const uint64_t delivered = bench_reading_sum(reading, VELOX_ROLE_OUT, VELOX_OUTPUT);
    const uint64_t dropped_ids = bench_reading_sum(reading, VELOX_ROLE_ID_DROPPED, -1);
    bench_expect(trial, "ids generated", bench_reading_sum(reading, VELOX_ROLE_ID_IN, VELOX_INGRESS),
                 bench_reading_sum(reading, VELOX_ROLE_ID_OUT, VELOX_OUTPUT) + dropped_ids);
    bench_expect(trial, "id gaps", bench_reading_sum(reading, VELOX_ROLE_ID_GAPS, -1), dropped);
    bench_expect(trial, "generated", generated, delivered + dropped);
    bench_expect(trial, "taken by the book", bench_reading_sum(reading, VELOX_ROLE_IN, VELOX_ORDER_BOOK),
                 delivered);
    bench_expect(trial, "applied or rejected",
                 bench_reading_sum(reading, VELOX_ROLE_APPLIED, -1) +
                     bench_reading_sum(reading, VELOX_ROLE_REJECTED, -1),
                 delivered);
    if (settings->on_full == VELOX_BLOCK)
        bench_expect(trial, "dropped of a lossless flow", dropped, 0);
    if (settings->hold == 0 && delivered == 0 && (settings->rate_hz == 0 || settings->rate_hz >= SURE_HZ))
        bench_fail(trial, "nothing was delivered");
}

static void watch(bench_trial *trial, velox_pipeline *pipeline, const bench_settings *settings,
                  moment *moments, bench_outcome *outcome)
{
    char error[VELOX_ERROR_BYTES] = "";
    if (velox_pipeline_start(pipeline, error) != VELOX_OK ||
        !bench_reading_open(&moments[0].reading, velox_pipeline_segment_path(pipeline), error)) {
        bench_fail(trial, "%.150s", error);
        return;
    }
    moments[1].reading = moments[2].reading = moments[0].reading;
    if (settings->hold)
        velox_pipeline_command(pipeline, VELOX_COMMAND_HOLD, 0, 1);
    pause_for(WARM_UP_NS);
    look_on(trial, settings->window_ns != 0 ? settings->window_ns : trial->count, moments, outcome);
    velox_pipeline_stop(pipeline);
    bench_reading_take(&moments[1].reading);
    check_ledger(trial, settings, &moments[1].reading);
    bench_reading_close(&moments[0].reading);
}

int bench_pipeline_run(bench_trial *trial, const bench_settings *settings, bench_outcome *outcome)
{
    char error[VELOX_ERROR_BYTES] = "";
    velox_pipeline *pipeline = NULL;
    velox_config *const config = configure(trial, settings);
    moment *const moments = calloc(3, sizeof *moments);
    if (trial->failure[0] == '\0' && trial->missing[0] == '\0') {
        const int status = velox_pipeline_create(config, &pipeline, error);
        if (status == VELOX_NOT_PERMITTED)
            bench_skip(trial, "refused: %.140s", error);
        else if (status != VELOX_OK || moments == NULL)
            bench_fail(trial, "%.150s", error);
        else
            watch(trial, pipeline, settings, moments, outcome);
    }
    velox_pipeline_destroy(pipeline);
    velox_config_destroy(config);
    free(moments);
    return trial->failure[0] == '\0' && trial->missing[0] == '\0';
}
