/* What the journal's ring shows is there: each transaction is copied before it is published. Watched at the
 * call. */
#include "journal.h"

static void watch_publish(vx_ring *ring, uint32_t count);
#define vx_journal_open   open_watched
#define vx_journal_take   take_watched
#define vx_journal_write  write_watched
#define vx_journal_start  start_watched
#define vx_journal_finish finish_watched
#define vx_journal_close  close_watched
#define vx_ring_publish   watch_publish
#include "journal.c"
#undef vx_ring_publish

#include "check.h"

#define SLOTS 8

static vx_journal journal;
static vx_word words[VX_CONTROL_WORDS];
static uint64_t published;

static void watch_publish(vx_ring *ring, uint32_t count)
{
    void *slots;
    CHECK_EQUAL(vx_ring_claim(ring, count, &slots), count);
    for (uint32_t i = 0; i < count; i++)
        CHECK_EQUAL(((const vx_transaction *)slots)[i].id, 100 + published++);
    vx_ring_publish(ring, count);
}

static void should_copy_before_it_publishes(void)
{
    vx_bundle bundle = {.count = 3};
    vx_transaction kept;
    uint64_t id = 100;
    for (int i = 0; i < 20; i++) {
        for (uint32_t k = 0; k < bundle.count; k++)
            bundle.transactions[k].id = id++;
        take_watched(&journal, &bundle, 1);
        for (uint32_t k = 0; k < bundle.count; k++) {
            CHECK_EQUAL(vx_ring_pop(&journal.ring, &kept), 1);
            CHECK_EQUAL(kept.id, id - bundle.count + k);
        }
    }
    CHECK_EQUAL(published, 60);
    CHECK_EQUAL(vx_load_relaxed(&words[VX_CONTROL_JOURNAL_FULL]), 0);
}

int main(void)
{
    CHECK_EQUAL(vx_ring_init(&journal.ring, SLOTS, sizeof(vx_transaction)), VELOX_OK);
    journal.words = words;
    RUN(should_copy_before_it_publishes);
    vx_ring_free(&journal.ring);
    return 0;
}
