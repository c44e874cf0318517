/* Bundle builder: fills bundles in place in the claimed slot of the ring downstream. One thread. Pure but for
 * the slot: it is told the time. The stage asks: full or due? closes and publishes; opens with the next
 * transaction. */
#ifndef VX_BUNDLE_H
#define VX_BUNDLE_H
#include <string.h>

#include "batch.h"

#define VX_NO_DEADLINE UINT64_MAX

typedef struct vx_builder {
    vx_bundle *open;      /* NULL: none */
    uint64_t deadline_ns; /* UINT64_MAX: none */
    uint64_t sequence;    /* of the next bundle */
    uint64_t timeout_ns;  /* for bundles opened from now on */
    uint32_t bundle_max;  /* for bundles opened from now on, 1 .. VELOX_BUNDLE_CAPACITY */
    uint32_t open_max;    /* the open bundle's own */
    uint32_t open_count;
    uint8_t open_shift;
    uint64_t held_id_sum; /* of the open bundle */
    vx_stamps held;       /* its transactions' timestamps */
} vx_builder;

/* Sequences start at 0. */
void vx_builder_init(vx_builder *builder, uint32_t bundle_max, uint64_t timeout_ns);

/* The least shift by which timeout_ns fits the 16 bits of an entry. */
static inline uint8_t vx_bundle_entry_shift(uint64_t timeout_ns)
{
    const int bits = 64 - __builtin_clzll(timeout_ns | UINT16_MAX); /* 16 or more */
    return (uint8_t)(bits - 16);
}

/* Opens a bundle in `slot` at now_ns. None may be open. */
static inline void vx_builder_open(vx_builder *builder, vx_bundle *slot, uint64_t now_ns)
{
    builder->open = slot;
    builder->deadline_ns = now_ns + builder->timeout_ns;
    builder->open_max = builder->bundle_max;
    builder->open_count = 0;
    builder->open_shift = vx_bundle_entry_shift(builder->timeout_ns);
    builder->held_id_sum = 0;
    builder->held = (vx_stamps){&slot->transactions[0].ts_ns, sizeof(vx_transaction), 0, 0, 0};
    vx_plain_write(slot, offsetof(vx_bundle, transactions));
    slot->sequence = builder->sequence;
    slot->open_ns = now_ns;
    slot->entry_shift = builder->open_shift;
    slot->reserved0 = 0;
    slot->reserved1 = 0;
    memset(slot->entry, 0, sizeof slot->entry); /* the first line never shows an earlier bundle */
}

/* Appends as many of `count` as fit the open bundle; their number. An entry later than 16 bits can say (a
 * bundle held past its deadline by a full ring) is given as the latest they can. */
static inline uint32_t vx_builder_add(vx_builder *builder, const vx_transaction *transactions, uint32_t count,
                                      uint64_t now_ns)
{
    vx_bundle *const bundle = builder->open;
    const uint32_t first = builder->open_count;
    const uint32_t room = builder->open_max - first;
    const uint32_t added = count < room ? count : room;
    const uint64_t offset = (now_ns - bundle->open_ns) >> builder->open_shift;
    const uint16_t entry = (uint16_t)(offset < UINT16_MAX ? offset : UINT16_MAX);
    const vx_batch batch = vx_batch_copy(&bundle->transactions[first], transactions, added);
    for (uint32_t i = first; i < first + added; i++)
        bundle->entry[i] = entry;
    builder->held_id_sum += batch.id_sum;
    builder->held.count += added;
    builder->held.sum_ns += batch.stamps.sum_ns;
    if (added != 0)
        builder->held.differing |=
            batch.stamps.differing | (transactions->ts_ns ^ bundle->transactions->ts_ns);
    builder->open_count = first + added;
    return added;
}

/* The open bundle has all it may hold. */
static inline int vx_builder_full(const vx_builder *builder)
{
    return builder->open != NULL && builder->open_count == builder->open_max;
}

/* The deadline of the open bundle has come. */
static inline int vx_builder_due(const vx_builder *builder, uint64_t now_ns)
{
    return builder->open != NULL && now_ns >= builder->deadline_ns;
}

/* Completes the open bundle (count, reason, close time) and returns it, to be published; none is open after.
 */
static inline vx_bundle *vx_builder_close(vx_builder *builder, vx_flush reason, uint64_t now_ns)
{
    vx_bundle *const bundle = builder->open;
    vx_plain_write(bundle, offsetof(vx_bundle, transactions));
    bundle->close_ns = now_ns;
    bundle->count = (uint8_t)builder->open_count;
    bundle->reason = (uint8_t)reason;
    builder->open = NULL;
    builder->deadline_ns = VX_NO_DEADLINE;
    builder->open_count = 0;
    builder->held_id_sum = 0;
    builder->sequence++;
    return bundle;
}

/* Time of entry of transaction i. */
static inline uint64_t vx_bundle_entry_ns(const vx_bundle *bundle, uint32_t i)
{
    return bundle->open_ns + ((uint64_t)bundle->entry[i] << bundle->entry_shift);
}
#endif
