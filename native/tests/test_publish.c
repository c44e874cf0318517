/* What velox_publish.h publishes, as the engine's own reader reads it: layout, words, histograms, exact cuts.
 */
#include "velox_publish.h"

#include <signal.h>
#include <stddef.h>
#include <sys/resource.h>

#include "histogram.h"
#include "open_files.h"
#include "reading.h"
#include "scratch.h"
#include "segment.h"

_Static_assert(sizeof(velox_pub_row) == sizeof(vx_row), "one row of the table");
_Static_assert(offsetof(velox_pub_row, kind) == offsetof(vx_row, kind), "as the reader has it");
_Static_assert(offsetof(velox_pub_row, param) == offsetof(vx_row, param), "as the reader has it");
_Static_assert(offsetof(velox_pub_row, offset) == offsetof(vx_row, offset), "as the reader has it");
_Static_assert(offsetof(velox_pub_row, source) == offsetof(vx_row, source), "as the reader has it");
_Static_assert(VELOX_PUB_TABLE == VX_HEADER_BYTES, "the table follows the header");

static velox_pub pub;
static char directory[64];

typedef struct stage {
    uint64_t *in, *held, *out, *time;
} stage;
static stage first, last;

static void word_of(uint64_t **word, int kind, int role, const char *name)
{
    velox_pub_describe(&pub, word, kind, VELOX_UNIT_TRANSACTIONS, role, -1, name, name);
}

/* Two stages, a ring between them; a setting of none. */
static void describe_two(void)
{
    velox_pub_init(&pub);
    word_of(NULL, VELOX_KIND_CONFIG, VELOX_ROLE_NONE, "config_answer");
    velox_pub_stage(&pub, "first", "First");
    CHECK_EQUAL(velox_pub_ring(&pub, "line", "First>Last", 8, VELOX_UNIT_TRANSACTIONS), 0);
    word_of(&first.in, VELOX_KIND_COUNTER, VELOX_ROLE_IN, "first_in_total");
    velox_pub_describe(&pub, &first.time, VELOX_KIND_HISTOGRAM, VELOX_UNIT_NS, VELOX_ROLE_LATENCY_EXIT, -1,
                       "first_exit", "since arrival");
    word_of(&first.out, VELOX_KIND_COUNTER, VELOX_ROLE_OUT, "first_out_total");
    velox_pub_stage(&pub, "last", "Last");
    velox_pub_describe(&pub, NULL, VELOX_KIND_COUNTER, VELOX_UNIT_SLOTS, VELOX_ROLE_RING_TAKEN, 0,
                       "line_taken_total", "taken");
    word_of(&last.in, VELOX_KIND_COUNTER, VELOX_ROLE_IN, "last_in_total");
    word_of(&last.held, VELOX_KIND_GAUGE, VELOX_ROLE_HELD, "last_held");
    word_of(&last.out, VELOX_KIND_COUNTER, VELOX_ROLE_OUT, "last_out_total");
}

static void open_two(reading *r)
{
    describe_two();
    if (velox_pub_open(&pub, directory, "a run") != 0)
        fprintf(stderr, "%s\n", pub.error);
    CHECK_EQUAL(pub.error[0], '\0');
    reading_open(r, pub.path);
}

static void close_two(reading *r)
{
    velox_reader_close(r->reader);
    velox_pub_close(&pub);
    CHECK(pub.fd == -1 && !is_mapped(pub.path)); /* the number may be another file's by now */
    velox_pub_close(&pub);
    CHECK(access(pub.path, F_OK) != 0);
}

static void the_reader_takes_it(void)
{
    static reading r;
    char run_id[VELOX_LABEL_BYTES];
    open_two(&r);
    CHECK_EQUAL(r.header[VELOX_HEADER_PID], getpid());
    CHECK_EQUAL(r.header[VELOX_HEADER_STAGES], 2);
    CHECK_EQUAL(r.header[VELOX_HEADER_RINGS], 1);
    CHECK_EQUAL(r.header[VELOX_HEADER_WORDS], 4 + 1 + 2 + 4);
    CHECK_EQUAL(r.header[VELOX_HEADER_CLOCK_KIND], 2);
    CHECK_EQUAL(r.header[VELOX_HEADER_CLOCK_HZ], 1000000000);
    velox_reader_run_id(r.reader, run_id);
    CHECK(strcmp(run_id, "a run") == 0);
    const vx_row *const line = &r.rows[6]; /* after the pipeline's own, the setting and the stage */
    CHECK(line->kind == VELOX_KIND_RING && line->unit == VELOX_UNIT_TRANSACTIONS);
    CHECK(line->ring == 0 && line->stage == 0 && line->param == 8);
    velox_pub_set(first.in, 17);
    velox_pub_add(first.in, 3);
    velox_pub_set(last.held, UINT64_MAX);
    velox_pub_beat(&pub, VELOX_RUNNING);
    reading_take(&r);
    CHECK_EQUAL(word(&r, "first_in_total"), 20);
    CHECK_EQUAL(word(&r, "last_held"), UINT64_MAX);
    CHECK_EQUAL(word(&r, "state"), VELOX_RUNNING);
    CHECK(word(&r, "heartbeat_monotonic_ns") >= r.header[VELOX_HEADER_START_NS]);
    close_two(&r);
}

