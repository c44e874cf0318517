/* Trials of the engine's parts beside the baseline's, each alone on one core. */
#ifndef BENCH_PARTS_H
#define BENCH_PARTS_H
#include "bench.h"

void bench_clock_velox(bench_trial *trial);
/* entry->parameter: 0, latencies as in a batch under flood; 1, even over six decades. */
void bench_histogram_velox(bench_trial *trial);
void bench_histogram_baseline(bench_trial *trial);
void bench_builder_velox(bench_trial *trial);
void bench_builder_baseline(bench_trial *trial);
/* Arrivals of the Poisson schedule, taken 64 at a time; transactions of the default flow over
 * entry->parameter levels. */
void bench_schedule(bench_trial *trial);
void bench_flow(bench_trial *trial);

#endif
