/* A reading never tells of a state, and beside it of counts from before that state: "stopped" means that the
 * counts next to it are the last ones. */
#include <pthread.h>

#include "segment_fixture.h"

#define WORDS    200 /* the state, then counters: loading them all takes a while */
#define READINGS 100000

static char directory[64];
static vx_segment segment;
static uint64_t offset;
static VX_ATOMIC(int) stop;

static VX_ATOMIC(uint64_t) * word_at(uint64_t index)
{
    return (VX_ATOMIC(uint64_t) *)(void *)(segment.base + offset + 8 * index);
}

static void create(void)
{
    static vx_layout layout;
    const uint64_t header[VELOX_HEADER_COUNT] = {0};
    char error[VELOX_ERROR_BYTES] = "";
    vx_layout_init(&layout);
    offset = vx_layout_reserve(&layout, 8 * WORDS);
    vx_layout_add(&layout, VELOX_KIND_GAUGE, VELOX_UNIT_NONE, VELOX_ROLE_STATE, offset, 8, "state", "state");
    for (uint64_t i = 1; i < WORDS; i++) {
        char name[VELOX_NAME_BYTES];
        snprintf(name, sizeof name, "counter%u_total", (unsigned)i);
        vx_layout_add(&layout, VELOX_KIND_COUNTER, VELOX_UNIT_NONE, VELOX_ROLE_NONE, offset + 8 * i, 8, name,
                      "counter");
    }
    CHECK_EQUAL(vx_segment_create(&segment, &layout, directory, "run-1", header, error), VELOX_OK);
    vx_segment_publish(&segment);
}

/* Counts, then says in the state how far: as a pipeline tells that it has stopped. */
static void *count_and_tell(void *unused)
{
    (void)unused;
    while (!vx_load_relaxed(&stop)) {
        vx_counter_add(word_at(WORDS - 1), 1);
        vx_counter_add(word_at(0), 1);
    }
    return NULL;
}

static void should_have_the_counts_that_belong_to_the_state(void)
{
    velox_reader *const reader = fixture_reader(segment.path);
    uint64_t words[WORDS];
    for (int i = 0; i < READINGS; i++) {
        CHECK_EQUAL(velox_reader_words(reader, words, WORDS), VELOX_OK);
        CHECK(words[WORDS - 1] >= words[0]);
    }
    CHECK(words[0] > 0);
    velox_reader_close(reader);
}

int main(void)
{
    pthread_t writer;
    fixture_directory(directory);
    create();
    CHECK_EQUAL(pthread_create(&writer, NULL, count_and_tell, NULL), 0);
    while (vx_load_acquire(word_at(0)) == 0)
        vx_relax();
    RUN(should_have_the_counts_that_belong_to_the_state);
    vx_store_relaxed(&stop, 1);
    CHECK_EQUAL(pthread_join(writer, NULL), 0);
    vx_segment_destroy(&segment);
    fixture_remove_directory(directory);
    return 0;
}
