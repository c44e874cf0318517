/* The keeper's heartbeat: however fast it is stored, and wherever its writer stops, a reading has both clocks
 * of one turn. Through a segment as the engine plans it. */
#include "heartbeat.h"

#include <pthread.h>

#include "reading.h"
#include "segment_fixture.h"
#include "words.h"

#define READINGS 200000
#define APART_NS UINT64_C(1000000000000)

static char directory[64];
static vx_layout layout;
static vx_places places;
static vx_segment segment;
static reading r;
static VX_ATOMIC(int) stop;

static VX_ATOMIC(uint64_t) * word_of(uint64_t offset)
{
    return (VX_ATOMIC(uint64_t) *)(void *)(segment.base + offset);
}

static vx_heartbeat *heartbeat(void)
{
    return (vx_heartbeat *)(void *)(segment.base + places.heartbeat);
}

static VX_ATOMIC(uint64_t) * clocks(void)
{
    return word_of(places.control) + VX_CONTROL_HEARTBEAT_NS;
}

static void open_segment(void)
{
    static const uint32_t slots[VELOX_RINGS] = {64, 64, 64};
    const uint64_t header[VELOX_HEADER_COUNT] = {
        [VELOX_HEADER_STAGES] = VELOX_STAGES, [VELOX_HEADER_RINGS] = VELOX_RINGS};
    char error[VELOX_ERROR_BYTES] = "";
    vx_words_plan(&layout, &places, slots, 64, 1);
    CHECK_EQUAL(vx_segment_create(&segment, &layout, directory, "run-1", header, error), VELOX_OK);
    vx_segment_publish(&segment);
    reading_open(&r, segment.path);
}

static void close_segment(void)
{
    velox_reader_close(r.reader);
    vx_segment_destroy(&segment);
}

static void check_pair(uint64_t engine_ns)
{
    reading_take(&r);
    CHECK_EQUAL(word(&r, "heartbeat_engine_ns"), engine_ns);
    CHECK_EQUAL(word(&r, "heartbeat_monotonic_ns"), engine_ns == 0 ? 0 : engine_ns + APART_NS);
}

/* As if it were killed there: in the words of their own, or in the copy that it was about to write. */
static void should_have_the_turn_before_when_the_writer_stops_amid_one(void)
{
    open_segment();
    vx_store_relaxed(clocks(), 5);
    check_pair(0);
    for (uint64_t turn = 1; turn <= 4; turn++) {
        vx_heartbeat_store(heartbeat(), clocks(), turn, turn + APART_NS);
        check_pair(turn);
        vx_store_relaxed(clocks(), turn + 1);
        vx_store_relaxed(&heartbeat()->pairs[(turn + 1) % 2 * VX_HEARTBEAT_CLOCKS], turn + 1);
        check_pair(turn);
    }
    close_segment();
}

static vx_row *heartbeat_row(void)
{
    vx_row *const rows = (vx_row *)(void *)(segment.base + VX_HEADER_BYTES);
    for (uint32_t i = 0; i < layout.count; i++)
        if (rows[i].role == VELOX_ROLE_CONTROL_HEARTBEAT_NS)
            return &rows[i];
    CHECK(0);
    return NULL;
}

static int status_with_source(uint64_t source)
{
    char error[VELOX_ERROR_BYTES];
    velox_reader *reader = NULL;
    heartbeat_row()->source = source;
    const int status = velox_reader_open(segment.path, &reader, error);
    if (status == VELOX_OK)
        velox_reader_close(reader);
    return status;
}

/* Without one the words are what there is. */
static void should_refuse_a_pair_outside_the_file(void)
{
    open_segment();
    const uint64_t bytes = layout.bytes;
    const uint64_t wrong[] = {8, places.heartbeat + 4, bytes - sizeof(vx_heartbeat) + 8, bytes,
                              UINT64_MAX - 7};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        CHECK_EQUAL(status_with_source(wrong[i]), VELOX_SEGMENT_FOREIGN);
    CHECK_EQUAL(status_with_source(bytes - sizeof(vx_heartbeat)), VELOX_OK);
    CHECK_EQUAL(status_with_source(0), VELOX_OK);
    velox_reader_close(r.reader);
    reading_open(&r, segment.path);
    vx_store_relaxed(clocks(), 5);
    vx_store_relaxed(clocks() + 1, 5 + APART_NS);
    check_pair(5);
    close_segment();
}

static void *beat(void *unused)
{
    (void)unused;
    for (uint64_t turn = 1; !vx_load_relaxed(&stop); turn++)
        vx_heartbeat_store(heartbeat(), clocks(), turn, turn + APART_NS);
    return NULL;
}

/* One that finds the writer faster in all its tries says so. */
static void should_have_one_turn_on_both_clocks_at_any_moment(void)
{
    pthread_t keeper;
    uint64_t last = 0;
    int taken = 0;
    open_segment();
    CHECK_EQUAL(pthread_create(&keeper, NULL, beat, NULL), 0);
    for (int i = 0; i < READINGS || taken == 0; i++) {
        const int status = velox_reader_words(r.reader, r.words, (uint32_t)r.header[VELOX_HEADER_WORDS]);
        if (status == VELOX_TIMED_OUT)
            continue;
        CHECK_EQUAL(status, VELOX_OK);
        const uint64_t engine_ns = word(&r, "heartbeat_engine_ns");
        CHECK_EQUAL(word(&r, "heartbeat_monotonic_ns"), engine_ns == 0 ? 0 : engine_ns + APART_NS);
        CHECK(engine_ns >= last);
        last = engine_ns;
        taken++;
    }
    vx_store_relaxed(&stop, 1);
    CHECK_EQUAL(pthread_join(keeper, NULL), 0);
    printf("   %d of %d readings gave a pair\n", taken, READINGS);
    close_segment();
}

int main(void)
{
    fixture_directory(directory);
    RUN(should_have_the_turn_before_when_the_writer_stops_amid_one);
    RUN(should_refuse_a_pair_outside_the_file);
    RUN(should_have_one_turn_on_both_clocks_at_any_moment);
    fixture_remove_directory(directory);
    return 0;
}
