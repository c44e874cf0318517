/* The documented goals. */
#include "goals.h"

#include <string.h>

static const bench_goal GOALS[] = {
    {"ring.span16.4096", 0, "velox", "cached", 1, 2.1, 1,
     "ring in spans of 16, of the cached ring one at a time"},
    {"ring.span64.4096", 0, "velox", "ceiling", 1, 0.9, 1,
     "ring in spans of 64, of the ceiling of streamed lines"},
    {"ring.one.4096", 0, "velox", "cached", 1, 1.0, 1, "ring one at a time, of the cached ring"},
    {"ring.round_trip", 0, "velox", "cached", 1, 0.75, 0, "ring round trip, of the cached ring"},
    {"book.mixed", 0, "velox", "baseline", 1, 1.1, 0,
     "book update with removals and exact best, of the inexact one"},
    {"part.builder", 0, "velox", "baseline", 1, 0.35, 0, "bundle add per transaction, of baseline"},
    {"part.histogram", 0, "velox", "baseline", 1, 0.3, 0, "histogram record, of baseline"},
    {"part.counter", 0, "velox", "baseline", 1, 0.25, 0, "counter update, of baseline"},
    {"flood.best", 0, "velox", "baseline", 1, 5, 1,
     "flood through four stages, each at its best placement, of baseline"},
    {"flood.one_core", 1, "velox", NULL, 1, 18, 0,
     "all four stages on one core, ns per transaction (2.6 GHz class)"},
    {"wait.100k", 0, "backoff", "idle", 1, 1.3, 0, "100k/s CPU, parking, of the same threads parked idle"},
    {"wait.100k", 1, "yield", NULL, 1.0 / 54, 1.2, 0, "100k/s p50 in yield mode, of the analytic 54 us"},
    {"wait.100k", 3, "backoff", NULL, 1, 0, 0, "100k/s drops, parking"},
    {"wait.1M", 0, "", NULL, 1, 80, 0, "1M/s on two cores, 8192 slots: CPU, % of a core"},
    {"wait.1M", 3, "", NULL, 1, 0, 0, "1M/s on two cores, 8192 slots: drops"},
};

const bench_goal *bench_goals(size_t *count)
{
    *count = sizeof GOALS / sizeof GOALS[0];
    return GOALS;
}

/* The round's best figure of the contenders whose names begin so; 0: none ran. */
static int best_of(const bench_result *result, const bench_round *round, const bench_goal *goal,
                   const char *name, double *best)
{
    int found = 0;
    for (uint32_t i = 0; i < result->contenders; i++) {
        if (strncmp(result->entry->contenders[i].name, name, strlen(name)) != 0 ||
            result->missing_contender[i][0] != '\0')
            continue;
        const double figure = round->figures[i][goal->figure];
        if (!found || (goal->at_least ? figure > *best : figure < *best))
            *best = figure;
        found = 1;
    }
    return found;
}

bench_verdict bench_judge(const bench_goal *goal, const bench_result *result, bench_spread *spread)
{
    double ratios[BENCH_ROUNDS_MAX];
    size_t count = 0;
    for (uint32_t i = 0; i < result->rounds; i++) {
        double own = 0, other = 1;
        if (!result->round[i].kept || !best_of(result, &result->round[i], goal, goal->contender, &own))
            continue;
        if (goal->against != NULL &&
            (!best_of(result, &result->round[i], goal, goal->against, &other) || other <= 0))
            continue;
        ratios[count++] = own / other * goal->factor;
    }
    *spread = bench_spread_of(ratios, count);
    if (count == 0)
        return BENCH_UNKNOWN;
    const double sure = goal->at_least ? spread->low : spread->high;
    const int inside = goal->at_least ? sure < goal->bound : sure > goal->bound;
    const int met = goal->at_least ? spread->high >= goal->bound / BENCH_TOLERANCE
                                   : spread->low <= goal->bound * BENCH_TOLERANCE;
    if (met && inside && spread->high > BENCH_VAGUE * spread->low)
        return BENCH_UNSURE;
    return met ? BENCH_MET : BENCH_MISSED;
}
