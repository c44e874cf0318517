/* The orders and the walk; see flow.h. */
#include "flow.h"
#include <stdlib.h>

#define STEP_INTERVAL_MAX 511 /* 1 .. 511: 256 in the mean */
#define EDGE              8   /* W between mid and window's edge: offsets reach 7 W */

/* A number in 0 .. bound - 1 from `bits`, 32 random bits. */
static inline uint32_t below(uint64_t bits, uint32_t bound)
{
    return (uint32_t)((bits & UINT32_MAX) * bound >> 32);
}

static inline uint32_t head(const vx_flow *flow, vx_side side, uint32_t level)
{
    return side * flow->levels + level;
}

static inline void write_at(const vx_flow *flow, vx_transaction *transaction, uint32_t list, vx_kind kind,
                            uint32_t size)
{
    const uint32_t side = list >= flow->levels;
    const uint32_t level = list - (side ? flow->levels : 0);
    transaction->price = flow->base_price + (level + side) * flow->ticks_per_level - side;
    transaction->size = size;
    transaction->side = (uint8_t)side;
    transaction->kind = (uint8_t)kind;
    transaction->reserved = 0;
}

/* Bits 0-23: a round lot or any size. */
static inline uint32_t draw_size(uint64_t bits)
{
    const uint32_t lots = 1 + (uint32_t)__builtin_ctzll(bits >> 2 | UINT64_C(1) << 9);
    const uint32_t any = 1 + ((uint32_t)(bits >> 8 & 0xFFFF) * 1000 >> 16);
    return (bits & 3) == 0 ? any : 100 * lots;
}

/* Bits 16-63 of `bits` are used. */
static inline void add(vx_flow *flow, vx_transaction *transaction, uint64_t bits)
{
    const uint32_t group = (uint32_t)__builtin_ctzll(bits >> 17 | 64);
    const uint32_t offset = 1 + group * flow->width + ((uint32_t)(bits >> 24 & 0xFFFF) * flow->width >> 16);
    const vx_side side = (bits >> 16 & 1) ? VX_ASK : VX_BID;
    const uint32_t level = side == VX_ASK ? flow->ask_mid + offset : flow->bid_mid - offset;
    const uint32_t list = head(flow, side, level);
    const uint32_t size = draw_size(bits >> 40);
    write_at(flow, transaction, list, VX_ADD, size);
    if (flow->live == flow->capacity)
        return; /* only where nothing is ever cancelled */
    const uint32_t i = flow->first + flow->live++;
    vx_order *nodes = flow->nodes;
    nodes[i] = (vx_order){nodes[list].next, (uint16_t)list, (uint16_t)list, (uint16_t)size};
    nodes[nodes[i].next].previous = (uint16_t)i;
    nodes[list].next = (uint16_t)i;
}

/* Takes order i from its list and fills its place with the last one. Its size. */
static inline uint32_t cancel(vx_flow *flow, uint32_t i)
{
    vx_order *nodes = flow->nodes;
    const vx_order order = nodes[i];
    nodes[order.previous].next = order.next;
    nodes[order.next].previous = order.previous;
    const uint32_t last = flow->first + --flow->live;
    if (i != last) {
        nodes[i] = nodes[last];
        nodes[nodes[i].previous].next = (uint16_t)i;
        nodes[nodes[i].next].previous = (uint16_t)i;
    }
    return order.size;
}

static inline void reduce(vx_flow *flow, vx_transaction *transaction, uint64_t bits)
{
    const vx_order *nodes = flow->nodes;
    const uint32_t i =
        flow->passing ? nodes[flow->passing].next : flow->first + below(bits >> 16, flow->live);
    const uint32_t list = nodes[i].list;
    uint32_t size = cancel(flow, i);
    while (flow->live > flow->target && nodes[list].next != list)
        size += cancel(flow, nodes[list].next);
    write_at(flow, transaction, list, VX_REDUCE, size);
}

/* The next step's direction and what is in its way. */
static void plan_step(vx_flow *flow)
{
    const uint64_t bits = vx_random_next(&flow->random);
    const uint32_t mid = flow->bid_mid;
    if (flow->run == 0) {
        flow->run = 1 + below(bits, 4 * flow->width + 1);
        flow->direction = (bits >> 32 & 1) ? 1 : -1;
    }
    if (mid <= EDGE * flow->width)
        flow->direction = 1;
    if (mid >= flow->levels - 1 - EDGE * flow->width)
        flow->direction = -1;
    flow->run--;
    flow->until_step = 1 + below(bits >> 33, STEP_INTERVAL_MAX);
    if (flow->direction > 0)
        flow->passing = head(flow, VX_ASK, ++flow->ask_mid);
    else
        flow->passing = head(flow, VX_BID, --flow->bid_mid);
}

static inline void walk(vx_flow *flow)
{
    if (flow->passing && flow->nodes[flow->passing].next == flow->passing) {
        flow->passing = 0;
        if (flow->direction > 0)
            flow->bid_mid = flow->ask_mid;
        else
            flow->ask_mid = flow->bid_mid;
    }
    if (flow->passing == 0 && flow->reduce_share > 0 && --flow->until_step == 0)
        plan_step(flow);
}

void vx_flow_next(vx_flow *flow, vx_transaction *transactions, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const uint64_t bits = vx_random_next(&flow->random);
        walk(flow);
        const int wanted = (bits & 0xFFFF) < flow->reduce_share;
        if (flow->live > 0 && (wanted || flow->live == flow->capacity))
            reduce(flow, &transactions[i], bits);
        else
            add(flow, &transactions[i], bits);
    }
}

velox_status vx_flow_init(vx_flow *flow, uint64_t seed, uint32_t levels, uint32_t ticks_per_level,
                          int64_t base_price, uint32_t reduce_permille)
{
    const int64_t span = (int64_t)levels * ticks_per_level;
    if (levels < 64 || levels > VELOX_LEVELS_MAX || levels % 64 != 0 || ticks_per_level == 0 ||
        reduce_permille > 500 || base_price < 1 || base_price > VX_PRICE_MAX - span + 1)
        return VELOX_INVALID_ARGUMENT;
    *flow = (vx_flow){.levels = levels, .width = levels / 64, .target = levels, .first = 2 * levels};
    vx_random_seed(&flow->random, seed, VX_STREAM_FLOW);
    flow->base_price = base_price;
    flow->ticks_per_level = ticks_per_level;
    flow->capacity = reduce_permille == 0 ? 0 : VX_FLOW_ORDERS;
    flow->reduce_share = (reduce_permille * 65536 + 500) / 1000;
    flow->bid_mid = flow->ask_mid = levels / 2;
    flow->until_step = 1;
    const uint32_t count = flow->first + VX_FLOW_ORDERS;
    flow->nodes = malloc(count * sizeof *flow->nodes);
    if (flow->nodes == NULL)
        return VELOX_OUT_OF_MEMORY;
    for (uint32_t i = 0; i < count; i++)
        flow->nodes[i] = (vx_order){(uint16_t)i, (uint16_t)i, (uint16_t)i, 0};
    return VELOX_OK;
}

void vx_flow_free(vx_flow *flow)
{
    free(flow->nodes);
    flow->nodes = NULL;
}
