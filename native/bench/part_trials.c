#include <stdlib.h>

#include "baseline/bundle.h"
#include "baseline/histogram.h"
#include "bundle.h"
#include "clock.h"
#include "flow.h"
#include "histogram.h"
#include "orders.h"
#include "parts.h"
#include "schedule.h"
#include "threads.h"

#define BATCH        64
#define GAP_NS       16    /* between arrivals of a flood */
#define LATENCY_NS   20000 /* of the first of a batch */
#define RANDOM_COUNT 4096  /* a power of two */
#define BUNDLE_SLOTS 1024  /* the default ring's */
#define TIMEOUT_NS   100000
#define GENERATED    4096

typedef struct part {
    bench_trial *trial;
    uint64_t result;
    vx_clock clock;
    vx_histogram histogram;
    baseline_histogram baseline;
    uint64_t elapsed_ns[RANDOM_COUNT]; /* what is recorded, over and over */
    bench_orders orders;
    vx_bundle *slots;
    vx_schedule schedule;
    vx_flow flow;
} part;

/* A zeroed part; NULL: no memory, and the trial has failed. */
static part *create(bench_trial *trial)
{
    part *const self = aligned_alloc(VX_SPACING, (sizeof *self + VX_SPACING - 1) / VX_SPACING * VX_SPACING);
    if (self == NULL) {
        bench_fail(trial, "no memory");
        return NULL;
    }
    memset(self, 0, sizeof *self);
    self->trial = trial;
    return self;
}

static void run(part *self, bench_work work, uint64_t expected)
{
    bench_trial *const trial = self->trial;
    bench_alone(trial, work, self);
    bench_expect(trial, "work done", self->result, expected);
    bench_orders_free(&self->orders);
    free(self->slots);
    free(self);
}

static void read_clock(void *context, int index)
{
    part *const self = context;
    (void)index;
    for (uint64_t i = 0; i < self->trial->count; i++)
        self->result += vx_clock_now_ns(&self->clock) != 0;
}

void bench_clock_velox(bench_trial *trial)
{
    part *const self = create(trial);
    if (self == NULL)
        return;
    vx_clock_init_calibrated(&self->clock);
    run(self, read_clock, trial->count);
}

static void fill_latencies(part *self)
{
    vx_random random;
    vx_random_seed(&random, 1, VX_STREAM_SCHEDULE);
    for (uint64_t i = 0; i < RANDOM_COUNT; i++) {
        const uint64_t bits = vx_random_next(&random);
        const uint64_t decade = 4 + (bits & 15); /* octaves from 16 ns: to half a second */
        self->elapsed_ns[i] = self->trial->entry->parameter == 0
                                  ? LATENCY_NS - i % BATCH * GAP_NS
                                  : (UINT64_C(1) << decade) + (bits >> 8) % (UINT64_C(1) << decade);
    }
}

static void record_batches(void *context, int index)
{
    part *const self = context;
    uint64_t stamps_ns[RANDOM_COUNT];
    const uint64_t now_ns = UINT64_C(1) << 40;
    (void)index;
    for (uint64_t i = 0; i < RANDOM_COUNT; i++)
        stamps_ns[i] = now_ns - self->elapsed_ns[i];
    for (uint64_t i = 0; i < self->trial->count; i += BATCH)
        vx_histogram_record_since(&self->histogram, &stamps_ns[i % RANDOM_COUNT], sizeof stamps_ns[0], BATCH,
                                  now_ns);
    for (uint32_t i = 0; i < VELOX_HISTOGRAM_BUCKETS; i++)
        self->result += vx_load_relaxed(&self->histogram.buckets[i]);
}

static void record_each(void *context, int index)
{
    part *const self = context;
    (void)index;
    for (uint64_t i = 0; i < self->trial->count; i++)
        baseline_histogram_record(&self->baseline, self->elapsed_ns[i % RANDOM_COUNT]);
    self->result = self->baseline.count;
}

static void record(bench_trial *trial, bench_work work)
{
    part *const self = create(trial);
    if (self == NULL)
        return;
    trial->count = (trial->count + BATCH - 1) / BATCH * BATCH;
    fill_latencies(self);
    run(self, work, trial->count);
}

