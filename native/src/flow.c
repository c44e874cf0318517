/* The orders and the walk; see flow.h. */
#include "flow.h"
#include <stdlib.h>
#include <string.h>

#define STEP_BLOCKS_MAX 7   /* 1 .. 7: 4 in the mean */
#define EDGE            8   /* W between mid and window's edge: offsets reach 7 W */
#define TARGET_MIN      256 /* several blocks' worth */
#define TICKS_MAX       1000000

/* A number in 0 .. bound - 1 from 32 random bits. */
static inline uint32_t below(uint32_t bits, uint32_t bound)
{
    return (uint32_t)((uint64_t)bits * bound >> 32);
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

/* The pool, in registers. */
typedef struct pool {
    vx_order *nodes;
    uint32_t first; /* of the resting orders */
    uint32_t end;   /* one past the last of them */
} pool;

/* An order at `within` levels from its group's first, which 7 random bits choose. No branch: the side could
 * not be predicted. */
static inline vx_draft add(const vx_flow *flow, pool *pool, uint32_t bits, uint32_t within, uint32_t size)
{
    const uint32_t side = bits & 1;
    const uint32_t offset = flow->group[bits >> 1 & (VX_FLOW_GROUPS - 1)] + within;
    const uint32_t down = side - 1; /* all ones: negates the offset of bids */
    const uint32_t level = flow->mid[side] + ((offset ^ down) - down);
    const uint32_t list = 2 * level + side;
    vx_order *const head = &pool->nodes[list];
    const uint32_t i = pool->end++;
    const uint32_t next = head->next;
    pool->nodes[i] = (vx_order){(uint16_t)next, (uint16_t)list, (uint16_t)list, (uint16_t)size};
    pool->nodes[next].previous = (uint16_t)i;
    head->next = (uint16_t)i;
    return (vx_draft){size, (uint8_t)side, VX_ADD, (uint16_t)level};
}

/* Of 32 bits 7 are the side's and the group's; then 16 the level's and 9 the size's. */
static inline vx_draft add_round(const vx_flow *flow, pool *pool, uint32_t bits)
{
    const uint32_t within = (bits >> 7 & 0xFFFF) * flow->width >> 16;
    const uint32_t lots = 1 + (uint32_t)__builtin_ctz(bits >> 23 | UINT32_C(1) << 9);
    return add(flow, pool, bits, within, 100 * lots);
}

/* Here 25 are the level's, and what these leave over, as a fraction of a level, is the size's. */
static inline vx_draft add_any(const vx_flow *flow, pool *pool, uint32_t bits)
{
    const uint32_t scaled = (bits >> 7) * flow->width;
    const uint32_t fraction = scaled & ((UINT32_C(1) << 25) - 1);
    return add(flow, pool, bits, scaled >> 25, 1 + (uint32_t)((uint64_t)fraction * 1000 >> 25));
}

/* Takes order i from its list and fills its place with the last one. Its size. */
static inline uint32_t cancel(pool *pool, uint32_t i)
{
    vx_order *const nodes = pool->nodes;
    const vx_order order = nodes[i];
    nodes[order.previous].next = order.next;
    nodes[order.next].previous = order.previous;
    const uint32_t last = --pool->end;
    if (i != last) {
        nodes[i] = nodes[last];
        nodes[nodes[last].previous].next = (uint16_t)i;
        nodes[nodes[last].next].previous = (uint16_t)i;
    }
    return order.size;
}

static inline vx_draft reduce(pool *pool, uint32_t passing, uint32_t target, uint32_t bits)
{
    const vx_order *const nodes = pool->nodes;
    const uint32_t live = pool->end - pool->first;
    const uint32_t in_the_way = nodes[passing].next; /* list 0 is always empty */
    const uint32_t i = in_the_way != passing ? in_the_way : pool->first + below(bits, live);
    const uint32_t list = nodes[i].list;
    uint32_t size = cancel(pool, i);
    if (live > target)
        while (nodes[list].next != list)
            size += cancel(pool, nodes[list].next);
    return (vx_draft){size, (uint8_t)(list & 1), VX_REDUCE, (uint16_t)(list >> 1)};
}

/* The next step's direction, and what is in its way. */
static void plan_step(vx_flow *flow)
{
    const uint64_t bits = vx_random_next(&flow->random);
    const uint32_t mid = flow->mid[VX_BID];
    if (flow->run == 0) {
        flow->run = 1 + below((uint32_t)bits, 4 * flow->width + 1);
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
    flow->until_step = 1 + below((uint32_t)(bits >> 33 << 1), STEP_BLOCKS_MAX);
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

/* 32 random bits for each of a block's transactions. */
static void draw(vx_random *from, uint32_t *bits)
{
    vx_random random = *from; /* a copy stays in registers */
    for (uint32_t i = 0; i < VX_FLOW_BLOCK; i += 2) {
        const uint64_t both = vx_random_next(&random);
        bits[i] = (uint32_t)both;
        bits[i + 1] = (uint32_t)(both >> 32);
    }
    *from = random;
}

static void make_block(vx_flow *flow)
{
    uint64_t reduces = 0;
    if (flow->reduce_share > 0) {
        walk(flow);
        reduces = biased_bits(&flow->random, flow->reduce_share);
        while (flow->live + VX_FLOW_BLOCK - (uint32_t)__builtin_popcountll(reduces) > VX_FLOW_ORDERS)
            reduces |= reduces + 1;
    }
    uint64_t adds = ~reduces;
    uint64_t round = vx_random_next(&flow->random);
    round |= vx_random_next(&flow->random); /* three of four */
    uint32_t bits[VX_FLOW_BLOCK];
    draw(&flow->random, bits);
    vx_draft *const block = flow->block;
    pool pool = {flow->nodes, 2 * flow->levels, 2 * flow->levels + flow->live};
    uint32_t i = 0;
    for (; reduces != 0 && pool.end != pool.first; reduces &= reduces - 1)
        block[(uint32_t)__builtin_ctzll(reduces)] = reduce(&pool, flow->passing, flow->target, bits[i++]);
    adds |= reduces;
    for (uint64_t left = adds & round; left != 0; left &= left - 1)
        block[(uint32_t)__builtin_ctzll(left)] = add_round(flow, &pool, bits[i++]);
    for (uint64_t left = adds & ~round; left != 0; left &= left - 1)
        block[(uint32_t)__builtin_ctzll(left)] = add_any(flow, &pool, bits[i++]);
    flow->live = flow->reduce_share > 0 ? pool.end - pool.first : 0; /* 0: none is ever cancelled nor kept */
}

/* Nothing but stores, from the first to the last. */
static void write(const vx_flow *flow, const vx_draft *drafts, vx_transaction *to, uint32_t count,
                  uint64_t id, const uint64_t *ts_ns)
{
    const uint64_t ticks = flow->ticks_per_level;
    const uint64_t lowest[2] = {flow->base_price, flow->base_price + ticks - 1}; /* by vx_side */
    vx_half *const halves = (vx_half *)to;
    for (size_t i = 0; i < count; i++) {
        uint64_t fields;
        memcpy(&fields, &drafts[i], sizeof fields);
        halves[2 * i] = (vx_half){id + i, drafts[i].level * ticks + lowest[drafts[i].side]};
        halves[2 * i + 1] = (vx_half){fields & UINT64_MAX >> 16, ts_ns[i]};
    }
}

void vx_flow_next(vx_flow *flow, vx_transaction *to, uint32_t count, uint64_t first_id, const uint64_t *ts_ns)
{
    for (uint32_t done = 0; done < count;) {
        if (flow->taken == VX_FLOW_BLOCK) {
            make_block(flow);
            flow->taken = 0;
        }
        const uint32_t left = VX_FLOW_BLOCK - flow->taken;
        const uint32_t part = count - done < left ? count - done : left;
        write(flow, &flow->block[flow->taken], to + done, part, first_id + done, ts_ns + done);
        flow->taken += part;
        done += part;
    }
}

velox_status vx_flow_init(vx_flow *flow, uint64_t seed, uint32_t levels, uint32_t ticks_per_level,
                          int64_t base_price, uint32_t reduce_permille)
{
    const int64_t span = (int64_t)levels * ticks_per_level;
    *flow =
        (vx_flow){.base_price = (uint64_t)base_price, .ticks_per_level = ticks_per_level, .levels = levels};
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
    for (uint32_t i = 0; i < VX_FLOW_GROUPS; i++)
        flow->group[i] = (uint16_t)(1 + (uint32_t)__builtin_ctz(i | VX_FLOW_GROUPS) * flow->width);
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
