#include "rings.h"

#include "ring_kind.h"
#include "threads.h"

#define ROUND_TRIP_SLOTS 4096

typedef struct transfer {
    const bench_ring_kind *kind;
    void *ring;
    void *back;
    uint64_t count;
    uint32_t span;
    uint64_t sum;
} transfer;

static void produce_or_consume(void *context, int consumer)
{
    transfer *const self = context;
    const bench_ring_kind *const kind = self->kind;
    if (self->span == 1 && consumer)
        self->sum = kind->consume(self->ring, self->count);
    else if (self->span == 1)
        kind->produce(self->ring, self->count);
    else if (consumer)
        self->sum = kind->consume_spans(self->ring, self->count, self->span);
    else
        kind->produce_spans(self->ring, self->count, self->span);
}

/* What ring_loops.h makes of ids 0 .. count - 1, summed: the fields in turn. */
static uint64_t expected_sum(uint64_t count)
{
    uint64_t sum = count * (count - 1) / 2 * 257 + count * 1000001 + count / 2;
    const uint64_t prices = count % 1024;
    const uint64_t sizes = count % 256;
    sum += count / 1024 * (1024 * 1023 / 2) + prices * (prices - 1) / 2;
    sum += count / 256 * (256 * 255 / 2) + sizes * (sizes - 1) / 2;
    return sum;
}

static int create(bench_trial *trial, transfer *self, uint32_t slots)
{
    self->kind = trial->contender->what;
    if (self->kind->missing != NULL) {
        bench_skip(trial, "%s", self->kind->missing);
        return 0;
    }
    self->count = trial->count;
    self->ring = self->kind->create(slots);
    self->back = self->kind->create(slots);
    if (self->ring != NULL && self->back != NULL)
        return 1;
    bench_fail(trial, "no memory for a ring of %u slots", slots);
    return 0;
}

static void destroy(const transfer *self)
{
    if (self->ring != NULL)
        self->kind->destroy(self->ring);
    if (self->back != NULL)
        self->kind->destroy(self->back);
}

void bench_ring_transfer(bench_trial *trial)
{
    transfer self = {.span = trial->contender->parameter};
    if (create(trial, &self, trial->entry->parameter)) {
        bench_on_threads(trial, trial->cores->pair, 2, produce_or_consume, &self);
        bench_expect(trial, "sum of the items received", self.sum, expected_sum(self.count));
    }
    destroy(&self);
}

static void ping_or_pong(void *context, int pong)
{
    transfer *const self = context;
    if (pong)
        self->kind->pong(self->ring, self->back, self->count);
    else
        self->sum = self->kind->ping(self->ring, self->back, self->count);
}

void bench_ring_round_trip(bench_trial *trial)
{
    transfer self = {.span = 1};
    if (create(trial, &self, ROUND_TRIP_SLOTS)) {
        bench_on_threads(trial, trial->cores->pair, 2, ping_or_pong, &self);
        bench_expect(trial, "sum of the items that came back", self.sum, expected_sum(self.count));
    }
    destroy(&self);
}
