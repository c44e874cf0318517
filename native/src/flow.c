/* The orders and the walk; see flow.h. */
#include "flow.h"
#include <stdlib.h>
#include <string.h>

#define STEP_BLOCKS_MAX 7   /* 1 .. 7: 4 in the mean */
#define EDGE            8   /* W between mid and window's edge: offsets reach 7 W */
#define TARGET_MIN      256 /* several blocks' worth */
#define TICKS_MAX       1000000

/* A number in 0 .. bound - 1 from 32 random bits. */
static inline uint32_t below(uint64_t bits, uint32_t bound)
{
    return (uint32_t)((bits & UINT32_MAX) * bound >> 32);
}

/* 64 independent bits, each set with probability share / 65,536: from the share's lowest bit to its highest,
 * a random bit is or-ed in where it is set and and-ed in where not, which halves the probability so far and
 * adds the bit's half. */
static inline uint64_t biased_bits(vx_random *random, uint32_t share)
{
    uint64_t mask = 0;
    for (uint32_t bit = 1; bit < 65536; bit <<= 1) {
        const uint64_t draw = vx_random_next(random);
        mask = share & bit ? mask | draw : mask & draw;
    }
    return mask;
}

/* Price, size, side and kind of an order of the list. */
static inline void write_order(const vx_flow *flow, uint32_t list, uint64_t kind, uint32_t size,
                               vx_transaction *to)
{
    const uint32_t side = list & 1;
    to->price = flow->base_price + ((list >> 1) + side) * flow->ticks_per_level - side;
    vx_transaction_set_fields(to, size | side * VX_FIELDS_SIDE | kind * VX_FIELDS_KIND);
}

/* From 24 random bits. No branch: none of these could be predicted. */
static inline uint32_t draw_size(uint64_t bits)
{
    const uint32_t round = 100 * (1 + (uint32_t)__builtin_ctzll(bits >> 2 | UINT64_C(1) << 9));
    const uint32_t any = 1 + ((uint32_t)(bits >> 8 & 0xFFFF) * 1000 >> 16);
    const uint32_t mask = (uint32_t)((bits & 3) == 0) - 1; /* all ones: round */
    return (round & mask) | (any & ~mask);
}

static inline void add(const vx_flow *flow, uint32_t *live, uint64_t bits, vx_transaction *to)
{
    const uint32_t side = bits & 1;
    const uint32_t group = (uint32_t)__builtin_ctzll(bits >> 1 | 64);
    const uint32_t offset = 1 + group * flow->width + ((uint32_t)(bits >> 8 & 0xFFFF) * flow->width >> 16);
    const uint32_t down = side - 1; /* all ones: negates the offset of bids */
    const uint32_t level = flow->mid[side] + ((offset ^ down) - down);
    const uint32_t list = 2 * level + side;
    const uint32_t size = draw_size(bits >> 24);
    if (flow->reduce_share > 0) {
        vx_order *nodes = flow->nodes;
        const uint32_t i = 2 * flow->levels + (*live)++;
        const uint16_t next = nodes[list].next;
        nodes[i] = (vx_order){next, (uint16_t)list, (uint16_t)list, (uint16_t)size};
        nodes[next].previous = (uint16_t)i;
        nodes[list].next = (uint16_t)i;
    }
    write_order(flow, list, VX_ADD, size, to);
}

/* Takes order i from its list and fills its place with the last one. Its size. */
static inline uint32_t cancel(const vx_flow *flow, uint32_t *live, uint32_t i)
{
    vx_order *nodes = flow->nodes;
    const vx_order order = nodes[i];
    nodes[order.previous].next = order.next;
    nodes[order.next].previous = order.previous;
    const uint32_t last = 2 * flow->levels + --*live;
    if (i != last) {
        nodes[i] = nodes[last];
        nodes[nodes[i].previous].next = (uint16_t)i;
        nodes[nodes[i].next].previous = (uint16_t)i;
    }
    return order.size;
}

static inline void reduce(const vx_flow *flow, uint32_t *live, uint64_t bits, vx_transaction *to)
{
    const vx_order *nodes = flow->nodes;
    const uint32_t in_the_way = nodes[flow->passing].next; /* list 0 is always empty */
    const uint32_t i = in_the_way != flow->passing ? in_the_way : 2 * flow->levels + below(bits, *live);
    const uint32_t list = nodes[i].list;
    const int whole_level = *live > flow->target;
    uint32_t size = cancel(flow, live, i);
    while (whole_level && nodes[list].next != list)
        size += cancel(flow, live, nodes[list].next);
    write_order(flow, list, VX_REDUCE, size, to);
}

