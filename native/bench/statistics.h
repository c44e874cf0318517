/* Medians, which a few disturbed rounds do not move. */
#ifndef BENCH_STATISTICS_H
#define BENCH_STATISTICS_H
#include <stddef.h>

typedef struct bench_spread {
    double median, least, most;
    double low,
        high; /* of the median: a 95 % interval by order statistics; least and most below six values */
    size_t count;
} bench_spread;

/* Of `count` values, which it sorts; zeroes of none. */
bench_spread bench_spread_of(double *values, size_t count);

#endif
