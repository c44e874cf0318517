/* The whole pipeline as fast as it goes, nothing lost: unpaced flow, blocking at a full ring, in every
 * threading mode and placement. */
#include <string.h>

#include "baseline/pipeline.h"
#include "calm.h"
#include "pipeline.h"
#include "threads.h"

#define WINDOW_NS UINT64_C(5000000)
#define FLOOD     .pattern = VELOX_MAX, .on_full = VELOX_BLOCK, .window_ns = WINDOW_NS

typedef struct placement {
    int threads;
    int thread_of_stage[VELOX_STAGES];
    int cores_needed;
} placement;

/* What a transaction costs each stage, from the stages' own busy times. */
static const bench_figure FIGURES[] = {
    {"rate", "M/s", 0}, {"CPU", "ns", 0},    {"ingress", "ns", 0},
    {"book", "ns", 0},  {"bundle", "ns", 0}, {"output", "ns", 0},
};
static const bench_figure RATE[] = {{"rate", "M/s", 0}};

static void flood(bench_trial *trial)
{
    bench_outcome outcome;
    if (!bench_pipeline_run(trial, trial->contender->what, &outcome))
        return;
    trial->figures[0] = outcome.transactions / outcome.seconds / 1e6;
    trial->figures[1] = outcome.cpu_ns_each;
    for (int stage = 0; stage < VELOX_STAGES; stage++)
        trial->figures[2 + stage] = outcome.busy_ns[stage] / outcome.transactions;
}

typedef struct sum {
    double items, elapsed_ns, cpu_ns;
} sum;

static void add(sum *to, uint64_t items, uint64_t elapsed_ns, uint64_t cpu_ns)
{
    to->items += (double)items;
    to->elapsed_ns += (double)elapsed_ns;
    to->cpu_ns += (double)cpu_ns;
}

/* Short runs, of which the calm ones count, or all when none was. */
static void flood_baseline(bench_trial *trial)
{
    const placement *const where = trial->contender->what;
    sum all = {0, 0, 0}, calm = {0, 0, 0};
    int cores[VELOX_STAGES];
    if (trial->cores->count < where->cores_needed) {
        bench_skip(trial, "needs %d usable cores", where->cores_needed);
        return;
    }
    for (int i = 0; i < where->threads; i++)
        cores[i] = i < 2 ? trial->cores->pair[i] : trial->cores->usable[i];
    while (all.elapsed_ns < (double)trial->count && trial->failure[0] == '\0') {
        bench_trial slice = *trial;
        slice.count = WINDOW_NS;
        const uint64_t before_ns = bench_process_cpu_ns();
        const uint64_t items = baseline_pipeline_run(&slice, cores, where->threads, where->thread_of_stage);
        const uint64_t cpu_ns = bench_process_cpu_ns() - before_ns;
        add(&all, items, slice.elapsed_ns, cpu_ns);
        if (bench_is_calm(slice.waited_ns, slice.elapsed_ns))
            add(&calm, items, slice.elapsed_ns, cpu_ns);
        memcpy(trial->failure, slice.failure, sizeof trial->failure);
    }
    const sum *const counted = calm.items > 0 ? &calm : &all;
    trial->figures[0] = counted->items * 1e3 / counted->elapsed_ns;
    trial->figures[1] = counted->cpu_ns / counted->items;
}

static const placement ALL_ON_ONE = {1, {0, 0, 0, 0}, 1}, HALVES = {2, {0, 0, 1, 1}, 2},
                       INGRESS_APART = {2, {0, 1, 1, 1}, 2}, ALL_APART = {4, {0, 1, 2, 3}, 4};

static const bench_settings
    ONE_CORE = {FLOOD, .threading = VELOX_SHARED, .wait = VELOX_YIELD, .cores = "a"},
    TWO_CORES = {FLOOD, .threading = VELOX_SHARED, .wait = VELOX_SPIN, .cores = "ab"},
    TWO_YIELD = {FLOOD, .threading = VELOX_SHARED, .wait = VELOX_YIELD, .cores = "ab"},
    THREE_ON_TWO = {FLOOD, .threading = VELOX_SHARED, .wait = VELOX_YIELD, .cores = "aba"},
    THREE_CORES = {FLOOD, .threading = VELOX_SHARED, .wait = VELOX_SPIN, .cores = "abc"},
    FOUR_ON_TWO = {FLOOD, .threading = VELOX_DEDICATED, .wait = VELOX_YIELD, .cores = "abba"},
    FOUR_PARKING = {FLOOD, .threading = VELOX_DEDICATED, .wait = VELOX_BACKOFF, .cores = "abba"},
    FOUR_CORES = {FLOOD, .threading = VELOX_DEDICATED, .wait = VELOX_SPIN, .cores = "abcd"};

#define ALL_FIGURES .figures = FIGURES, .figure_count = sizeof FIGURES / sizeof FIGURES[0], .timed = 1

static const bench_entry FLOODS[] = {
    {.name = "flood.one_core",
     .definition = "all four stages on one core; CPU time and each stage's busy time, per transaction",
     ALL_FIGURES,
     .contenders = {{"velox", flood, &ONE_CORE, 0}, {"baseline", flood_baseline, &ALL_ON_ONE, 0}}},
    {.name = "flood.two_cores",
     .definition = "ingress on one core, the others on the other, spinning",
     ALL_FIGURES,
     .cores_needed = 2,
     .contenders = {{"velox", flood, &TWO_CORES, 0}, {"baseline", flood_baseline, &INGRESS_APART, 0}}},
    {.name = "flood.best",
     .definition = "each at its best placement here, for the goal",
     .figures = RATE,
     .figure_count = 1,
     .timed = 1,
     .contenders = {{"velox two cores", flood, &TWO_CORES, 0},
                    {"velox one core", flood, &ONE_CORE, 0},
                    {"baseline 2+2", flood_baseline, &HALVES, 0},
                    {"baseline 1+3", flood_baseline, &INGRESS_APART, 0},
                    {"baseline one", flood_baseline, &ALL_ON_ONE, 0}}},
    {.name = "flood.two_cores.yield",
     .definition = "the same, yielding",
     ALL_FIGURES,
     .cores_needed = 2,
     .details = 1,
     .contenders = {{"velox", flood, &TWO_YIELD, 0}}},
    {.name = "flood.three_threads",
     .definition = "three threads on two cores: ingress, the book, bundle and output; yielding",
     ALL_FIGURES,
     .cores_needed = 2,
     .details = 1,
     .contenders = {{"velox", flood, &THREE_ON_TWO, 0}}},
    {.name = "flood.three_cores",
     .definition = "three threads on three cores, spinning",
     ALL_FIGURES,
     .cores_needed = 3,
     .contenders = {{"velox", flood, &THREE_CORES, 0}}},
    {.name = "flood.dedicated.two_cores",
     .definition = "four threads on two cores, yielding or parking",
     ALL_FIGURES,
     .cores_needed = 2,
     .details = 1,
     .contenders = {{"yield", flood, &FOUR_ON_TWO, 0}, {"backoff", flood, &FOUR_PARKING, 0}}},
    {.name = "flood.dedicated",
     .definition = "a core for each stage, spinning",
     ALL_FIGURES,
     .cores_needed = 4,
     .contenders = {{"velox", flood, &FOUR_CORES, 0}, {"baseline", flood_baseline, &ALL_APART, 0}}},
};

const bench_entry *bench_floods(size_t *count)
{
    *count = sizeof FLOODS / sizeof FLOODS[0];
    return FLOODS;
}
