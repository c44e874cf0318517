/* Reading while a stage stores: in is never less than out, and a cut is exact, whatever the moment. */
#include <pthread.h>

#include "cut.h"
#include "segment_fixture.h"

#define WORDS    5 /* newest, seed, in, dropped, out */
#define READINGS 300000

static char directory[64];
static fixture self;
static VX_ATOMIC(int) stop;

/* A stage: of three that come in, one is dropped. A cut after every fourth turn, in which nothing is on its
 * way.
 */
static void *run_stage(void *unused)
{
    uint64_t sequence = 0;
    (void)unused;
    for (uint64_t i = 1; !vx_load_relaxed(&stop); i++) {
        vx_counter_add(fixture_word(&self, self.block), 3);
        vx_counter_add(fixture_word(&self, self.block + 8), 1);
        vx_counter_add(fixture_word(&self, self.block + 16), 2);
        if (i % 4 != 0)
            continue;
        sequence++;
        vx_cut_copy(fixture_word(&self, self.copies), fixture_word(&self, self.block), FIXTURE_WORDS,
                    sequence);
        vx_cut_complete(fixture_word(&self, self.newest), sequence);
    }
    return NULL;
}

static void should_have_in_no_less_than_out_in_every_reading(void)
{
    velox_reader *const reader = fixture_reader(self.segment.path);
    uint64_t words[WORDS];
    uint64_t last_out = 0;
    for (int i = 0; i < READINGS; i++) {
        CHECK_EQUAL(velox_reader_words(reader, words, WORDS), VELOX_OK);
        CHECK(words[2] >= words[3] + words[4]);
        CHECK(words[4] >= last_out);
        last_out = words[4];
    }
    CHECK(last_out > 0);
    velox_reader_close(reader);
}

/* One that finds the writer faster than itself in all its tries says so; it never gives a mixture. */
static void should_give_exact_cuts_in_order(void)
{
    velox_reader *const reader = fixture_reader(self.segment.path);
    uint64_t words[WORDS];
    uint64_t last = 0;
    int taken = 0;
    for (int i = 0; i < READINGS || taken == 0; i++) {
        uint64_t sequence;
        const int status = velox_reader_cut(reader, words, WORDS, &sequence);
        if (status == VELOX_TIMED_OUT || status == VELOX_NOT_READY)
            continue;
        CHECK_EQUAL(status, VELOX_OK);
        CHECK(sequence >= last);
        CHECK_EQUAL(words[2], 12 * sequence);
        CHECK_EQUAL(words[3], 4 * sequence);
        CHECK_EQUAL(words[4], 8 * sequence);
        last = sequence;
        taken++;
    }
    printf("   %d of %d readings gave a cut\n", taken, READINGS);
    velox_reader_close(reader);
}

int main(void)
{
    pthread_t stage;
    fixture_directory(directory);
    fixture_open(&self, directory);
    CHECK_EQUAL(pthread_create(&stage, NULL, run_stage, NULL), 0);
    while (vx_load_acquire(fixture_word(&self, self.newest)) == 0)
        vx_relax();
    RUN(should_have_in_no_less_than_out_in_every_reading);
    RUN(should_give_exact_cuts_in_order);
    vx_store_relaxed(&stop, 1);
    CHECK_EQUAL(pthread_join(stage, NULL), 0);
    vx_segment_destroy(&self.segment);
    fixture_remove_directory(directory);
    return 0;
}
