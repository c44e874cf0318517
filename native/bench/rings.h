/* Trials of rings. */
#ifndef BENCH_RINGS_H
#define BENCH_RINGS_H
#include "bench.h"

/* contender->what: the bench_ring_kind; contender->parameter: the span, 1 for one item at a time;
 * entry->parameter: slots. */
void bench_ring_transfer(bench_trial *trial);
void bench_ring_round_trip(bench_trial *trial);
/* Lines streamed between the cores with next to no signalling: the ceiling of any ring. */
void bench_stream(bench_trial *trial);

#endif
