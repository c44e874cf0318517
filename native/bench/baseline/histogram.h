/* Baseline: a histogram that any thread may record into, one value at a time: logarithmic buckets and totals,
 * each by an atomic add. */
#ifndef BASELINE_HISTOGRAM_H
#define BASELINE_HISTOGRAM_H
#include <stdatomic.h>
#include <stdint.h>

#define BASELINE_SUB_BITS 6 /* 64 buckets an octave, as the engine's */
#define BASELINE_BUCKETS  2048

typedef struct baseline_histogram {
    _Atomic(uint64_t) count;
    _Atomic(uint64_t) sum;
    _Atomic(uint64_t) buckets[BASELINE_BUCKETS];
} baseline_histogram;

static inline void baseline_histogram_record(baseline_histogram *histogram, uint64_t value)
{
    const uint32_t octave =
        63 - (uint32_t)__builtin_clzll(value | 1 << BASELINE_SUB_BITS) - BASELINE_SUB_BITS;
    const uint32_t index = (octave << BASELINE_SUB_BITS) + (uint32_t)(value >> octave);
    atomic_fetch_add_explicit(&histogram->buckets[index < BASELINE_BUCKETS ? index : BASELINE_BUCKETS - 1], 1,
                              memory_order_relaxed);
    atomic_fetch_add_explicit(&histogram->count, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&histogram->sum, value, memory_order_relaxed);
}

#endif
