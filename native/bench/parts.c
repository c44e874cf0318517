/* The matrix of the engine's parts. */
#include "parts.h"

#include "atomics.h"
#include "clock.h"
#include "loop.h"

#define COUNTERS 8 /* that a stage updates after a batch */

/* Relaxed, where it says so: nobody else knows the words. */
static uint64_t sum_of(const VX_ATOMIC(uint64_t) * words)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < COUNTERS; i++)
        sum += vx_load_relaxed(&words[i]);
    return sum;
}

static uint64_t count_alone(uint64_t count)
{
    VX_ATOMIC(uint64_t) words[COUNTERS];
    for (uint32_t i = 0; i < COUNTERS; i++)
        vx_store_relaxed(&words[i], 0);
    for (uint64_t i = 0; i < count; i++)
        vx_counter_add(&words[i % COUNTERS], 1);
    return sum_of(words);
}

static uint64_t count_atomically(uint64_t count)
{
    VX_ATOMIC(uint64_t) words[COUNTERS];
    for (uint32_t i = 0; i < COUNTERS; i++)
        vx_store_relaxed(&words[i], 0);
    for (uint64_t i = 0; i < count; i++)
        atomic_fetch_add_explicit(&words[i % COUNTERS], 1, memory_order_relaxed);
    return sum_of(words);
}

static uint64_t read_gettime(uint64_t count)
{
    uint64_t done = 0;
    for (uint64_t i = 0; i < count; i++)
        done += vx_monotonic_ns() != 0;
    return done;
}

static const bench_loop COUNT_ALONE = {count_alone}, COUNT_ATOMICALLY = {count_atomically},
                        READ_GETTIME = {read_gettime};

#define TIMES .figures = BENCH_NS_AN_ITEM, .figure_count = 1

static const bench_entry PARTS[] = {
    {.name = "part.counter",
     .definition = "one update, in turn, of eight counters that others may read; baseline: atomic adds",
     TIMES,
     .contenders = {{"velox", bench_run_loop, &COUNT_ALONE, 0},
                    {"baseline", bench_run_loop, &COUNT_ATOMICALLY, 0}}},
    {.name = "part.clock",
     .definition = "one reading, in nanoseconds; baseline: clock_gettime",
     TIMES,
     .contenders = {{"velox", bench_clock_velox, NULL, 0}, {"baseline", bench_run_loop, &READ_GETTIME, 0}}},
    {.name = "part.histogram",
     .definition = "one latency of a batch of 64 arrivals 16 ns apart; baseline: atomic adds",
     TIMES,
     .parameter = 0,
     .contenders = {{"velox", bench_histogram_velox, NULL, 0},
                    {"baseline", bench_histogram_baseline, NULL, 0}}},
    {.name = "part.histogram.random",
     .definition = "the same, each latency another, even over six decades: the worst case for a batch",
     TIMES,
     .parameter = 1,
     .contenders = {{"velox", bench_histogram_velox, NULL, 0},
                    {"baseline", bench_histogram_baseline, NULL, 0}}},
    {.name = "part.builder",
     .definition =
         "one transaction into bundles of 16, built in place in 1024 slots; baseline: a clock reading each, "
         "bundles copied",
     TIMES,
     .contenders = {{"velox", bench_builder_velox, NULL, 0}, {"baseline", bench_builder_baseline, NULL, 0}}},
    {.name = "part.schedule",
     .definition = "one Poisson arrival, 64 at a time",
     TIMES,
     .contenders = {{"velox", bench_schedule, NULL, 0}}},
    {.name = "part.flow",
     .definition = "one transaction of the default flow, 64 at a time",
     TIMES,
     .parameter = 1024,
     .contenders = {{"velox", bench_flow, NULL, 0}}},
};

const bench_entry *bench_parts(size_t *count)
{
    *count = sizeof PARTS / sizeof PARTS[0];
    return PARTS;
}
