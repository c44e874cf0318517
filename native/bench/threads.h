/* Work on pinned threads with a common start. */
#ifndef BENCH_THREADS_H
#define BENCH_THREADS_H
#include "bench.h"

#define BENCH_THREADS_MAX 8

/* Part `index` of the work. */
typedef void (*bench_work)(void *context, int index);

/* Runs `count` threads, thread i pinned to cores[i]; sets the trial's time, from their common start to the
 * end of the last, and how long they were kept waiting. */
void bench_on_threads(bench_trial *trial, const int *cores, int count, bench_work work, void *context);
/* Runs one thread on the first core of the pair; sets the trial's time to the CPU time that the work took:
 * what others do on that core is not in it. */
void bench_alone(bench_trial *trial, bench_work work, void *context);
/* CPU time of the whole process so far. */
uint64_t bench_process_cpu_ns(void);

#endif
