/* Percentiles of a histogram that nobody writes any more. */
#ifndef BENCH_QUANTILE_H
#define BENCH_QUANTILE_H
#include "histogram.h"

/* The highest value of the bucket that holds rank ceil(p n) of n; 0 when there are none. */
static inline uint64_t bench_quantile_of(const uint64_t *buckets, double p)
{
    uint64_t n = 0;
    for (uint32_t i = 0; i < VELOX_HISTOGRAM_BUCKETS; i++)
        n += buckets[i];
    const double exact = p * (double)n;
    uint64_t left = (uint64_t)exact + ((double)(uint64_t)exact < exact);
    for (uint32_t i = 0; i < VELOX_HISTOGRAM_BUCKETS && n != 0; i++) {
        if (buckets[i] >= left)
            return vx_histogram_highest(i);
        left -= buckets[i];
    }
    return 0;
}

static inline uint64_t bench_quantile(const vx_histogram *histogram, double p)
{
    uint64_t buckets[VELOX_HISTOGRAM_BUCKETS];
    for (uint32_t i = 0; i < VELOX_HISTOGRAM_BUCKETS; i++)
        buckets[i] = vx_load_relaxed(&histogram->buckets[i]); /* relaxed: its writer has been joined */
    return bench_quantile_of(buckets, p);
}

#endif
