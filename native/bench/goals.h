/* Results against the documented goals. */
#ifndef BENCH_GOALS_H
#define BENCH_GOALS_H
#include "run.h"
#include "statistics.h"

/* Goals are noisy figures' : met when the interval of the ratio reaches the bound to within this. */
#define BENCH_TOLERANCE 1.1
#define BENCH_VAGUE     2

typedef enum bench_verdict { BENCH_UNKNOWN, BENCH_MET, BENCH_MISSED, BENCH_UNSURE } bench_verdict;

/* The goal's figure over the kept rounds, paired round by round; BENCH_UNKNOWN when one side is missing,
 * BENCH_UNSURE when the goal lies inside an interval wider than a factor of BENCH_VAGUE: too disturbed to
 * tell. */
bench_verdict bench_judge(const bench_goal *goal, const bench_result *result, bench_spread *spread);

#endif