/* Whatever a word holds by itself. */
static void a_beat_is_read_whole(void)
{
    static reading r;
    uint64_t last_ns = 0;
    open_two(&r);
    reading_take(&r);
    CHECK_EQUAL(word(&r, "heartbeat_engine_ns"), 0);
    for (int turn = 0; turn < 4; turn++) {
        velox_pub_beat(&pub, VELOX_RUNNING);
        velox_pub_set(velox_pub_at(&pub, VELOX_PUB_MONOTONIC), 1);
        reading_take(&r);
        CHECK(word(&r, "heartbeat_monotonic_ns") > last_ns);
        CHECK_EQUAL(word(&r, "heartbeat_engine_ns"), word(&r, "heartbeat_monotonic_ns"));
        last_ns = word(&r, "heartbeat_monotonic_ns");
    }
    close_two(&r);
}

static void histograms_are_the_engines(void)
{
    static reading r;
    static uint64_t words[1 + VELOX_HISTOGRAM_BUCKETS];
    static const uint64_t values[] = {0,         1, 63, 64, 127, 128, 129, 1000, 123456789, (1ull << 37) - 1,
                                      1ull << 37};
    uint64_t sum = 0;
    open_two(&r);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        velox_pub_record(first.time, values[i], i + 1);
        sum += values[i] * (i + 1);
    }
    CHECK_EQUAL(reading_histogram(&r, "first_exit", words), 11 * 12 / 2);
    CHECK_EQUAL(words[0], sum);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        CHECK(words[1 + vx_histogram_index(values[i])] >= i + 1);
    for (uint64_t value = 1; value < 1ull << 38; value += value / 37 + 1) {
        const uint64_t before = words[1 + vx_histogram_index(value)];
        velox_pub_record(first.time, value, 1);
        reading_histogram(&r, "first_exit", words);
        CHECK_EQUAL(words[1 + vx_histogram_index(value)], before + 1);
    }
    close_two(&r);
}

static uint64_t cut_of(reading *r, const char *name)
{
    CHECK(reading_take_cut(r));
    return reading_find(r, r->cut, name);
}

/* Stage by stage, with items on their way and one held: each stage is copied at the same item. */
static void a_cut_is_exact(void)
{
    static reading r;
    open_two(&r);
    CHECK(!reading_take_cut(&r));
    velox_pub_add(first.in, 5);
    velox_pub_add(first.out, 5);
    CHECK_EQUAL(velox_pub_cut(&pub, 1, 0, 0, 5), 5); /* not asked for: all may be taken */
    velox_pub_beat(&pub, VELOX_RUNNING);
    velox_pub_cut(&pub, 0, 5, 5, 0);
    velox_pub_add(first.in, 2);
    velox_pub_add(first.out, 2);
    velox_pub_cut(&pub, 0, 7, 7, 0); /* one cut at a time: nothing new */
    CHECK_EQUAL(velox_pub_cut(&pub, 1, 0, 0, 7), 5);
    CHECK_EQUAL(velox_pub_cut(&pub, 1, 0, 0, 3), 3);
    velox_pub_add(last.in, 3);
    velox_pub_set(last.held, 1);
    velox_pub_add(last.out, 2);
    CHECK_EQUAL(velox_pub_cut(&pub, 1, 3, 2, 4), 2);
    CHECK(!reading_take_cut(&r));
    velox_pub_add(last.in, 2);
    velox_pub_add(last.out, 2);
    CHECK_EQUAL(velox_pub_cut(&pub, 1, 5, 4, 2), 2); /* copied here; the rest may be taken */
    velox_pub_add(last.in, 2);
    velox_pub_add(last.out, 2);
    CHECK_EQUAL(cut_of(&r, "first_in_total"), 5);
    CHECK_EQUAL(cut_of(&r, "first_out_total"), 5);
    CHECK_EQUAL(cut_of(&r, "last_in_total"), 5);
    CHECK_EQUAL(cut_of(&r, "last_out_total") + cut_of(&r, "last_held"), 5);
    CHECK_EQUAL(r.cut_sequence, 1);
    velox_pub_beat(&pub, VELOX_RUNNING);
    velox_pub_cut(&pub, 0, 7, 7, 0);
    CHECK_EQUAL(cut_of(&r, "last_in_total"), 5);
    velox_pub_cut(&pub, 1, 7, 6, 0);
    CHECK_EQUAL(cut_of(&r, "last_in_total"), 7);
    CHECK_EQUAL(r.cut_sequence, 2);
    close_two(&r);
}

static void refused(const char *said)
{
    CHECK(velox_pub_open(&pub, directory, "a run") == -1);
    if (strstr(pub.error, said) == NULL)
        fprintf(stderr, "%s, not: %s\n", pub.error, said);
    CHECK(strstr(pub.error, said) != NULL);
    velox_pub_close(&pub);
}

