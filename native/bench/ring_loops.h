/* The loops around a ring's operations. The including file defines, before:
 *   RING        the type of the ring; its create and destroy are its own business
 *   ITEM        the type of an item, with the fields of bench_item
 *   ring_push(RING *, const ITEM *), ring_pop(RING *, ITEM *): 1, or 0 when full or empty
 * and, where it has them, RING_SPANS and
 *   ring_push_span(RING *, const ITEM *made, uint32_t count), ring_pop_span(RING *, ITEM *taken, uint32_t
 * count): items moved, 0 when full or empty. */
#include <sched.h>

#include "ring_kind.h"

/* Spinning, but for a yield now and then: whoever the other thread shares its core with must not stop the
 * benchmark. */
static inline void ring_wait(uint32_t *turns)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
    if (++*turns % 65536 == 0)
        sched_yield();
}

static inline void ring_make(ITEM *item, uint64_t id)
{
    item->id = id;
    item->price = (int64_t)(1000000 + (id & 1023));
    item->size = (uint32_t)(id & 255) + 1;
    item->side = (uint8_t)(id & 1);
    item->kind = 0;
    item->reserved = 0;
    item->ts_ns = id << 8;
}

static inline uint64_t ring_sum(const ITEM *item)
{
    return item->id + (uint64_t)item->price + item->size + item->side + item->ts_ns;
}

static void ring_produce(void *at, uint64_t count)
{
    RING *const ring = (RING *)at;
    uint32_t turns = 0;
    for (uint64_t i = 0; i < count; i++) {
        ITEM item;
        ring_make(&item, i);
        while (!ring_push(ring, &item))
            ring_wait(&turns);
    }
}

static uint64_t ring_consume(void *at, uint64_t count)
{
    RING *const ring = (RING *)at;
    uint64_t sum = 0;
    uint32_t turns = 0;
    for (uint64_t i = 0; i < count; i++) {
        ITEM item;
        while (!ring_pop(ring, &item))
            ring_wait(&turns);
        sum += ring_sum(&item);
    }
    return sum;
}

static uint64_t ring_ping(void *there, void *back, uint64_t count)
{
    uint64_t sum = 0;
    uint32_t turns = 0;
    for (uint64_t i = 0; i < count; i++) {
        ITEM item;
        ring_make(&item, i);
        while (!ring_push((RING *)there, &item))
            ring_wait(&turns);
        while (!ring_pop((RING *)back, &item))
            ring_wait(&turns);
        sum += ring_sum(&item);
    }
    return sum;
}

static void ring_pong(void *there, void *back, uint64_t count)
{
    uint32_t turns = 0;
    for (uint64_t i = 0; i < count; i++) {
        ITEM item;
        while (!ring_pop((RING *)there, &item))
            ring_wait(&turns);
        while (!ring_push((RING *)back, &item))
            ring_wait(&turns);
    }
}

#ifdef RING_SPANS
static void ring_produce_spans(void *at, uint64_t count, uint32_t span)
{
    RING *const ring = (RING *)at;
    ITEM made[BENCH_SPAN_MAX];
    uint32_t turns = 0;
    for (uint64_t i = 0; i < count;) {
        const uint32_t want = (uint32_t)(count - i < span ? count - i : span);
        for (uint32_t k = 0; k < want; k++)
            ring_make(&made[k], i + k);
        for (uint32_t done = 0; done < want;) {
            const uint32_t moved = ring_push_span(ring, made + done, want - done);
            if (moved == 0)
                ring_wait(&turns);
            done += moved;
        }
        i += want;
    }
}

static uint64_t ring_consume_spans(void *at, uint64_t count, uint32_t span)
{
    RING *const ring = (RING *)at;
    ITEM taken[BENCH_SPAN_MAX];
    uint64_t sum = 0;
    uint32_t turns = 0;
    for (uint64_t i = 0; i < count;) {
        const uint32_t moved = ring_pop_span(ring, taken, span);
        if (moved == 0)
            ring_wait(&turns);
        for (uint32_t k = 0; k < moved; k++)
            sum += ring_sum(&taken[k]);
        i += moved;
    }
    return sum;
}
#endif
