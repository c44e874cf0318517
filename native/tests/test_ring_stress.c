/* The ring between two threads: every item arrives once, in order and whole, through both wraps, and then the
 * end. */
#include "ring.h"

#include <pthread.h>
#include <sched.h>

#include "check.h"

#define ITEMS UINT64_C(1000000) /* a passage; few enough for sanitizers and emulators */

typedef struct passage {
    vx_ring ring;
    uint32_t span_max; /* 0: one at a time by push and pop */
    uint64_t received; /* the consumer's results */
    uint64_t received_sum;
    uint64_t out_of_order;
    uint64_t torn;
} passage;

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Every field follows from the id, so that a torn item shows. */
static uint64_t mixed(uint64_t id)
{
    return id * UINT64_C(0x9e3779b97f4a7c15) ^ id >> 7;
}

static void make(vx_transaction *transaction, uint64_t id)
{
    const uint64_t bits = mixed(id);
    *transaction = (vx_transaction){
        .id = id, .price = (int64_t)bits, .size = (uint32_t)(bits >> 5), .side = id & 1, .ts_ns = ~bits};
}

static void take(passage *passage, const vx_transaction *transaction)
{
    const uint64_t bits = mixed(transaction->id);
    passage->out_of_order += transaction->id != passage->received;
    passage->torn += transaction->price != (int64_t)bits || transaction->size != (uint32_t)(bits >> 5) ||
                     transaction->side != (transaction->id & 1) || transaction->ts_ns != ~bits;
    passage->received_sum += bits;
    passage->received++;
}

static uint64_t send_one(passage *passage, uint64_t id)
{
    vx_transaction transaction;
    make(&transaction, id);
    return (uint64_t)vx_ring_push(&passage->ring, &transaction);
}

static uint64_t send_span(passage *passage, uint64_t id, uint64_t *state)
{
    const uint64_t left = ITEMS - id;
    const uint64_t random = 1 + next_random(state) % passage->span_max;
    void *slots;
    const uint32_t count = vx_ring_claim(&passage->ring, (uint32_t)vx_ring_least(random, left), &slots);
    for (uint32_t i = 0; i < count; i++)
        make((vx_transaction *)slots + i, id + i);
    vx_ring_publish(&passage->ring, count);
    return count;
}

static void *produce(void *argument)
{
    passage *passage = argument;
    uint64_t state = 11, id = 0;
    while (id < ITEMS) {
        const uint64_t sent = passage->span_max == 0 ? send_one(passage, id) : send_span(passage, id, &state);
        if (sent == 0)
            sched_yield();
        id += sent;
    }
    vx_ring_end(&passage->ring, id);
    return NULL;
}

static uint32_t take_one(passage *passage)
{
    vx_transaction transaction;
    const int got = vx_ring_pop(&passage->ring, &transaction);
    if (got)
        take(passage, &transaction);
    return (uint32_t)got;
}

static uint32_t take_span(passage *passage, uint64_t *state)
{
    void *items;
    const uint32_t want = (uint32_t)(1 + next_random(state) % passage->span_max);
    const uint32_t count = vx_ring_peek(&passage->ring, want, &items);
    for (uint32_t i = 0; i < count; i++)
        take(passage, (const vx_transaction *)items + i);
    vx_ring_release(&passage->ring, count);
    return count;
}

/* Until the end; the end's next id. */
static uint64_t consume(passage *passage)
{
    uint64_t state = 13, next_id = 0;
    while (!vx_ring_ended(&passage->ring, &next_id)) {
        const uint32_t taken = passage->span_max == 0 ? take_one(passage) : take_span(passage, &state);
        if (taken == 0)
            sched_yield();
    }
    return next_id;
}

static void check_passage(uint32_t slots, uint32_t span_max)
{
    passage passage = {.span_max = span_max};
    pthread_t producer;
    uint64_t sent_sum = 0;
    CHECK_EQUAL(vx_ring_init(&passage.ring, slots, sizeof(vx_transaction)), VELOX_OK);
    vx_ring_start_at(&passage.ring, 0 - ITEMS / 2);
    CHECK_EQUAL(pthread_create(&producer, NULL, produce, &passage), 0);
    const uint64_t next_id = consume(&passage);
    CHECK_EQUAL(pthread_join(producer, NULL), 0);
    for (uint64_t id = 0; id < ITEMS; id++)
        sent_sum += mixed(id);
    CHECK_EQUAL(next_id, ITEMS);
    CHECK_EQUAL(passage.received, ITEMS);
    CHECK_EQUAL(passage.out_of_order, 0);
    CHECK_EQUAL(passage.torn, 0);
    CHECK_EQUAL(passage.received_sum, sent_sum);
    CHECK_EQUAL(vx_ring_tail(&passage.ring), ITEMS - ITEMS / 2);
    vx_ring_free(&passage.ring);
}

static void shouldPassEveryItemWhenPushedOneAtATime(void)
{
    check_passage(1024, 0);
}

static void shouldPassEveryItemWhenTheRingIsSmall(void)
{
    check_passage(16, 0);
}

static void shouldPassEveryItemWhenInRandomSpans(void)
{
    check_passage(1024, 64);
}

static void shouldPassEveryItemWhenSpansExceedTheRing(void)
{
    check_passage(16, 64);
}

int main(void)
{
    RUN(shouldPassEveryItemWhenPushedOneAtATime);
    RUN(shouldPassEveryItemWhenTheRingIsSmall);
    RUN(shouldPassEveryItemWhenInRandomSpans);
    RUN(shouldPassEveryItemWhenSpansExceedTheRing);
    return 0;
}
