/* Bundle builder (contract): fills bundles in place in the claimed slot of the ring downstream. One thread. Pure but for
 * the slot: it is told the time. */
#ifndef VX_BUNDLE_H
#define VX_BUNDLE_H
#include "transaction.h"

typedef struct vx_builder {
    vx_bundle *open;        /* NULL: none */
    uint64_t deadline_ns;   /* UINT64_MAX: none */
    uint64_t sequence;      /* of the next bundle */
    uint64_t timeout_ns;    /* for bundles opened from now on */
    uint32_t bundle_max;
    uint32_t open_max;      /* the open bundle's own */
    uint32_t open_count;
    uint8_t open_shift;
    uint64_t held_id_sum;   /* of the open bundle */
} vx_builder;

void vx_builder_init(vx_builder *builder, uint32_t bundle_max, uint64_t timeout_ns);
/* Opens a bundle in `slot` at now_ns. */
static inline void vx_builder_open(vx_builder *builder, vx_bundle *slot, uint64_t now_ns);
/* Appends as many of `count` as fit the open bundle; their number. */
static inline uint32_t vx_builder_add(vx_builder *builder, const vx_transaction *transactions, uint32_t count, uint64_t now_ns);
static inline int vx_builder_full(const vx_builder *builder);
static inline int vx_builder_due(const vx_builder *builder, uint64_t now_ns);
/* Completes the open bundle (count, reason, close time) and returns it, to be published; none is open after. */
static inline vx_bundle *vx_builder_close(vx_builder *builder, vx_flush reason, uint64_t now_ns);
/* Time of entry of transaction i. */
static inline uint64_t vx_bundle_entry_ns(const vx_bundle *bundle, uint32_t i);
#endif
