/* Log-linear histogram, single writer, cumulative: 64 exact values, then 64 buckets an octave up to 2^37 - 1 ns (137 s;
 * anything larger is counted in the last bucket). A bucket is reported by its highest value: error <= 1/64 = 1.57 %. */
#ifndef VX_HISTOGRAM_H
#define VX_HISTOGRAM_H
#include "atomics.h"
#include "velox.h"

/* Exactly the words of a VELOX_KIND_HISTOGRAM row. */
typedef struct vx_histogram {
    VX_ATOMIC(uint64_t) sum;
    VX_ATOMIC(uint64_t) buckets[VELOX_HISTOGRAM_BUCKETS];
} vx_histogram;

static inline uint32_t vx_histogram_index(uint64_t value);
static inline uint64_t vx_histogram_highest(uint32_t index);
static inline void vx_histogram_record(vx_histogram *histogram, uint64_t value);
/* value `count` times: one store a bucket. */
static inline void vx_histogram_record_n(vx_histogram *histogram, uint64_t value, uint64_t count);
/* now - ts of `count` transactions; negative differences count as 0. */
static inline void vx_histogram_record_since(vx_histogram *histogram, const void *first_ts, uint32_t stride_bytes,
                                             uint32_t count, uint64_t now_ns);
#endif
