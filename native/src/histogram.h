/* Log-linear histogram, single writer, cumulative: 64 exact values, then 64 buckets an octave up to 2^37 - 1
 * ns (137 s; anything larger is counted in the last bucket, and whole in the sum). A bucket is reported by
 * its highest value: error <= 1/64 = 1.57 %.
 *
 * One thread records; any may read. All accesses are relaxed: the release store of a counter or index that
 * the writer makes after recording orders them for whoever loads that with acquire. */
#ifndef VX_HISTOGRAM_H
#define VX_HISTOGRAM_H
#include <string.h>

#include "atomics.h"
#include "velox.h"

#define VX_HISTOGRAM_SUB_BITS 6 /* 2^6 buckets an octave */
#define VX_HISTOGRAM_SUB      (UINT64_C(1) << VX_HISTOGRAM_SUB_BITS)
#define VX_HISTOGRAM_MAX      ((UINT64_C(1) << 37) - 1)
_Static_assert((37 - VX_HISTOGRAM_SUB_BITS + 1) * VX_HISTOGRAM_SUB == VELOX_HISTOGRAM_BUCKETS,
               "the last bucket ends at the maximum");

/* Exactly the words of a VELOX_KIND_HISTOGRAM row. */
typedef struct vx_histogram {
    VX_ATOMIC(uint64_t) sum;
    VX_ATOMIC(uint64_t) buckets[VELOX_HISTOGRAM_BUCKETS];
} vx_histogram;
_Static_assert(sizeof(vx_histogram) == 8 * (1 + VELOX_HISTOGRAM_BUCKETS), "words without gaps");

/* log2 of the width of the value's bucket: 0 below 128, then one more an octave. */
static inline uint32_t vx_histogram_shift(uint64_t value)
{
    return (63u ^ (uint32_t)__builtin_clzll(value | VX_HISTOGRAM_SUB)) - VX_HISTOGRAM_SUB_BITS;
}

/* The value's bucket. Its top seven bits, of which the leading one counts the octave. */
static inline uint32_t vx_histogram_index(uint64_t value)
{
    const uint64_t counted = value < VX_HISTOGRAM_MAX ? value : VX_HISTOGRAM_MAX;
    const uint32_t shift = vx_histogram_shift(counted);
    return (shift << VX_HISTOGRAM_SUB_BITS) + (uint32_t)(counted >> shift);
}

/* The highest value counted in the bucket; VX_HISTOGRAM_MAX for the last. */
static inline uint64_t vx_histogram_highest(uint32_t index)
{
    if (index < VX_HISTOGRAM_SUB)
        return index;
    const uint32_t shift = (index >> VX_HISTOGRAM_SUB_BITS) - 1;
    return (((index & (VX_HISTOGRAM_SUB - 1)) + VX_HISTOGRAM_SUB + 1) << shift) - 1;
}

/* Relaxed: see the head of this file. */
static inline void vx_histogram_add(VX_ATOMIC(uint64_t) * word, uint64_t n)
{
    vx_store_relaxed(word, vx_load_relaxed(word) + n);
}

/* value `count` times: one store a bucket. */
static inline void vx_histogram_record_n(vx_histogram *histogram, uint64_t value, uint64_t count)
{
    vx_histogram_add(&histogram->buckets[vx_histogram_index(value)], count);
    vx_histogram_add(&histogram->sum, value * count);
}

static inline void vx_histogram_record(vx_histogram *histogram, uint64_t value)
{
    vx_histogram_record_n(histogram, value, 1);
}

/* now - ts of the transaction i of a batch; 0 for one stamped after now. */
static inline uint64_t vx_histogram_elapsed(const void *first_ts, uint32_t stride_bytes, uint32_t i,
                                            uint64_t now_ns)
{
    uint64_t ts_ns;
    memcpy(&ts_ns, (const uint8_t *)first_ts + (size_t)i * stride_bytes, sizeof ts_ns);
    return now_ns > ts_ns ? now_ns - ts_ns : 0;
}

/* now - ts of `count` transactions; negative differences count as 0. `first_ts` is the address of the first
 * one's timestamp, the others lie stride_bytes apart. Neighbours of a batch mostly fall into one bucket: they
 * are stored as one. */
static inline void vx_histogram_record_since(vx_histogram *histogram, const void *first_ts,
                                             uint32_t stride_bytes, uint32_t count, uint64_t now_ns)
{
    if (count == 0)
        return;
    uint64_t sum = vx_histogram_elapsed(first_ts, stride_bytes, 0, now_ns);
    uint32_t index = vx_histogram_index(sum);
    uint64_t run = 1;
    for (uint32_t i = 1; i < count; i++, run++) {
        const uint64_t elapsed_ns = vx_histogram_elapsed(first_ts, stride_bytes, i, now_ns);
        const uint32_t next = vx_histogram_index(elapsed_ns);
        sum += elapsed_ns;
        if (next != index) {
            vx_histogram_add(&histogram->buckets[index], run);
            index = next;
            run = 0;
        }
    }
    vx_histogram_add(&histogram->buckets[index], run);
    vx_histogram_add(&histogram->sum, sum);
}
#endif
