// moodycamel::ReaderWriterQueue, at a capacity it does not grow beyond.
#include <new>

#if __has_include(<readerwriterqueue/readerwriterqueue.h>)
#include <readerwriterqueue/readerwriterqueue.h>
#else
#include <readerwriterqueue.h>
#endif

#include "peers.h"

using RING = moodycamel::ReaderWriterQueue<bench_item>;
using ITEM = bench_item;

static inline int ring_push(RING *ring, const ITEM *item)
{
    return ring->try_enqueue(*item);
}

static inline int ring_pop(RING *ring, ITEM *item)
{
    return ring->try_dequeue(*item);
}

#include "ring_loops.h"

static void *create(uint32_t slots)
{
    return new (std::nothrow) RING(slots);
}

static void destroy(void *ring)
{
    delete static_cast<RING *>(ring);
}

extern "C" const bench_ring_kind bench_ring_moodycamel = {
    "moodycamel", nullptr, create,  destroy,   ring_produce,
    ring_consume, nullptr, nullptr, ring_ping, ring_pong,
};
