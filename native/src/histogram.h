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

/* Values beyond the last bucket count as its highest. */
static inline uint64_t vx_histogram_counted(uint64_t value)
{
    return value < VX_HISTOGRAM_MAX ? value : VX_HISTOGRAM_MAX;
}

/* log2 of the width of the value's bucket: 0 below 128, then one more an octave. */
static inline uint32_t vx_histogram_shift(uint64_t value)
{
    const uint64_t counted = vx_histogram_counted(value);
    return (63u ^ (uint32_t)__builtin_clzll(counted | VX_HISTOGRAM_SUB)) - VX_HISTOGRAM_SUB_BITS;
}

/* The value's bucket: its octave, then its top seven bits, whose leading one makes the octave's first. */
static inline uint32_t vx_histogram_index(uint64_t value)
{
    const uint32_t shift = vx_histogram_shift(value);
    return (shift << VX_HISTOGRAM_SUB_BITS) + (uint32_t)(vx_histogram_counted(value) >> shift);
}

/* The highest value told apart in the bucket; VX_HISTOGRAM_MAX for the last, which also counts all above. */
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

/* Timestamps of a batch, and what is known of all of them from one pass. */
typedef struct vx_stamps {
    const void *first_ts; /* the others lie stride_bytes apart */
    uint32_t stride_bytes;
    uint32_t count;
    uint64_t sum_ns;
    uint64_t differing; /* the bits in which any differs from the first */
} vx_stamps;

static inline uint64_t vx_stamp_ns(const void *first_ts, uint32_t stride_bytes, uint32_t i)
{
    uint64_t ts_ns;
    memcpy(&ts_ns, (const uint8_t *)first_ts + (size_t)i * stride_bytes, sizeof ts_ns);
    return ts_ns;
}

static inline vx_stamps vx_stamps_of(const void *first_ts, uint32_t stride_bytes, uint32_t count)
{
    vx_stamps stamps = {first_ts, stride_bytes, count, 0, 0};
    const uint64_t first_ns = count != 0 ? vx_stamp_ns(first_ts, stride_bytes, 0) : 0;
    for (uint32_t i = 0; i < count; i++) {
        const uint64_t ts_ns = vx_stamp_ns(first_ts, stride_bytes, i);
        stamps.sum_ns += ts_ns;
        stamps.differing |= ts_ns ^ first_ns;
    }
    return stamps;
}

/* Neighbours of a batch mostly fall into one bucket: its bounds tell that with one comparison, and the run of
 * them is stored as one. */
static inline void vx_histogram_record_runs(vx_histogram *histogram, const vx_stamps *stamps, uint64_t now_ns)
{
    VX_ATOMIC(uint64_t) *bucket = &histogram->buckets[0];
    uint64_t lowest = 0, width = 0; /* what is known to fall into it: nothing yet */
    uint64_t run = 0, sum = 0;
    for (uint32_t i = 0; i < stamps->count; i++, run++) {
        uint64_t elapsed_ns = now_ns - vx_stamp_ns(stamps->first_ts, stamps->stride_bytes, i);
        if (elapsed_ns - lowest >= width) {
            vx_histogram_add(bucket, run);
            run = 0;
            elapsed_ns = elapsed_ns <= now_ns ? elapsed_ns : 0; /* it wrapped: stamped after now */
            bucket = &histogram->buckets[vx_histogram_index(elapsed_ns)];
            width = UINT64_C(1) << vx_histogram_shift(elapsed_ns);
            lowest = elapsed_ns & ~(width - 1);
        }
        sum += elapsed_ns;
    }
    vx_histogram_add(bucket, run);
    vx_histogram_add(&histogram->sum, sum);
}

/* now - ts of every stamp; negative differences count as 0. Of stamps that differ in their low bits alone the
 * least and the greatest are known well enough to tell that all fall into one bucket. */
static inline void vx_histogram_record_stamps(vx_histogram *histogram, const vx_stamps *stamps,
                                              uint64_t now_ns)
{
    if (stamps->count == 0)
        return;
    const uint64_t first_ns = vx_stamp_ns(stamps->first_ts, stamps->stride_bytes, 0);
    const uint64_t low_bits = stamps->differing == 0 ? 0 : UINT64_MAX >> __builtin_clzll(stamps->differing);
    const uint64_t least_ns = now_ns - (first_ns | low_bits);
    const uint32_t index = vx_histogram_index(least_ns);
    if (least_ns <= now_ns && vx_histogram_index(now_ns - (first_ns & ~low_bits)) == index) {
        vx_histogram_add(&histogram->buckets[index], stamps->count);
        vx_histogram_add(&histogram->sum, now_ns * stamps->count - stamps->sum_ns);
        return;
    }
    vx_histogram_record_runs(histogram, stamps, now_ns);
}

/* The same of `count` timestamps, the first at first_ts, the others stride_bytes apart. */
static inline void vx_histogram_record_since(vx_histogram *histogram, const void *first_ts,
                                             uint32_t stride_bytes, uint32_t count, uint64_t now_ns)
{
    const vx_stamps stamps = vx_stamps_of(first_ts, stride_bytes, count);
    vx_histogram_record_stamps(histogram, &stamps, now_ns);
}
#endif
