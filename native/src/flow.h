/* What arrives: orders around a mid price that walks, and reduces that cancel them; from a seed, by integer
 * arithmetic only.
 *
 * Lengths are in units of W = levels / 64 levels, so that windows of every size look alike:
 *
 * - Mid: a level on a bounded random walk that keeps 8 W from the window's edges. From one step, of one
 * level, to the next there are 4 blocks of 64 transactions in the mean; 1 .. 4 W + 1 steps go in one
 * direction.
 * - Adds: either side alike; a bid 1 + W g + (0 .. W - 1) levels below the mid, an ask as many above, with
 *   P(g) = 2^-(g + 1), g <= 6. Price: what the book reports for the level (its lower bound for bids, upper
 * for asks).
 * - Sizes: three of four are round lots, 100 k with P(k) = 2^-k, k <= 10; the others even over 1 .. 1000.
 * - Reduces: reduce_permille of all transactions. Each cancels an earlier order of this flow whole: one in
 * the mid's way if there is any, otherwise one picked at random from all. While more than max(64 W, 256)
 * orders rest it cancels all orders of that price level at once: so the share is kept for ever and the book
 * stays bounded.
 *
 * The mid steps onto a level only when all orders there have been cancelled, and until then no new ones are
 * placed there: bids always lie strictly below it and asks strictly above. With nothing dropped no reduce is
 * ever rejected and the book is never crossed. With reduce_permille 0 nothing is cancelled and the mid stays.
 *
 * Transactions are made 64 at a time, first the reduces, of orders older than the block, then the adds of
 * round lots and those of others, each in its place in the sequence: the processor need not guess which kind
 * comes next, which would cost more than all the rest. The sequence does not depend on how many are asked
 * for. */
#ifndef VX_FLOW_H
#define VX_FLOW_H
#include "random.h"
#include "transaction.h"

#define VX_FLOW_BLOCK 64
/* Resting at most; a full pool forces reduces, which shares below some 10 permille come to. */
#define VX_FLOW_ORDERS 16384

/* A resting order, or the head of a level's circular list. */
typedef struct vx_order {
    uint16_t next;
    uint16_t previous;
    uint16_t list; /* its head: 2 * level + side */
    uint16_t size;
} vx_order;

/* What the flow decides of a transaction: its fields from size on, with the level in place of `reserved`. */
typedef struct vx_draft {
    uint32_t size;
    uint8_t side;
    uint8_t kind;
    uint16_t level;
} vx_draft;
_Static_assert(sizeof(vx_draft) == 8 && offsetof(vx_draft, side) == 4 && offsetof(vx_draft, kind) == 5,
               "a draft is the fields word of a transaction, but for its level");

#define VX_FLOW_GROUPS 64

typedef struct vx_flow {
    vx_random random;
    uint64_t base_price;
    uint64_t ticks_per_level;
    vx_order *nodes; /* 2 * levels heads, then the resting orders without gaps */
    uint32_t levels;
    uint32_t width;                 /* W */
    uint32_t target;                /* resting orders aimed at: 64 W, at least 256 */
    uint32_t live;                  /* resting orders */
    uint32_t reduce_share;          /* of 65,536 */
    uint32_t mid[2];                /* of vx_side; they differ while a step waits for its level to be empty */
    uint32_t passing;               /* list that the waiting step needs empty; 0: none waits */
    uint32_t until_step;            /* blocks */
    uint32_t run;                   /* steps left in this direction */
    uint32_t rising;                /* the direction */
    uint32_t taken;                 /* of the block */
    uint16_t group[VX_FLOW_GROUPS]; /* 1 + W g by the bits that g is drawn by */
    vx_draft block[VX_FLOW_BLOCK];
} vx_flow;

/* levels and ticks_per_level as VELOX_OPTION_*; VELOX_INVALID_ARGUMENT where one is not allowed or a price of
 * the window lies outside 1 .. VX_PRICE_MAX. Takes and touches all memory. */
velox_status vx_flow_init(vx_flow *flow, uint64_t seed, uint32_t levels, uint32_t ticks_per_level,
                          int64_t base_price, uint32_t reduce_permille);
void vx_flow_free(vx_flow *flow);
/* The next `count` transactions, with ids from first_id on and these timestamps. They are written once, from
 * the first to the last: slots that another core has read are slow to write in any other order. */
void vx_flow_next(vx_flow *flow, vx_transaction *to, uint32_t count, uint64_t first_id,
                  const uint64_t *ts_ns);

#endif
