/* Runs an entry: rounds of all its contenders, in turn, each round tagged by the cores' distance before and
 * after. */
#ifndef BENCH_RUN_H
#define BENCH_RUN_H
#include "bench.h"

#define BENCH_ROUNDS_MAX 64

typedef struct bench_plan {
    uint32_t rounds;   /* to be kept, 1 .. BENCH_ROUNDS_MAX */
    uint64_t trial_ns; /* how long a trial is to take */
    uint64_t timed_ns; /* likewise, of whole pipelines */
    uint64_t spare_ns; /* left for trials and rounds that must be repeated, of all entries together */
} bench_plan;

typedef struct bench_round {
    double before_ns, after_ns; /* ping-pong; 0: one core */
    double figures[BENCH_CONTENDERS_MAX][BENCH_FIGURES_MAX];
    int kept;
} bench_round;

typedef struct bench_result {
    const bench_entry *entry;
    const char *missing; /* why none of it can run here; NULL: it did */
    uint32_t contenders;
    uint32_t rounds; /* run; those not kept saw the cores' distance change */
    uint32_t kept;
    uint32_t disturbed;                                                /* trials that found no calm */
    char failure[BENCH_FAILURE_BYTES];                                 /* empty: all work was checked */
    char missing_contender[BENCH_CONTENDERS_MAX][BENCH_FAILURE_BYTES]; /* why it did not run; empty: it did */
    bench_round round[BENCH_ROUNDS_MAX];
} bench_result;

/* Called after every trial. */
typedef void (*bench_ticked)(void *context);

void bench_run_entry(const bench_entry *entry, const bench_cores *cores, bench_plan *plan,
                     bench_result *result, bench_ticked ticked, void *context);
uint32_t bench_contender_count(const bench_entry *entry);
/* Rounds of it that are wanted. */
uint32_t bench_rounds(const bench_entry *entry, const bench_plan *plan);
/* Figure `figure` of a contender over the kept rounds; the number of values. */
size_t bench_values(const bench_result *result, uint32_t contender, uint32_t figure, double *values);

#endif
