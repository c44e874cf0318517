// boost::lockfree::spsc_queue.
#include <boost/lockfree/spsc_queue.hpp>
#include <new>

#include "peers.h"

using RING = boost::lockfree::spsc_queue<bench_item>;
using ITEM = bench_item;

static inline int ring_push(RING *ring, const ITEM *item)
{
    return ring->push(*item);
}

static inline int ring_pop(RING *ring, ITEM *item)
{
    return ring->pop(*item);
}

static inline uint32_t ring_push_span(RING *ring, const ITEM *made, uint32_t count)
{
    return static_cast<uint32_t>(ring->push(made, count));
}

static inline uint32_t ring_pop_span(RING *ring, ITEM *taken, uint32_t count)
{
    return static_cast<uint32_t>(ring->pop(taken, count));
}

#define RING_SPANS
#include "ring_loops.h"

static void *create(uint32_t slots)
{
    return new (std::nothrow) RING(slots);
}

static void destroy(void *ring)
{
    delete static_cast<RING *>(ring);
}

extern "C" const bench_ring_kind bench_ring_boost = {
    "boost",   nullptr,   create, destroy, ring_produce, ring_consume, ring_produce_spans, ring_consume_spans,
    ring_ping, ring_pong,
};
