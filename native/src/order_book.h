/* Price-level book, updated by compare-and-swap (contract). Any number of threads may apply at once; any may read. */
#ifndef VX_ORDER_BOOK_H
#define VX_ORDER_BOOK_H
#include "atomics.h"
#include "transaction.h"

/* One level: a line of its own. Lies in the segment, where readers of other processes load it. */
typedef struct vx_level {
    alignas(VX_CACHE_LINE) VX_ATOMIC(uint64_t) quantity;
    VX_ATOMIC(uint64_t) updated_ns;
    uint8_t padding[48];
} vx_level;
_Static_assert(sizeof(vx_level) == 64, "a level is one line");
#define VX_QUANTITY_MAX ((uint64_t)INT64_MAX)
#define VX_CAS_TRIES 100

typedef struct vx_book vx_book; /* fields: side levels pointers, bitmaps + summary per side, best word pointer, window */

/* `levels` is the memory of 2 * level_count vx_level (bid side first), `best` one word, both zeroed, of the caller's
 * (they lie in the segment). best word: version << 32 | (bid level + 1) << 16 | (ask level + 1); 0 = side empty. */
velox_status vx_book_init(vx_book *book, vx_level *levels, uint32_t level_count, uint32_t ticks_per_level,
                          int64_t base_price, VX_ATOMIC(uint64_t) * best);
/* Retries and whether best bid/ask changed are told so that the one stage can count them. */
typedef struct vx_applied { velox_rejection rejection; uint32_t retries; uint8_t crossed; } vx_applied;
static inline vx_applied vx_book_apply(vx_book *book, const vx_transaction *transaction, uint64_t now_ns);
static inline void vx_book_prefetch(const vx_book *book, const vx_transaction *transaction);
int64_t vx_book_bid_price(const vx_book *book, uint32_t level); /* the level's lower bound */
int64_t vx_book_ask_price(const vx_book *book, uint32_t level); /* its upper bound: base + (level + 1) * ticks - 1 */
#endif
