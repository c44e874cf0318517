/* Baseline: bundles built aside and copied when they are full or their time has come; the clock is read for
 * each transaction. */
#ifndef BASELINE_BUNDLE_H
#define BASELINE_BUNDLE_H
#include "clock.h"
#include "transaction.h"

#define BASELINE_TIMEOUT_NS 100000

typedef struct baseline_builder {
    vx_bundle building;
    uint32_t count;
    uint64_t sequence;
} baseline_builder;

static inline void baseline_builder_flush(baseline_builder *builder, vx_flush reason, uint64_t now_ns,
                                          vx_bundle *to)
{
    builder->building.sequence = builder->sequence++;
    builder->building.close_ns = now_ns;
    builder->building.count = (uint8_t)builder->count;
    builder->building.reason = (uint8_t)reason;
    *to = builder->building;
    builder->count = 0;
}

/* Adds one transaction; true: a bundle was copied to `to`. */
static inline int baseline_builder_add(baseline_builder *builder, const vx_transaction *transaction,
                                       vx_bundle *to)
{
    const uint64_t now_ns = vx_monotonic_ns();
    if (builder->count == 0)
        builder->building.open_ns = now_ns;
    builder->building.transactions[builder->count] = *transaction;
    builder->building.entry[builder->count++] = (uint16_t)(now_ns - builder->building.open_ns);
    if (builder->count < VELOX_BUNDLE_CAPACITY && now_ns - builder->building.open_ns < BASELINE_TIMEOUT_NS)
        return 0;
    baseline_builder_flush(
        builder, builder->count == VELOX_BUNDLE_CAPACITY ? VX_FLUSH_SIZE : VX_FLUSH_TIMEOUT, now_ns, to);
    return 1;
}

#endif