void bench_histogram_velox(bench_trial *trial)
{
    record(trial, record_batches);
}

void bench_histogram_baseline(bench_trial *trial)
{
    record(trial, record_each);
}

/* As the Bundle stage fills a batch. */
static void build_in_place(void *context, int index)
{
    part *const self = context;
    vx_builder builder;
    uint64_t closed = 0;
    (void)index;
    vx_builder_init(&builder, VELOX_BUNDLE_CAPACITY, TIMEOUT_NS);
    for (uint64_t i = 0; i < self->trial->count; i += BATCH) {
        const vx_transaction *const items = self->orders.items + i % GENERATED;
        for (uint32_t taken = 0; taken < BATCH;) {
            if (builder.open == NULL)
                vx_builder_open(&builder, &self->slots[closed % BUNDLE_SLOTS], i);
            taken += vx_builder_add(&builder, items + taken, BATCH - taken, i);
            if (vx_builder_full(&builder)) {
                self->result += vx_builder_close(&builder, VX_FLUSH_SIZE, i)->count;
                closed++;
            }
        }
    }
}

static void build_and_copy(void *context, int index)
{
    part *const self = context;
    baseline_builder builder = {.count = 0};
    uint64_t closed = 0;
    (void)index;
    for (uint64_t i = 0; i < self->trial->count; i++)
        if (baseline_builder_add(&builder, &self->orders.items[i % GENERATED],
                                 &self->slots[closed % BUNDLE_SLOTS]))
            self->result += self->slots[closed++ % BUNDLE_SLOTS].count;
    self->result += builder.count;
}

static void build(bench_trial *trial, bench_work work)
{
    part *const self = create(trial);
    if (self == NULL)
        return;
    trial->count = (trial->count + BATCH - 1) / BATCH * BATCH;
    self->orders = bench_orders_make(GENERATED, 1024, 450, 1);
    self->slots = aligned_alloc(VX_CACHE_LINE, BUNDLE_SLOTS * sizeof *self->slots);
    if (self->orders.items == NULL || self->slots == NULL) {
        bench_fail(trial, "no memory");
        return;
    }
    memset(self->slots, 0, BUNDLE_SLOTS * sizeof *self->slots);
    run(self, work, trial->count);
}

void bench_builder_velox(bench_trial *trial)
{
    build(trial, build_in_place);
}

void bench_builder_baseline(bench_trial *trial)
{
    build(trial, build_and_copy);
}

static void take_arrivals(void *context, int index)
{
    part *const self = context;
    uint64_t intended_ns[BATCH];
    (void)index;
    while (self->result < self->trial->count) {
        self->result += vx_schedule_due(&self->schedule, UINT64_MAX >> 1, intended_ns, BATCH);
        bench_keep(intended_ns[0]);
    }
}

void bench_schedule(bench_trial *trial)
{
    part *const self = create(trial);
    if (self == NULL)
        return;
    trial->count = (trial->count + BATCH - 1) / BATCH * BATCH;
    vx_schedule_init(&self->schedule, VELOX_POISSON, 100000000, 1, 0);
    run(self, take_arrivals, trial->count);
}

static void take_orders(void *context, int index)
{
    part *const self = context;
    vx_transaction orders[BATCH];
    const uint64_t arrivals_ns[BATCH] = {0};
    (void)index;
    for (uint64_t i = 0; i < self->trial->count; i += BATCH) {
        vx_flow_next(&self->flow, orders, BATCH, i, arrivals_ns);
        self->result += BATCH;
        bench_keep((uint64_t)(uintptr_t)orders);
    }
    vx_flow_free(&self->flow);
}

void bench_flow(bench_trial *trial)
{
    part *const self = create(trial);
    if (self == NULL)
        return;
    trial->count = (trial->count + BATCH - 1) / BATCH * BATCH;
    if (vx_flow_init(&self->flow, 1, trial->entry->parameter, BENCH_ORDERS_TICKS, BENCH_ORDERS_BASE, 450) !=
        VELOX_OK)
        bench_fail(trial, "no memory");
    run(self, take_orders, trial->count);
}