/* The next step's direction, and what is in its way. */
static void plan_step(vx_flow *flow)
{
    const uint64_t bits = vx_random_next(&flow->random);
    const uint32_t mid = flow->mid[VX_BID];
    if (flow->run == 0) {
        flow->run = 1 + below(bits, 4 * flow->width + 1);
        flow->rising = bits >> 32 & 1;
    }
    flow->run--;
    if (mid <= EDGE * flow->width)
        flow->rising = 1;
    if (mid >= flow->levels - 1 - EDGE * flow->width)
        flow->rising = 0;
    const vx_side side = flow->rising ? VX_ASK : VX_BID;
    flow->mid[side] += flow->rising ? 1 : UINT32_MAX;
    flow->passing = 2 * flow->mid[side] + side;
    flow->until_step = 1 + below(bits >> 33 << 1, STEP_BLOCKS_MAX);
}

/* Takes the waiting step once its level is empty; plans the next when its time has come. */
static void walk(vx_flow *flow)
{
    if (flow->passing != 0 && flow->nodes[flow->passing].next == flow->passing) {
        const uint32_t mid = flow->mid[flow->passing & 1];
        flow->mid[VX_BID] = flow->mid[VX_ASK] = mid;
        flow->passing = 0;
    }
    if (flow->passing == 0 && --flow->until_step == 0)
        plan_step(flow);
}

static void make_block(vx_flow *flow, vx_transaction *restrict block)
{
    uint64_t reduces = 0;
    if (flow->reduce_share > 0) {
        walk(flow);
        reduces = biased_bits(&flow->random, flow->reduce_share);
        while (flow->live + VX_FLOW_BLOCK - (uint32_t)__builtin_popcountll(reduces) > VX_FLOW_ORDERS)
            reduces |= reduces + 1;
    }
    uint64_t adds = ~reduces;
    vx_random random = flow->random; /* copies stay in registers */
    uint32_t live = flow->live;
    for (; reduces != 0 && live > 0; reduces &= reduces - 1)
        reduce(flow, &live, vx_random_next(&random), &block[__builtin_ctzll(reduces)]);
    for (adds |= reduces; adds != 0; adds &= adds - 1)
        add(flow, &live, vx_random_next(&random), &block[__builtin_ctzll(adds)]);
    flow->random = random;
    flow->live = live;
}

void vx_flow_next(vx_flow *flow, vx_transaction *transactions, uint32_t count)
{
    while (count > 0) {
        if (flow->taken == VX_FLOW_BLOCK && count >= VX_FLOW_BLOCK) {
            make_block(flow, transactions);
            transactions += VX_FLOW_BLOCK;
            count -= VX_FLOW_BLOCK;
            continue;
        }
        if (flow->taken == VX_FLOW_BLOCK) {
            make_block(flow, flow->block);
            flow->taken = 0;
        }
        const uint32_t left = VX_FLOW_BLOCK - flow->taken;
        const uint32_t part = count < left ? count : left;
        memcpy(transactions, &flow->block[flow->taken], part * sizeof *transactions);
        flow->taken += part;
        transactions += part;
        count -= part;
    }
}

velox_status vx_flow_init(vx_flow *flow, uint64_t seed, uint32_t levels, uint32_t ticks_per_level,
                          int64_t base_price, uint32_t reduce_permille)
{
    const int64_t span = (int64_t)levels * ticks_per_level;
    *flow = (vx_flow){.base_price = base_price, .ticks_per_level = ticks_per_level, .levels = levels};
    if (levels < 64 || levels > VELOX_LEVELS_MAX || levels % 64 != 0 || ticks_per_level < 1 ||
        ticks_per_level > TICKS_MAX || reduce_permille > 500 || base_price < 1 ||
        base_price > VX_PRICE_MAX - span + 1)
        return VELOX_INVALID_ARGUMENT;
    vx_random_seed(&flow->random, seed, VX_STREAM_FLOW);
    flow->width = levels / 64;
    flow->target = levels > TARGET_MIN ? levels : TARGET_MIN;
    flow->reduce_share = (reduce_permille * 65536 + 500) / 1000;
    flow->mid[VX_BID] = flow->mid[VX_ASK] = levels / 2;
    flow->until_step = 1;
    flow->taken = VX_FLOW_BLOCK;
    const uint32_t count = 2 * levels + VX_FLOW_ORDERS;
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
