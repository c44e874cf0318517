/* Where the figures come from. */
#ifndef BENCH_MACHINE_H
#define BENCH_MACHINE_H
#include "bench.h"
#include "run.h"

typedef struct bench_machine {
    char cpu[96];
    char system[96];   /* kernel and architecture */
    char built_by[96]; /* compiler */
    const char *clock;
    double clock_ghz;
    double ping_pong_ns;
    bench_cores cores;
    bench_plan plan;
} bench_machine;

/* Looks at everything but the plan. */
void bench_machine_look(bench_machine *machine);

#endif
