/* What arrives: orders around a mid price that walks, and reduces that cancel them; from a seed, by integer
 * arithmetic only.
 *
 * All lengths are in units of W = levels / 64 levels, so that windows of every size look alike:
 *
 *   mid      a level on a bounded random walk, within 8 W of neither edge. It moves one level every 256
 * transactions in the mean, in runs of 1 .. 4 W + 1 steps in one direction. adds     either side alike; a bid
 * 1 + W g + (0 .. W - 1) levels below the mid, an ask as many above, with P(g) = 2^-(g + 1), g <= 6. Price:
 * what the book reports for the level (bids its lower bound, asks its upper). sizes    three of four are
 * round lots of 100, 100 k with P(k) = 2^-k, k <= 10; the others even over 1 .. 1000. reduces reduce_permille
 * of all transactions. Each cancels earlier orders of this flow whole, all at one price: those in the mid's
 * way first, otherwise one that is picked at random from all. It cancels one order, and, for as long as more
 * than 64 W orders rest, further ones of the same level: so the share is kept and the book is bounded.
 *
 * The mid steps onto a level only when all orders there have been cancelled, and until then no new ones are
 * placed there: bids always lie strictly below it and asks strictly above. With nothing dropped no reduce is
 * ever rejected and the book is never crossed. With reduce_permille 0 nothing is cancelled and the mid stays.
 *
 * At most VX_FLOW_ORDERS orders rest: at that many a reduce is forced (shares below some 10 permille), at
 * none an add. */
#ifndef VX_FLOW_H
#define VX_FLOW_H
#include "random.h"
#include "transaction.h"

#define VX_FLOW_ORDERS 16384

/* A resting order, or the head of a level's circular list. */
typedef struct vx_order {
    uint16_t next;
    uint16_t previous;
    uint16_t list; /* its level's head */
    uint16_t size;
} vx_order;

typedef struct vx_flow {
    vx_random random;
    uint32_t levels;
    uint32_t width; /* W */
    uint32_t live;  /* orders resting: nodes[first .. first + live) */
    uint32_t capacity;
    uint32_t target;       /* resting orders beyond which a reduce cancels several */
    uint32_t reduce_share; /* of 65,536 */
    uint32_t bid_mid;      /* bids lie below it, */
    uint32_t ask_mid;      /* asks above it; the two differ while a step waits for its level to be empty */
    uint32_t until_step;   /* transactions */
    uint32_t run;          /* steps left in this direction */
    int32_t direction;
    uint32_t passing; /* list that the waiting step needs empty */
    uint32_t first;   /* 2 * levels: heads lie before */
    int64_t base_price;
    int64_t ticks_per_level;
    vx_order *nodes;
} vx_flow;

/* levels and ticks_per_level as VELOX_OPTION_*; VELOX_INVALID_ARGUMENT where a price of the window lies
 * outside 1 .. VX_PRICE_MAX. Takes and touches all memory. */
velox_status vx_flow_init(vx_flow *flow, uint64_t seed, uint32_t levels, uint32_t ticks_per_level,
                          int64_t base_price, uint32_t reduce_permille);
void vx_flow_free(vx_flow *flow);
/* Writes all but id and ts_ns, which are the caller's. */
void vx_flow_next(vx_flow *flow, vx_transaction *transactions, uint32_t count);

#endif
