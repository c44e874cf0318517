#include "pipeline.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "book.h"
#include "bundle.h"
#include "clock.h"
#include "histogram.h"
#include "ring.h"
#include "threads.h"

#define SLOTS        4096
#define BUNDLE_SLOTS 1024
#define TURN         64 /* items a stage moves before another of its thread has its turn */

typedef struct counters {
    alignas(128) _Atomic(uint64_t) in;
    _Atomic(uint64_t) out;
    _Atomic(uint64_t) refused;
    _Atomic(uint64_t) ended; /* nothing follows */
    baseline_histogram latency;
} counters;

typedef struct pipeline {
    baseline_ring rings[VELOX_RINGS];
    vx_transaction transactions[2][SLOTS];
    vx_bundle bundles[BUNDLE_SLOTS];
    baseline_book book;
    baseline_builder builder;
    counters stages[VELOX_STAGES];
    const int *thread_of_stage;
    uint64_t random;
    uint64_t next_id;
    uint64_t end_ns;
} pipeline;

static void count(_Atomic(uint64_t) *counter)
{
    atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

static void end(pipeline *self, int stage)
{
    /* Release pairs with the acquire in has_ended: who sees the end sees the last item. */
    atomic_store_explicit(&self->stages[stage].ended, 1, memory_order_release);
}

static int has_ended(const pipeline *self, int stage)
{
    return (int)atomic_load_explicit(&self->stages[stage].ended, memory_order_acquire);
}

/* A stage handled one item that came at ts_ns. */
static void account(pipeline *self, int stage, uint64_t ts_ns)
{
    baseline_histogram_record(&self->stages[stage].latency, vx_monotonic_ns() - ts_ns);
    count(&self->stages[stage].in);
    count(&self->stages[stage].out);
}

static vx_transaction generate(pipeline *self)
{
    self->random ^= self->random << 13;
    self->random ^= self->random >> 7;
    self->random ^= self->random << 17;
    const uint64_t bits = self->random;
    return (vx_transaction){.id = self->next_id++,
                            .price = 1000000 + (int64_t)(bits >> 40 & 1023) * 16,
                            .size = (uint32_t)(bits >> 20 & 1023) + 1,
                            .side = (uint8_t)(bits & 1),
                            .kind = (uint8_t)(bits >> 1 & 1),
                            .ts_ns = vx_monotonic_ns()};
}

/* Each turn: how many items it moved. */
static uint32_t ingress_turn(pipeline *self)
{
    uint32_t moved = 0;
    uint64_t slot;
    if (vx_monotonic_ns() >= self->end_ns) {
        end(self, VELOX_INGRESS);
        return 0;
    }
    for (; moved < TURN && baseline_ring_room(&self->rings[0], &slot); moved++) {
        self->transactions[0][slot] = generate(self);
        baseline_ring_pushed(&self->rings[0]);
        count(&self->stages[VELOX_INGRESS].out);
    }
    return moved;
}

static uint32_t book_turn(pipeline *self)
{
    uint32_t moved = 0;
    uint64_t from, to;
    const int last = has_ended(self, VELOX_INGRESS);
    for (; moved < TURN && baseline_ring_room(&self->rings[1], &to); moved++) {
        if (!baseline_ring_ready(&self->rings[0], &from)) {
            if (last)
                end(self, VELOX_ORDER_BOOK);
            break;
        }
        const vx_transaction item = self->transactions[0][from];
        baseline_ring_popped(&self->rings[0]);
        if (!baseline_book_apply(&self->book, &item, vx_monotonic_ns()))
            count(&self->stages[VELOX_ORDER_BOOK].refused);
        self->transactions[1][to] = item;
        account(self, VELOX_ORDER_BOOK, item.ts_ns);
        baseline_ring_pushed(&self->rings[1]);
    }
    return moved;
}

static uint32_t bundle_turn(pipeline *self)
{
    uint32_t moved = 0;
    uint64_t from, to;
    const int last = has_ended(self, VELOX_ORDER_BOOK);
    for (; moved < TURN && baseline_ring_room(&self->rings[2], &to); moved++) {
        if (!baseline_ring_ready(&self->rings[1], &from)) {
            if (last && self->builder.count != 0) {
                baseline_builder_flush(&self->builder, VX_FLUSH_DRAIN, vx_monotonic_ns(), &self->bundles[to]);
                baseline_ring_pushed(&self->rings[2]);
            }
            if (last)
                end(self, VELOX_BUNDLE);
            break;
        }
        const vx_transaction item = self->transactions[1][from];
        baseline_ring_popped(&self->rings[1]);
        if (baseline_builder_add(&self->builder, &item, &self->bundles[to]))
            baseline_ring_pushed(&self->rings[2]);
        account(self, VELOX_BUNDLE, item.ts_ns);
    }
    return moved;
}

static uint32_t output_turn(pipeline *self)
{
    uint64_t from;
    const int last = has_ended(self, VELOX_BUNDLE);
    if (!baseline_ring_ready(&self->rings[2], &from)) {
        if (last)
            end(self, VELOX_OUTPUT);
        return 0;
    }
    const vx_bundle *const bundle = &self->bundles[from];
    for (uint32_t i = 0; i < bundle->count; i++)
        account(self, VELOX_OUTPUT, bundle->transactions[i].ts_ns);
    const uint32_t moved = bundle->count;
    baseline_ring_popped(&self->rings[2]);
    return moved;
}

static uint32_t turn(pipeline *self, int stage)
{
    switch (stage) {
    case VELOX_INGRESS:
        return ingress_turn(self);
    case VELOX_ORDER_BOOK:
        return book_turn(self);
    case VELOX_BUNDLE:
        return bundle_turn(self);
    default:
        return output_turn(self);
    }
}

static void run_thread(void *context, int thread)
{
    pipeline *const self = context;
    for (int live = 1; live;) {
        uint32_t moved = 0;
        live = 0;
        for (int stage = 0; stage < VELOX_STAGES; stage++)
            if (self->thread_of_stage[stage] == thread && !has_ended(self, stage)) {
                moved += turn(self, stage);
                live = 1;
            }
        if (moved == 0)
            sched_yield();
    }
}

uint64_t baseline_pipeline_run(bench_trial *trial, const int *cores, int threads,
                               const int thread_of_stage[VELOX_STAGES])
{
    pipeline *const self = aligned_alloc(128, (sizeof *self + 127) / 128 * 128);
    if (self == NULL) {
        bench_fail(trial, "no memory");
        return 0;
    }
    memset(self, 0, sizeof *self);
    for (int i = 0; i < VELOX_RINGS; i++)
        baseline_ring_init(&self->rings[i], i == 2 ? BUNDLE_SLOTS : SLOTS);
    self->book.ticks_per_level = 16;
    self->random = 88172645463325252;
    self->thread_of_stage = thread_of_stage;
    self->end_ns = vx_monotonic_ns() + trial->count;
    bench_on_threads(trial, cores, threads, run_thread, self);
    const uint64_t delivered = self->stages[VELOX_OUTPUT].out;
    bench_expect(trial, "delivered", delivered, self->next_id);
    free(self);
    return delivered;
}
