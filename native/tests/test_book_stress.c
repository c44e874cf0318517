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

/* Short rounds, since the next update of a level mends what the last one got wrong. Sanitizers and emulators
 * take many times as long for each. */
#define STEPS 4
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__) || !defined(__x86_64__)
#define ROUNDS 4000
#else
#define ROUNDS 60000
#endif

typedef struct shared shared;

typedef struct writer {
    alignas(VX_SPACING) VX_ATOMIC(uint64_t) arrived; /* barriers this thread has come to */
    shared *shared;
    uint64_t barriers;
    uint64_t random;
    int64_t sums[2][LEVELS]; /* of what was accepted */
    uint64_t outcomes[VELOX_REJECTION_COUNT];
} writer;

struct shared {
    vx_book book;
    vx_level levels[2][LEVELS];
    alignas(VX_SPACING) VX_ATOMIC(uint64_t) best;
    alignas(VX_SPACING) VX_ATOMIC(uint64_t) finished; /* 1: the reader may go */
    int writer_count;
    writer writers[WRITERS_MAX];
};

/* First a level that has a word to itself, so that the summary turns with it; then words' edges and a middle.
 */
static const uint8_t used[] = {191, 0, 1, 63, 64, 100, 127};

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Returns once every writer has come here as often as this one. */
static void meet(writer *self)
{
    shared *const all = self->shared;
    self->barriers++;
    vx_store_release(&self->arrived, self->barriers); /* pairs with the others' acquire below */
    for (int w = 0; w < all->writer_count; w++)
        for (int turns = 0; vx_load_acquire(&all->writers[w].arrived) < self->barriers; turns++)
            if (turns > 200)
                sched_yield();
}

static void write_some(writer *self, uint32_t levels)
{
    for (int i = 0; i < STEPS; i++) {
        const uint64_t random = next_random(&self->random);
        const uint32_t level = used[(random >> 4) % levels];
        const vx_transaction transaction = {
            .price = 1 + level, .size = 1, .side = random >> 30 & 1, .kind = random >> 31 & 1};
        const vx_applied applied = vx_book_apply(&self->shared->book, &transaction, 1);
        if (applied.rejection == VELOX_ACCEPTED)
            self->sums[transaction.side][level] += transaction.kind == VX_ADD ? 1 : -1;
        self->outcomes[applied.rejection]++;
        if ((random >> 40 & 31) == 0)
            sched_yield();
    }
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
            CHECK(vx_load_relaxed(&self->levels[VX_BID][used[i]].quantity) <= WRITERS_MAX * ROUNDS * STEPS);
        sched_yield();
    }
    return NULL;
}

static void check_side(shared *self, vx_side side)
{
    uint64_t words[LEVELS / VX_WORD_BITS] = {0};
    int32_t best = -1;
    for (uint32_t level = 0; level < LEVELS; level++) {
        int64_t sum = 0;
        for (int w = 0; w < self->writer_count; w++)
            sum += self->writers[w].sums[side][level];
        CHECK_EQUAL(vx_load_relaxed(&self->levels[side][level].quantity), sum);
        words[level / VX_WORD_BITS] |= (uint64_t)(sum != 0) << level % VX_WORD_BITS;
        if (sum != 0 && (side == VX_BID || best < 0))
            best = (int32_t)level;
    }
    const vx_occupancy *const occupancy = &self->book.occupancy[side];
    for (uint32_t word = 0; word < LEVELS / VX_WORD_BITS; word++) {
        CHECK_EQUAL(vx_load_relaxed(&occupancy->words[word]), words[word]);
        CHECK_EQUAL(vx_load_relaxed(&occupancy->summary) >> word & 1, words[word] != 0);
    }
    const uint64_t pair = vx_load_acquire(&self->best);
    CHECK_EQUAL(side == VX_BID ? vx_best_bid(pair) : vx_best_ask(pair), best);
}

/* The first writer checks, between two meetings, while all rest. Rounds on one level contend the most. */
static void *write_rounds(void *argument)
{
    writer *const self = argument;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        write_some(self, round % 2 == 0 ? 1 : sizeof used);
        meet(self);
        if (self == &self->shared->writers[0]) {
            check_side(self->shared, VX_BID);
            check_side(self->shared, VX_ASK);
        }
        meet(self);
    }
    return NULL;
}

static void stress(int count)
{
    static shared self;
    pthread_t reader, threads[WRITERS_MAX];
    memset(&self, 0, sizeof self);
    self.writer_count = count;
    CHECK_EQUAL(vx_book_init(&self.book, self.levels[VX_BID], LEVELS, 1, 1, &self.best), VELOX_OK);
    for (int w = 0; w < count; w++) {
        self.writers[w].shared = &self;
        self.writers[w].random = 0x9e3779b97f4a7c15u * (uint64_t)(w + count);
    }
    CHECK_EQUAL(pthread_create(&reader, NULL, read_until_finished, &self), 0);
    for (int w = 0; w < count; w++)
        CHECK_EQUAL(pthread_create(&threads[w], NULL, write_rounds, &self.writers[w]), 0);
    for (int w = 0; w < count; w++)
        CHECK_EQUAL(pthread_join(threads[w], NULL), 0);
    vx_store_release(&self.finished, 1); /* pairs with the reader's acquire: it may go */
    CHECK_EQUAL(pthread_join(reader, NULL), 0);
    for (int w = 0; w < count; w++) {
        CHECK(self.writers[w].outcomes[VELOX_ACCEPTED] > 0);
        CHECK(self.writers[w].outcomes[VELOX_REJECTED_UNDERFLOW] > 0);
    }
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
