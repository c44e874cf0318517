/* One book, two to four writers and a reader: after every round each level holds the sum of what was
 * accepted, and bitmap, summary and best pair agree with the levels. Few levels, so that they fill and empty
 * under the writers' hands. */
#include "order_book.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "check.h"

#define LEVELS      192
#define WRITERS_MAX 4

/* Sanitizers and emulators take many times as long for each. */
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__) || !defined(__x86_64__)
#define ROUNDS 60
#define STEPS  300
#else
#define ROUNDS 300
#define STEPS  1500
#endif

typedef struct shared {
    vx_book book;
    vx_level levels[2 * LEVELS];
    alignas(VX_SPACING) VX_ATOMIC(uint64_t) best;
    alignas(VX_SPACING) VX_ATOMIC(uint64_t) finished; /* 1: the reader may go */
} shared;

typedef struct writer {
    alignas(VX_SPACING) shared *shared;
    uint64_t random;
    int64_t sums[2 * LEVELS]; /* of what was accepted */
    uint64_t rejected[VELOX_REJECTION_COUNT];
    uint64_t retries;
} writer;

/* The words' edges, the middle of one, and a word of its own. */
static const uint8_t used[] = {0, 1, 63, 64, 100, 127, 191};

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void *write_round(void *argument)
{
    writer *const self = argument;
    for (int i = 0; i < STEPS; i++) {
        const uint64_t random = next_random(&self->random);
        const uint32_t level = used[random % sizeof used];
        const vx_transaction transaction = {.price = 1 + level,
                                            .size = 1 + (random >> 20 & 1),
                                            .side = random >> 30 & 1,
                                            .kind = random >> 31 & 1};
        const vx_applied applied = vx_book_apply(&self->shared->book, &transaction, 1);
        const int64_t size = (int64_t)transaction.size;
        if (applied.rejection == VELOX_ACCEPTED)
            self->sums[transaction.side * LEVELS + level] += transaction.kind == VX_ADD ? size : -size;
        self->rejected[applied.rejection]++;
        self->retries += applied.retries;
        if ((random >> 40 & 15) == 0)
            sched_yield();
    }
    return NULL;
}

static int is_used(int32_t level)
{
    for (size_t i = 0; i < sizeof used; i++)
        if (used[i] == level)
            return 1;
    return level == -1;
}

static void *read_until_finished(void *argument)
{
    shared *const self = argument;
    uint32_t version = 0;
    while (!vx_load_acquire(&self->finished)) {
        const uint64_t best = vx_load_acquire(&self->best);
        const uint32_t newer = (uint32_t)(best >> 32);
        CHECK(newer - version < UINT32_C(1) << 31); /* never goes back */
        version = newer;
        CHECK(is_used(vx_best_bid(best)) && is_used(vx_best_ask(best)));
        for (size_t i = 0; i < sizeof used; i++)
            CHECK(vx_load_relaxed(&self->levels[used[i]].quantity) <= WRITERS_MAX * ROUNDS * STEPS * 2);
        sched_yield();
    }
    return NULL;
}

static int32_t scan(const int64_t *sums, vx_side side)
{
    for (int32_t i = 0; i < LEVELS; i++) {
        const int32_t level = side == VX_ASK ? i : LEVELS - 1 - i;
        if (sums[(int32_t)side * LEVELS + level] != 0)
            return level;
    }
    return -1;
}

static void check_at_rest(shared *self, const writer *writers, int count)
{
    int64_t sums[2 * LEVELS] = {0};
    uint64_t words[2][LEVELS / VX_WORD_BITS] = {{0}};
    for (int i = 0; i < 2 * LEVELS; i++) {
        for (int w = 0; w < count; w++)
            sums[i] += writers[w].sums[i];
        CHECK_EQUAL(vx_load_relaxed(&self->levels[i].quantity), sums[i]);
        words[i / LEVELS][i % LEVELS / VX_WORD_BITS] |= (uint64_t)(sums[i] != 0) << i % VX_WORD_BITS;
    }
    for (int i = 0; i < 2 * LEVELS / VX_WORD_BITS; i++) {
        const uint32_t word = (uint32_t)i % (LEVELS / VX_WORD_BITS);
        const vx_occupancy *side = &self->book.occupancy[i / (LEVELS / VX_WORD_BITS)];
        CHECK_EQUAL(vx_load_relaxed(&side->words[word]), words[i / (LEVELS / VX_WORD_BITS)][word]);
        CHECK_EQUAL(vx_load_relaxed(&side->summary) >> word & 1, vx_load_relaxed(&side->words[word]) != 0);
    }
    const uint64_t best = vx_load_acquire(&self->best);
    CHECK_EQUAL(vx_best_bid(best), scan(sums, VX_BID));
    CHECK_EQUAL(vx_best_ask(best), scan(sums, VX_ASK));
}

static void stress(int count)
{
    static shared self;
    static writer writers[WRITERS_MAX];
    pthread_t reader, threads[WRITERS_MAX];
    memset(&self, 0, sizeof self);
    memset(writers, 0, sizeof writers);
    CHECK_EQUAL(vx_book_init(&self.book, self.levels, LEVELS, 1, 1, &self.best), VELOX_OK);
    CHECK_EQUAL(pthread_create(&reader, NULL, read_until_finished, &self), 0);
    for (int w = 0; w < count; w++) {
        writers[w].shared = &self;
        writers[w].random = 0x9e3779b97f4a7c15u * (uint64_t)(w + count);
    }
    for (int round = 0; round < ROUNDS; round++) {
        for (int w = 0; w < count; w++)
            CHECK_EQUAL(pthread_create(&threads[w], NULL, write_round, &writers[w]), 0);
        for (int w = 0; w < count; w++)
            CHECK_EQUAL(pthread_join(threads[w], NULL), 0);
        check_at_rest(&self, writers, count);
    }
    vx_store_release(&self.finished, 1); /* pairs with the reader's acquire: it may go */
    CHECK_EQUAL(pthread_join(reader, NULL), 0);
    for (int w = 0; w < count; w++)
        CHECK(writers[w].rejected[VELOX_ACCEPTED] > 0 && writers[w].rejected[VELOX_REJECTED_UNDERFLOW] > 0);
}

static void should_agree_at_rest_after_two_writers(void)
{
    stress(2);
}

static void should_agree_at_rest_after_three_writers(void)
{
    stress(3);
}

static void should_agree_at_rest_after_four_writers(void)
{
    stress(4);
}

int main(void)
{
    RUN(should_agree_at_rest_after_two_writers);
    RUN(should_agree_at_rest_after_three_writers);
    RUN(should_agree_at_rest_after_four_writers);
    return 0;
}