static void mistakes_are_told(void)
{
    static const char *const wrong[] = {"", "Upper", "with space", "a-b",
                                        "a_name_of_forty_eight_bytes_leaves_no_room_for_0"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        describe_two();
        velox_pub_describe(&pub, NULL, VELOX_KIND_COUNTER, 0, 0, -1, wrong[i], "label");
        refused("a name has up to 47 of a-z 0-9 _");
    }
    describe_two();
    velox_pub_describe(&pub, NULL, VELOX_KIND_COUNTER, 0, 0, -1, "other", "a label of thirty-two bytes, all");
    refused("a label up to 31 bytes");
    describe_two();
    for (int i = 2; i <= VELOX_PUB_STAGES; i++) {
        char name[VELOX_NAME_BYTES];
        snprintf(name, sizeof name, "stage_%d", i);
        CHECK_EQUAL(velox_pub_stage(&pub, name, name), i < VELOX_PUB_STAGES ? i : -1);
    }
    refused("stage_32: too many stages");
    describe_two();
    word_of(NULL, VELOX_KIND_COUNTER, VELOX_ROLE_NONE, "last_held");
    refused("last_held: the name is taken");
    describe_two();
    velox_pub_describe(&pub, NULL, VELOX_KIND_COUNTER, 0, 0, 1, "other", "other");
    refused("other: its ring is unknown");
    velox_pub_init(&pub);
    velox_pub_ring(&pub, "early", "early", 8, VELOX_UNIT_TRANSACTIONS);
    refused("early: a ring comes after its producer");
    describe_two();
    velox_pub_stage(&pub, "idle", "Idle");
    refused("a stage without words");
    describe_two();
    for (int i = 0; i < VELOX_PUB_ROWS; i++) {
        char name[VELOX_NAME_BYTES];
        snprintf(name, sizeof name, "word_%d", i);
        word_of(NULL, VELOX_KIND_COUNTER, VELOX_ROLE_NONE, name);
    }
    refused("the table is full");
    describe_two();
    CHECK(velox_pub_open(&pub, "/nowhere/at/all", "a run") == -1);
    CHECK(strstr(pub.error, "/nowhere/at/all: No such file or directory") != NULL);
}

/* As many as the table has room for, its cuts among them. */
static void the_table_can_be_filled(void)
{
    static reading r;
    describe_two();
    while (pub.count < VELOX_PUB_ROWS - 2) {
        char name[VELOX_NAME_BYTES];
        snprintf(name, sizeof name, "word_%u", pub.count);
        word_of(NULL, VELOX_KIND_COUNTER, VELOX_ROLE_NONE, name);
    }
    CHECK_EQUAL(velox_pub_open(&pub, directory, "a run"), 0);
    reading_open(&r, pub.path);
    CHECK_EQUAL(r.header[VELOX_HEADER_ROWS], VELOX_PUB_ROWS);
    CHECK(r.rows[VELOX_PUB_ROWS - 1].kind == VELOX_KIND_CUT);
    close_two(&r);
}

static void no_file_is_left_where_there_is_no_room(void)
{
    struct rlimit before;
    CHECK_EQUAL(getrlimit(RLIMIT_FSIZE, &before), 0);
    const struct rlimit small = {VELOX_PUB_TABLE, before.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    CHECK_EQUAL(setrlimit(RLIMIT_FSIZE, &small), 0);
    describe_two();
    CHECK_EQUAL(velox_pub_open(&pub, directory, "a run"), -1);
    CHECK_EQUAL(setrlimit(RLIMIT_FSIZE, &before), 0);
    CHECK(strstr(pub.error, "File too large") != NULL);
    CHECK(access(pub.path, F_OK) != 0 && pub.fd == -1);
}

static void several_of_a_process_do_not_meet(void)
{
    static velox_pub other;
    static reading r;
    open_two(&r);
    velox_pub_init(&other);
    velox_pub_stage(&other, "only", "Only");
    velox_pub_describe(&other, NULL, VELOX_KIND_COUNTER, 0, VELOX_ROLE_IN, -1, "only_in_total", "in");
    CHECK_EQUAL(velox_pub_open(&other, directory, "another"), 0);
    CHECK(strcmp(other.path, pub.path) != 0);
    CHECK_EQUAL(velox_segment_clean(directory), 0); /* their owner lives */
    velox_pub_close(&other);
    close_two(&r);
}

int main(void)
{
    snprintf(directory, sizeof directory, "/tmp/velox-publish-XXXXXX");
    scratch_directory(directory);
    RUN(the_reader_takes_it);
    RUN(a_beat_is_read_whole);
    RUN(histograms_are_the_engines);
    RUN(a_cut_is_exact);
    RUN(mistakes_are_told);
    RUN(the_table_can_be_filled);
    RUN(no_file_is_left_where_there_is_no_room);
    RUN(several_of_a_process_do_not_meet);
    CHECK_EQUAL(rmdir(directory), 0);
    return 0;
}
