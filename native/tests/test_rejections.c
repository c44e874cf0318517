/* OrderBook's stage counts every rejection under its cause, and the transaction goes on whatever becomes of
 * it. */
#define VX_CAS_TRIES        1 /* so that another writer is soon in the way */
#define vx_order_book_cycle cycle_of_one_try
#include "stage_order_book.c"

#include <pthread.h>
#include <time.h>

#include "check.h"

#define LEVELS     64
#define BASE       1000
#define SLOTS      8
#define PATIENCE_S 120

static vx_order_book self;
static vx_clock virtual_clock;
static vx_controls controls;
static vx_ring in, out;
static vx_marker marker;
static vx_word block[VX_BLOCK_WORDS];
static VX_ATOMIC(uint64_t) best;
static alignas(64) vx_level levels[2 * LEVELS];
static vx_histogram histogram; /* whatever is recorded */
static VX_ATOMIC(int) stop;

static void setup(void)
{
    vx_clock_init_virtual(&virtual_clock, 1);
    CHECK_EQUAL(vx_ring_init(&in, SLOTS, sizeof(vx_transaction)), VELOX_OK);
    CHECK_EQUAL(vx_ring_init(&out, SLOTS, sizeof(vx_transaction)), VELOX_OK);
    vx_histogram *const any = &histogram;
    self.stage = (vx_stage){.block = block,
                            .controls = &controls,
                            .in = &in,
                            .out = &out,
                            .latency = any,
                            .service = any,
                            .batch = any,
                            .occupancy = any,
                            .marker_in = &marker};
    CHECK_EQUAL(vx_book_init(&self.book, levels, LEVELS, 1, BASE, &best), VELOX_OK);
}

static uint64_t counted(uint32_t word)
{
    return vx_load_relaxed(&block[word]);
}

/* One transaction through the stage. It comes out as it went in, and every count but the cause's is as it
 * was. */
static void pass(const vx_transaction *transaction)
{
    uint64_t before[VX_BLOCK_WORDS];
    vx_transaction passed;
    for (uint32_t i = 0; i < VX_BLOCK_WORDS; i++)
        before[i] = counted(i);
    CHECK_EQUAL(vx_ring_push(&in, transaction), 1);
    CHECK_EQUAL(cycle_of_one_try(&self, &virtual_clock).work, 1);
    CHECK_EQUAL(vx_ring_pop(&out, &passed), 1);
    CHECK_EQUAL(memcmp(&passed, transaction, sizeof passed), 0);
    CHECK_EQUAL(counted(VX_BOOK_IN), before[VX_BOOK_IN] + 1);
    CHECK_EQUAL(counted(VX_BOOK_OUT), before[VX_BOOK_OUT] + 1);
    CHECK_EQUAL(counted(VX_BOOK_IN_IDS), before[VX_BOOK_IN_IDS] + transaction->id);
    CHECK_EQUAL(counted(VX_BOOK_OUT_IDS), before[VX_BOOK_OUT_IDS] + transaction->id);
    uint64_t accounted = 0;
    for (uint32_t i = VX_BOOK_APPLIED; i <= VX_BOOK_REJECTED_INVALID; i++)
        accounted += counted(i) - before[i];
    CHECK_EQUAL(accounted, 1);
}

static void check_counted_as(const vx_transaction *like, uint32_t word)
{
    const uint64_t before = counted(word);
    vx_transaction transaction = *like;
    transaction.id = 7 + before;
    pass(&transaction);
    CHECK_EQUAL(counted(word), before + 1);
}

static void should_count_each_cause_by_itself(void)
{
    const vx_transaction add = {.price = BASE + 3, .size = 5};
    vx_transaction t = add;
    check_counted_as(&add, VX_BOOK_APPLIED);
    t.price = BASE + LEVELS;
    check_counted_as(&t, VX_BOOK_REJECTED_WINDOW);
    t = add;
    t.kind = VX_REDUCE;
    t.size = 6; /* one more than lives */
    check_counted_as(&t, VX_BOOK_REJECTED_UNDERFLOW);
    t = add;
    t.side = 2;
    check_counted_as(&t, VX_BOOK_REJECTED_INVALID);
    vx_store_relaxed(&levels[3].quantity, VX_QUANTITY_MAX - 4); /* room for one less */
    check_counted_as(&add, VX_BOOK_REJECTED_OVERFLOW);
    CHECK_EQUAL(vx_load_relaxed(&levels[3].quantity), VX_QUANTITY_MAX - 4);
    CHECK_EQUAL(counted(VX_BOOK_REJECTED_CONTENTION), 0);
}

/* Another writer of the level, without a pause. */
static void *write_on(void *unused)
{
    (void)unused;
    for (uint64_t i = 0; !vx_load_relaxed(&stop); i++)
        vx_store_relaxed(&levels[9].quantity, 1 + i % 1000);
    return NULL;
}

static void should_count_contention_and_the_tries(void)
{
    const time_t begin = time(NULL);
    pthread_t other;
    CHECK_EQUAL(pthread_create(&other, NULL, write_on, NULL), 0);
    while (counted(VX_BOOK_REJECTED_CONTENTION) == 0 && time(NULL) - begin < PATIENCE_S)
        pass(&(vx_transaction){.id = 1, .price = BASE + 9, .size = 1});
    vx_store_relaxed(&stop, 1);
    CHECK_EQUAL(pthread_join(other, NULL), 0);
    CHECK_EQUAL(counted(VX_BOOK_REJECTED_CONTENTION), 1);
    CHECK_EQUAL(counted(VX_BOOK_CAS_RETRIES), 1);
}

int main(void)
{
    setup();
    RUN(should_count_each_cause_by_itself);
    RUN(should_count_contention_and_the_tries);
    vx_ring_free(&in);
    vx_ring_free(&out);
    return 0;
}
