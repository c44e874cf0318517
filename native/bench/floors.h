/* Floors that are times of the system, not of a loop. */
#ifndef BENCH_FLOORS_H
#define BENCH_FLOORS_H
#include "bench.h"

void bench_sleep(bench_trial *trial);
void bench_wake(bench_trial *trial);
void bench_jitter(bench_trial *trial);

#endif
