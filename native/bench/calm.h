/* How long the system kept a thread waiting for a core while it wanted to run: what others did to a
 * measurement. */
#ifndef BENCH_CALM_H
#define BENCH_CALM_H
#include <stdint.h>

/* A trial is calm when its threads were kept from running for less than 1 / BENCH_CALM of its time. */
#define BENCH_CALM 50

/* ns since the thread began; 0 where the kernel does not say. */
typedef struct bench_turns {
    uint64_t ran_ns;    /* on a core */
    uint64_t waited_ns; /* for one */
} bench_turns;

/* Of the calling thread (0) or the one with this kernel id. */
bench_turns bench_turns_of(uint64_t thread);

static inline int bench_is_calm(uint64_t waited_ns, uint64_t elapsed_ns)
{
    return waited_ns <= elapsed_ns / BENCH_CALM;
}

#endif
