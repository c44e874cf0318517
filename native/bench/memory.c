/* The working set: what a pipeline states to take, part by part, and what the process is seen to grow by. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "bundle.h"
#include "reading.h"

#define RUN_NS 20000000

typedef struct sizes {
    uint32_t slots, levels;
    velox_huge_pages huge_pages;
} sizes;

static const bench_figure FIGURES[] = {{"stated", "KB", 0},         {"faults while running", "", 0},
                                       {"of these rings", "KB", 0}, {"segment", "KB", 0},
                                       {"of it the book", "KB", 0}, {"process grew by", "KB", 0}};

/* Resident bytes of this process; 0: not known. */
static double resident_bytes(void)
{
    unsigned long size;
    unsigned long resident = 0;
    FILE *const file = fopen("/proc/self/statm", "re");
    if (file == NULL)
        return 0;
    if (fscanf(file, "%lu %lu", &size, &resident) != 2)
        resident = 0;
    fclose(file);
    return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

static long faults(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_minflt + usage.ru_majflt;
}

/* Page faults of a running pipeline, once it has run for a while. */
static double count_faults(velox_pipeline *pipeline, char *error)
{
    const struct timespec span = {0, RUN_NS};
    velox_pipeline_start(pipeline, error);
    nanosleep(&span, NULL);
    const long before = faults();
    nanosleep(&span, NULL);
    const long after = faults();
    velox_pipeline_stop(pipeline);
    return (double)(after - before);
}

static void state(bench_trial *trial, const velox_pipeline *pipeline, const sizes *wanted, char *error)
{
    bench_reading *const reading = calloc(1, sizeof *reading);
    if (reading == NULL || !bench_reading_open(reading, velox_pipeline_segment_path(pipeline), error)) {
        bench_fail(trial, "%.150s", error);
        free(reading);
        return;
    }
    bench_reading_take(reading);
    const double segment = (double)reading->header[VELOX_HEADER_BYTES];
    trial->figures[0] = (double)bench_reading_config(reading, "config_memory_bytes") / 1024;
    trial->figures[2] = trial->figures[0] - segment / 1024;
    trial->figures[3] = segment / 1024;
    trial->figures[4] = 2.0 * wanted->levels * VX_CACHE_LINE / 1024;
    bench_reading_close(reading);
    free(reading);
}

static void take(bench_trial *trial)
{
    const sizes *const wanted = trial->contender->what;
    char error[VELOX_ERROR_BYTES] = "";
    velox_pipeline *pipeline = NULL;
    velox_config *const config = velox_config_create();
    int status = velox_config_set(config, VELOX_OPTION_LEVELS, wanted->levels, error);
    status |= velox_config_set(config, VELOX_OPTION_HUGE_PAGES, (uint64_t)wanted->huge_pages, error);
    for (int i = 0; i < VELOX_RINGS && wanted->slots != 0; i++)
        status |= velox_config_set(config, VELOX_OPTION_RING0_SLOTS + i, wanted->slots, error);
    const double before = resident_bytes();
    if (status != VELOX_OK || velox_pipeline_create(config, &pipeline, error) != VELOX_OK) {
        bench_fail(trial, "%.150s", error);
    } else {
        trial->figures[5] = (resident_bytes() - before) / 1024;
        state(trial, pipeline, wanted, error);
        trial->figures[1] = count_faults(pipeline, error);
    }
    velox_pipeline_destroy(pipeline);
    velox_config_destroy(config);
}

static const sizes DEFAULT = {0, 1024, VELOX_HUGE_AUTO}, LEAST = {64, 64, VELOX_HUGE_AUTO},
                   MOST = {VELOX_RING_SLOTS_MAX, VELOX_LEVELS_MAX, VELOX_HUGE_AUTO};

static const bench_entry MEMORY[] = {
    {.name = "memory.working_set",
     .definition = "what a pipeline takes: at its defaults, at its least and at its most",
     .figures = FIGURES,
     .figure_count = sizeof FIGURES / sizeof FIGURES[0],
     .timed = 1,
     .contenders = {{"default", take, &DEFAULT, 0}, {"least", take, &LEAST, 0}, {"most", take, &MOST, 0}}},
};

const bench_entry *bench_memory(size_t *count)
{
    *count = sizeof MEMORY / sizeof MEMORY[0];
    return MEMORY;
}
