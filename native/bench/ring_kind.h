/* A ring as the benchmark sees it; C and C++. Implementations make the loops by including ring_loops.h, so
 * that each is compiled around its own inlined operations. */
#ifndef BENCH_RING_KIND_H
#define BENCH_RING_KIND_H
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BENCH_SPAN_MAX 64

/* As a transaction: 32 bytes that are written and read field by field. */
typedef struct bench_item {
    uint64_t id;
    int64_t price;
    uint32_t size;
    uint8_t side;
    uint8_t kind;
    uint16_t reserved;
    uint64_t ts_ns;
} bench_item;

typedef struct bench_ring_kind {
    const char *name;
    const char *missing;             /* why it is not here, and nothing else is set; NULL: it is */
    void *(*create)(uint32_t slots); /* NULL: no memory, or not of that size */
    void (*destroy)(void *ring);
    /* Items 0 .. count - 1, one at a time; spinning while full or empty. The consumer gives the sum of all
     * fields. */
    void (*produce)(void *ring, uint64_t count);
    uint64_t (*consume)(void *ring, uint64_t count);
    /* The same by spans of up to `span`; NULL: it has none. */
    void (*produce_spans)(void *ring, uint64_t count, uint32_t span);
    uint64_t (*consume_spans)(void *ring, uint64_t count, uint32_t span);
    /* `count` round trips: sends one item and waits for it to come back; the other end. */
    uint64_t (*ping)(void *there, void *back, uint64_t count);
    void (*pong)(void *there, void *back, uint64_t count);
} bench_ring_kind;

#ifdef __cplusplus
}
#endif
#endif
