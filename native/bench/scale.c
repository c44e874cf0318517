/* How cost grows: a transaction through the whole pipeline, over sizes of rings and book and over rates; and
 * the memory that it takes. */
#include "pipeline.h"

#define WINDOW_NS UINT64_C(5000000)

static const bench_figure FLOOD[] = {{"a transaction", "ns", 0}, {"ingress", "ns", 0}, {"book", "ns", 0},
                                     {"bundle", "ns", 0},        {"output", "ns", 0},  {"memory", "KB", 0}};
static const bench_figure PACED[] = {{"a transaction", "ns", 0}, {"CPU", "%", 0},  {"p50", "us", 0},
                                     {"p99", "us", 0},           {"drops", "", 0}, {"fill", "", 0}};

/* The CPU time of a transaction, each stage's busy time, and the memory that the engine states. */
static void flood(bench_trial *trial)
{
    bench_outcome outcome;
    if (!bench_pipeline_run(trial, trial->contender->what, &outcome) || outcome.transactions <= 0)
        return;
    trial->figures[0] = outcome.cpu_ns_each;
    for (int stage = 0; stage < VELOX_STAGES; stage++)
        trial->figures[1 + stage] = outcome.busy_ns[stage] / outcome.transactions;
    trial->figures[5] = outcome.memory_bytes / 1024;
}

/* The busy time of all stages, per transaction: parked threads cost nothing of it. */
static void pace(bench_trial *trial)
{
    bench_outcome outcome;
    double busy_ns = 0;
    if (!bench_pipeline_run(trial, trial->contender->what, &outcome))
        return;
    for (int stage = 0; stage < VELOX_STAGES; stage++)
        busy_ns += outcome.busy_ns[stage];
    trial->figures[0] = outcome.transactions > 0 ? busy_ns / outcome.transactions : 0;
    trial->figures[1] = 100 * outcome.cpu_seconds / outcome.seconds;
    trial->figures[2] = outcome.p50_ns / 1e3;
    trial->figures[3] = outcome.p99_ns / 1e3;
    trial->figures[4] = outcome.dropped;
    trial->figures[5] = outcome.bundles > 0 ? outcome.transactions / outcome.bundles : 0;
}

#define ONE_CORE                                                                                             \
    .pattern = VELOX_MAX, .on_full = VELOX_BLOCK, .window_ns = WINDOW_NS, .threading = VELOX_SHARED,         \
    .wait = VELOX_YIELD, .cores = "a"
#define SLOTS(slots)       (&(const bench_settings){ONE_CORE, .ring_slots = slots})
#define LEVELS(count)      (&(const bench_settings){ONE_CORE, .levels = count})
#define HUGE(slots, pages) (&(const bench_settings){ONE_CORE, .ring_slots = slots, .huge_pages = pages})
#define RATE(hz)                                                                                             \
    (&(const bench_settings){.pattern = VELOX_POISSON,                                                       \
                             .on_full = VELOX_DROP,                                                          \
                             .rate_hz = hz,                                                                  \
                             .threading = VELOX_THREADING_AUTO,                                              \
                             .wait = VELOX_BACKOFF})
#define COUNT(figures) (sizeof(figures) / sizeof(figures)[0])

static const bench_entry SCALE[] = {
    {.name = "scale.slots",
     .definition = "CPU time of a transaction through all four stages on one core, by the slots of each ring",
     .figures = FLOOD,
     .figure_count = COUNT(FLOOD),
     .timed = 1,
     .details = 1,
     .coarse = 1,
     .contenders = {{"64 slots", flood, SLOTS(64), 0},
                    {"256 slots", flood, SLOTS(256), 0},
                    {"1024 slots", flood, SLOTS(1024), 0},
                    {"4096 slots", flood, SLOTS(4096), 0},
                    {"16384 slots", flood, SLOTS(16384), 0},
                    {"65536 slots", flood, SLOTS(65536), 0}}},
    {.name = "scale.levels",
     .definition = "the same, by the levels a side of the book",
     .figures = FLOOD,
     .figure_count = COUNT(FLOOD),
     .timed = 1,
     .details = 1,
     .coarse = 1,
     .contenders = {{"64 levels", flood, LEVELS(64), 0},
                    {"256 levels", flood, LEVELS(256), 0},
                    {"1024 levels", flood, LEVELS(1024), 0},
                    {"2048 levels", flood, LEVELS(2048), 0},
                    {"4096 levels", flood, LEVELS(4096), 0}}},
    {.name = "scale.rate",
     .definition = "busy time of all stages a transaction, default threads, parking, by the rate",
     .figures = PACED,
     .figure_count = COUNT(PACED),
     .timed = 1,
     .details = 1,
     .coarse = 1,
     .contenders = {{"10/s", pace, RATE(10), 0},
                    {"100/s", pace, RATE(100), 0},
                    {"1k/s", pace, RATE(1000), 0},
                    {"10k/s", pace, RATE(10000), 0},
                    {"100k/s", pace, RATE(100000), 0},
                    {"1M/s", pace, RATE(1000000), 0},
                    {"10M/s", pace, RATE(10000000), 0}}},
    {.name = "scale.huge_pages",
     .definition = "the flood on one core with its rings in small pages and in huge ones",
     .figures = FLOOD,
     .figure_count = COUNT(FLOOD),
     .timed = 1,
     .details = 1,
     .coarse = 1,
     .contenders = {{"4096, small", flood, HUGE(4096, VELOX_HUGE_OFF), 0},
                    {"4096, huge", flood, HUGE(4096, VELOX_HUGE_ON), 0},
                    {"65536, small", flood, HUGE(65536, VELOX_HUGE_OFF), 0},
                    {"65536, huge", flood, HUGE(65536, VELOX_HUGE_ON), 0}}},
};

const bench_entry *bench_scale(size_t *count)
{
    *count = COUNT(SCALE);
    return SCALE;
}
