/* The simplest kind of trial: a loop on one core that needs nothing prepared. */
#ifndef BENCH_LOOP_H
#define BENCH_LOOP_H
#include "bench.h"

typedef struct bench_loop {
    uint64_t (*steps)(uint64_t count); /* does `count` steps; how many were really done */
} bench_loop;

/* contender->what: the bench_loop. */
void bench_run_loop(bench_trial *trial);

#endif
