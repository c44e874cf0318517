/* The ceiling: lines written on one core and read on the other, a flag for every chunk of many lines, nothing
 * else. */
#include <sched.h>
#include <stdlib.h>

#include "atomics.h"
#include "rings.h"
#include "threads.h"
#include "transaction.h"

#define CHUNK_ITEMS 512 /* 256 lines a flag */
#define CHUNKS      8
#define ITEM_WORDS  4
#define YIELD_TURNS 65536

typedef struct stream {
    alignas(VX_SPACING) VX_ATOMIC(uint64_t) written; /* chunks */
    alignas(VX_SPACING) VX_ATOMIC(uint64_t) read;
    alignas(VX_SPACING) uint64_t items[CHUNKS][CHUNK_ITEMS][ITEM_WORDS];
    uint64_t chunks;
    uint64_t sum;
} stream;

/* Waits until the count has come to `least`. */
static void await(const VX_ATOMIC(uint64_t) * count, uint64_t least)
{
    /* Acquire pairs with the other side's release of its count. */
    for (uint32_t turns = 1; vx_load_acquire(count) < least; turns++)
        if (turns % YIELD_TURNS == 0)
            sched_yield();
}

static void write_chunks(stream *self)
{
    for (uint64_t chunk = 0; chunk < self->chunks; chunk++) {
        uint64_t(*const items)[ITEM_WORDS] = self->items[chunk % CHUNKS];
        if (chunk >= CHUNKS)
            await(&self->read, chunk - CHUNKS + 1);
        for (uint64_t i = 0; i < CHUNK_ITEMS; i++)
            for (uint64_t word = 0; word < ITEM_WORDS; word++)
                items[i][word] = chunk + i + word;
        /* Release pairs with the acquire of the reader. */
        vx_store_release(&self->written, chunk + 1);
    }
}

static void read_chunks(stream *self)
{
    uint64_t sum = 0;
    for (uint64_t chunk = 0; chunk < self->chunks; chunk++) {
        uint64_t(*const items)[ITEM_WORDS] = self->items[chunk % CHUNKS];
        await(&self->written, chunk + 1);
        for (uint64_t i = 0; i < CHUNK_ITEMS; i++)
            for (uint64_t word = 0; word < ITEM_WORDS; word++)
                sum += items[i][word];
        /* Release pairs with the acquire of the writer. */
        vx_store_release(&self->read, chunk + 1);
    }
    self->sum = sum;
}

static void write_or_read(void *context, int reader)
{
    (reader ? read_chunks : write_chunks)(context);
}

void bench_stream(bench_trial *trial)
{
    stream *const self = aligned_alloc(VX_SPACING, sizeof *self);
    if (self == NULL) {
        bench_fail(trial, "no memory");
        return;
    }
    vx_store_relaxed(&self->written, 0); /* relaxed: before the threads begin */
    vx_store_relaxed(&self->read, 0);
    self->chunks = (trial->count + CHUNK_ITEMS - 1) / CHUNK_ITEMS;
    bench_on_threads(trial, trial->cores->pair, 2, write_or_read, self);
    trial->count = self->chunks * CHUNK_ITEMS;
    /* Every item's words: ITEM_WORDS (chunk + i) + 0 + 1 + 2 + 3. */
    const uint64_t chunks = self->chunks;
    bench_expect(trial, "sum of the lines read", self->sum,
                 ITEM_WORDS * (CHUNK_ITEMS * (chunks * (chunks - 1) / 2) +
                               chunks * (CHUNK_ITEMS * (CHUNK_ITEMS - 1) / 2)) +
                     chunks * CHUNK_ITEMS * 6);
    free(self);
}
