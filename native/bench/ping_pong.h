/* The distance between two cores: one line, there and back. */
#ifndef BENCH_PING_PONG_H
#define BENCH_PING_PONG_H
#include "bench.h"

/* ns there and back, the least of several batches (others' work only ever adds to it); 0 where there is one
 * core. */
double bench_ping_pong_ns(int first_core, int second_core);
/* Usable cores, and the nearest two of the first few. */
void bench_cores_choose(bench_cores *cores);

#endif
