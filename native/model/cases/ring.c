/* The ring between two threads: order, wholeness (races on the slots), wrap of the indices at 2^64, end and
 * hand-over. */
#include "ring.h"
#include "cases.h"

#define SLOTS      2
#define ITEMS      3
#define TRIES      5
#define FIRST_ITEM 100

typedef struct passage {
    vx_ring ring;
    uint64_t slots[SLOTS];
    uint64_t sent;     /* producer's */
    uint64_t received; /* consumer's */
} passage;

static void start_passage(passage *s)
{
    vx_ring_init_over(&s->ring, s->slots, SLOTS, sizeof *s->slots);
    vx_ring_start_at(&s->ring, UINT64_MAX);
    s->sent = s->received = 0;
}

static void setup(void *state)
{
    start_passage(state);
}

static void take(passage *s, uint64_t item)
{
    MODEL_CHECK(item == FIRST_ITEM + s->received);
    s->received++;
}

static void push_one(passage *s)
{
    const uint64_t item = FIRST_ITEM + s->sent;
    s->sent += (uint64_t)vx_ring_push(&s->ring, &item);
}

static int pop_one(passage *s)
{
    uint64_t item;
    if (!vx_ring_pop(&s->ring, &item))
        return 0;
    take(s, item);
    return 1;
}

static void produce(void *state)
{
    passage *const s = state;
    for (int i = 0; i < TRIES && s->sent < ITEMS; i++)
        push_one(s);
}

static void consume(void *state)
{
    passage *const s = state;
    for (int i = 0; i < TRIES && s->received < ITEMS; i++)
        pop_one(s);
}

static void check_rest(void *state)
{
    passage *const s = state;
    while (pop_one(s))
        ;
    MODEL_CHECK(s->received == s->sent);
    MODEL_CHECK(s->sent >= SLOTS);
}

const model_case ring_one_at_a_time = {.name = "ring, one at a time",
                                       .threads = 2,
                                       .setup = setup,
                                       .body = {produce, consume},
                                       .check = check_rest,
                                       .preemptions = 6,
                                       .deep_preemptions = 20};

static void produce_spans(void *state)
{
    passage *const s = state;
    for (int i = 0; i < TRIES && s->sent < ITEMS; i++) {
        void *slots;
        const uint32_t count = vx_ring_claim(&s->ring, SLOTS, &slots);
        vx_plain_write(slots, count * sizeof(uint64_t));
        for (uint32_t k = 0; k < count; k++)
            ((uint64_t *)slots)[k] = FIRST_ITEM + s->sent++;
        if (count > 0)
            vx_ring_publish(&s->ring, count);
    }
}

static void consume_spans(void *state)
{
    passage *const s = state;
    for (int i = 0; i < TRIES && s->received < ITEMS; i++) {
        void *slots;
        const uint32_t count = vx_ring_peek(&s->ring, SLOTS, &slots);
        vx_plain_read(slots, count * sizeof(uint64_t));
        for (uint32_t k = 0; k < count; k++)
            take(s, ((uint64_t *)slots)[k]);
        if (count > 0)
            vx_ring_release(&s->ring, count);
    }
}

const model_case ring_in_spans = {.name = "ring, in spans",
                                  .threads = 2,
                                  .setup = setup,
                                  .body = {produce_spans, consume_spans},
                                  .check = check_rest,
                                  .preemptions = 6,
                                  .deep_preemptions = 20};

typedef struct line {
    passage first, second;
    uint64_t first_end, second_end; /* the ids that the ends told; 0: not yet */
} line;

static void setup_line(void *state)
{
    line *const s = state;
    start_passage(&s->first);
    start_passage(&s->second);
    s->first_end = s->second_end = 0;
}

static void produce_and_end(void *state)
{
    line *const s = state;
    push_one(&s->first);
    push_one(&s->first);
    vx_ring_end(&s->first.ring, 7);
}

/* Whether the consumer has come to the end; before that, what there is has been taken. */
static int consume_to_end(passage *s, uint64_t *end)
{
    if (pop_one(s))
        return 0;
    return vx_ring_ended(&s->ring, end);
}

static void consume_until_end(void *state)
{
    line *const s = state;
    for (int i = 0; i < TRIES && s->first_end == 0; i++)
        if (consume_to_end(&s->first, &s->first_end))
            MODEL_CHECK(s->first.received == 2 && s->first_end == 7);
    if (s->first_end != 0)
        model_see();
}

static void check_end(void *state)
{
    line *const s = state;
    for (int i = 0; i < TRIES && s->first_end == 0; i++)
        consume_to_end(&s->first, &s->first_end);
    MODEL_CHECK(s->first.received == 2 && s->first_end == 7);
}

const model_case ring_end = {.name = "ring, end after the last item",
                             .threads = 2,
                             .setup = setup_line,
                             .body = {produce_and_end, consume_until_end},
                             .check = check_end,
                             .preemptions = 20,
                             .deep_preemptions = 20,
                             .must_see = 1};

static void produce_one_and_end(void *state)
{
    line *const s = state;
    push_one(&s->first);
    vx_ring_end(&s->first.ring, 7);
}

/* A stage: takes from the first ring, gives to the second, passes the end on. */
static void pass_on(void *state)
{
    line *const s = state;
    for (int i = 0; i < 3 && s->first_end == 0; i++) {
        if (consume_to_end(&s->first, &s->first_end))
            vx_ring_end(&s->second.ring, s->first_end);
        else if (s->second.sent < s->first.received)
            push_one(&s->second);
    }
}

static void consume_second(void *state)
{
    line *const s = state;
    for (int i = 0; i < 3 && s->second_end == 0; i++)
        if (consume_to_end(&s->second, &s->second_end))
            MODEL_CHECK(s->second.received == 1 && s->second_end == 7);
    if (s->second_end != 0)
        model_see();
}

static void check_line(void *state)
{
    pass_on(state);
    consume_second(state);
    const line *const s = state;
    MODEL_CHECK(s->second.received == 1 && s->second_end == 7);
}

const model_case ring_hand_over = {.name = "rings, items and end handed over by a stage",
                                   .threads = 3,
                                   .setup = setup_line,
                                   .body = {produce_one_and_end, pass_on, consume_second},
                                   .check = check_line,
                                   .preemptions = 4,
                                   .deep_preemptions = 20,
                                   .must_see = 1};
