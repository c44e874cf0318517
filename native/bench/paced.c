/* The whole pipeline at given rates: latency since intended arrival, CPU, losses; and what waiting costs. */
#include "pipeline.h"

static const bench_figure FIGURES[] = {
    {"p50", "us", 0}, {"p99", "us", 0},        {"p99.9", "us", 0}, {"longest", "us", 0},
    {"CPU", "%", 0},  {"delivered", "k/s", 0}, {"drops", "", 0},   {"fill", "", 0},
};
static const bench_figure CPU[] = {{"CPU", "%", 0}, {"p50", "us", 0}, {"p99", "us", 0}, {"drops", "", 0}};

static void measure_latency(bench_trial *trial)
{
    bench_outcome outcome;
    if (!bench_pipeline_run(trial, trial->contender->what, &outcome))
        return;
    const double figures[] = {outcome.p50_ns / 1e3,
                              outcome.p99_ns / 1e3,
                              outcome.p999_ns / 1e3,
                              outcome.longest_ns / 1e3,
                              100 * outcome.cpu_seconds / outcome.seconds,
                              outcome.transactions / outcome.seconds / 1e3,
                              outcome.dropped,
                              outcome.bundles > 0 ? outcome.transactions / outcome.bundles : 0};
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++)
        trial->figures[i] = figures[i];
}

static void measure_cpu(bench_trial *trial)
{
    bench_outcome outcome;
    if (!bench_pipeline_run(trial, trial->contender->what, &outcome))
        return;
    trial->figures[0] = 100 * outcome.cpu_seconds / outcome.seconds;
    trial->figures[1] = outcome.p50_ns / 1e3;
    trial->figures[2] = outcome.p99_ns / 1e3;
    trial->figures[3] = outcome.dropped;
}

#define POISSON(rate) .pattern = VELOX_POISSON, .on_full = VELOX_DROP, .rate_hz = rate
#define DEFAULT(rate)                                                                                        \
    {                                                                                                        \
        POISSON(rate), .threading = VELOX_THREADING_AUTO, .wait = VELOX_WAIT_AUTO                            \
    }
#define FOUR_THREADS(rate, waiting)                                                                          \
    {                                                                                                        \
        POISSON(rate), .threading = VELOX_DEDICATED, .wait = waiting                                         \
    }

static const bench_settings AT_10K = DEFAULT(10000), AT_100K = DEFAULT(100000), AT_500K = DEFAULT(500000),
                            AT_1M = DEFAULT(1000000), AT_2M = DEFAULT(2000000), AT_5M = DEFAULT(5000000),
                            AT_MAX = {.pattern = VELOX_MAX, .on_full = VELOX_DROP};
static const bench_settings SPIN = FOUR_THREADS(100000, VELOX_SPIN),
                            YIELD = FOUR_THREADS(100000, VELOX_YIELD),
                            BACKOFF = FOUR_THREADS(100000, VELOX_BACKOFF);
static const bench_settings PARKED = {POISSON(100000), .threading = VELOX_DEDICATED, .wait = VELOX_BACKOFF,
                                      .hold = 1};
static const bench_settings MILLION = {POISSON(1000000), .threading = VELOX_DEDICATED, .wait = VELOX_BACKOFF,
                                       .ring_slots = 8192},
                            MILLION_SHARED = {POISSON(1000000), .threading = VELOX_SHARED,
                                              .wait = VELOX_BACKOFF, .ring_slots = 8192};

#define RATE(label, text, settings, in_detail)                                                               \
    {                                                                                                        \
        .name = "rate." label, .definition = "default threads and waiting, Poisson, " text,                  \
        .figures = FIGURES, .figure_count = sizeof FIGURES / sizeof FIGURES[0], .timed = 1,                  \
        .details = in_detail, .contenders = {                                                                \
            {"velox", measure_latency, &settings, 0}                                                         \
        }                                                                                                    \
    }
#define CPU_FIGURES .figures = CPU, .figure_count = sizeof CPU / sizeof CPU[0], .timed = 1

static const bench_entry PACED[] = {
    RATE("10k", "10,000/s", AT_10K, 1),
    RATE("100k", "100,000/s", AT_100K, 0),
    RATE("500k", "500,000/s", AT_500K, 1),
    RATE("1M", "1,000,000/s", AT_1M, 0),
    RATE("2M", "2,000,000/s", AT_2M, 1),
    RATE("5M", "5,000,000/s", AT_5M, 1),
    RATE("max", "or rather as fast as it goes; what finds its ring full is dropped and counted", AT_MAX, 1),
    {.name = "wait.100k",
     .definition =
         "100,000/s by a thread for each stage, in each waiting mode; and the same threads parked, idle",
     CPU_FIGURES,
     .contenders = {{"spin", measure_cpu, &SPIN, 0},
                    {"yield", measure_cpu, &YIELD, 0},
                    {"backoff", measure_cpu, &BACKOFF, 0},
                    {"idle", measure_cpu, &PARKED, 0}}},
    {.name = "wait.1M",
     .definition =
         "1,000,000/s, parking, rings of 8192 slots: by a thread for each stage, and by as many as fit",
     CPU_FIGURES,
     .contenders = {{"dedicated", measure_cpu, &MILLION, 0}, {"shared", measure_cpu, &MILLION_SHARED, 0}}},
};

const bench_entry *bench_paced(size_t *count)
{
    *count = sizeof PACED / sizeof PACED[0];
    return PACED;
}
