/* The journal: what was delivered is in the file, the file played again makes the same book and bundles, and
 * what cannot be kept is counted and never waited for. */
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "affinity.h"
#include "input.h"
#include "journal.h"
#include "pipeline.h"
#include "reading.h"
#include "scratch.h"
#include "simulation.h"

#define MS UINT64_C(1000000)
#ifdef VX_LIGHT
#define SIMULATED_NS (20 * MS)
#else
#define SIMULATED_NS (500 * MS)
#endif
#define BUNDLES_MAX 100000
#define LEVELS      1024

/* What a run made: each bundle without its times but their difference, and the book at rest. */
typedef struct outcome {
    uint64_t bundles;
    uint64_t transactions;
    uint64_t open_ns[BUNDLES_MAX]; /* since the first bundle's */
    uint64_t lasted_ns[BUNDLES_MAX];
    uint8_t count[BUNDLES_MAX];
    uint8_t reason[BUNDLES_MAX];
    uint64_t ids; /* FNV of everything but times and ids */
    uint64_t book[2 * LEVELS];
    uint64_t digest;
    uint64_t lost;
} outcome;

static char folder[64] = "/tmp/velox-journal-XXXXXX";
static outcome first;
static outcome second;
static outcome third;
static vx_sink inner;
static uint64_t first_open_ns;

/* A file that is not there yet. */
static void name_file(char path[96])
{
    static int number;
    snprintf(path, 96, "%s/%d.vtx", folder, number++);
}

static void look(void *context, const vx_bundle *bundles, uint32_t count)
{
    velox_simulation *const simulation = context;
    outcome *const to = simulation->engine->ingress.input == NULL ? &first
                        : second.digest == 0                      ? &second
                                                                  : &third;
    for (uint32_t i = 0; i < count; i++) {
        CHECK(to->bundles < BUNDLES_MAX);
        if (to->bundles == 0)
            first_open_ns = bundles[i].open_ns;
        to->open_ns[to->bundles] = bundles[i].open_ns - first_open_ns;
        to->lasted_ns[to->bundles] = bundles[i].close_ns - bundles[i].open_ns;
        to->count[to->bundles] = bundles[i].count;
        to->reason[to->bundles++] = bundles[i].reason;
        to->transactions += bundles[i].count;
        for (uint32_t k = 0; k < bundles[i].count; k++) {
            const vx_transaction *const t = &bundles[i].transactions[k];
            to->ids = (to->ids ^ (uint64_t)t->price) * UINT64_C(0x100000001b3);
            to->ids = (to->ids ^ vx_transaction_fields(t)) * UINT64_C(0x100000001b3);
        }
    }
    inner(context, bundles, count);
}

static void read_end(outcome *to, const char *segment)
{
    static reading r;
    reading_open(&r, segment);
    reading_take(&r);
    to->lost = word(&r, "journal_full_total") + word(&r, "journal_failed_total");
    CHECK_EQUAL(word(&r, "ingress_dropped_total"), 0);
    for (uint32_t row = 0; row < r.header[VELOX_HEADER_ROWS]; row++)
        if (r.rows[row].kind == VELOX_KIND_BOOK)
            CHECK_EQUAL(velox_reader_book(r.reader, row, to->book, 2 * LEVELS), VELOX_OK);
    velox_reader_close(r.reader);
}

/* A simulated run, generated or from a file, journalled. */
static void simulate(outcome *to, const char *input, const char *journal)
{
    char error[VELOX_ERROR_BYTES] = "";
    velox_config *const config = velox_config_create();
    velox_simulation *simulation = NULL;
    if (input != NULL) {
        CHECK_EQUAL(velox_config_set(config, VELOX_OPTION_PATTERN, VELOX_FILE, error), VELOX_OK);
        CHECK_EQUAL(velox_config_set_text(config, VELOX_TEXT_INPUT, input, error), VELOX_OK);
    }
    CHECK_EQUAL(velox_config_set_text(config, VELOX_TEXT_JOURNAL, journal, error), VELOX_OK);
    const int status = velox_simulation_create(config, &simulation, error);
    if (status != VELOX_OK)
        fprintf(stderr, "%s\n", error);
    CHECK_EQUAL(status, VELOX_OK);
    inner = simulation->engine->output.sink;
    simulation->engine->output.sink = look;
    CHECK_EQUAL(velox_simulation_run_until(simulation, SIMULATED_NS), VELOX_OK);
    CHECK_EQUAL(velox_simulation_stop(simulation), VELOX_OK);
    read_end(to, velox_simulation_segment_path(simulation));
    to->digest = velox_simulation_digest(simulation);
    velox_simulation_destroy(simulation);
    velox_config_destroy(config);
}

static void check_journal(const char *journal, uint64_t count)
{
    char error[VELOX_ERROR_BYTES] = "";
    vx_input input;
    CHECK_EQUAL(vx_input_open(journal, &input, error), VELOX_OK);
    CHECK_EQUAL(((const vx_vtx_header *)(const void *)input.map.base)->count, count);
    CHECK_EQUAL(input.count, count);
    CHECK_EQUAL(input.map.bytes, VX_VTX_HEADER_BYTES + count * sizeof(vx_transaction));
    CHECK_EQUAL(input.levels, LEVELS);
    vx_input_close(&input);
}

static void should_make_the_same_book_and_bundles_again(void)
{
    char journals[3][96];
    for (int i = 0; i < 3; i++)
        name_file(journals[i]);
    simulate(&first, NULL, journals[0]);
    CHECK(first.transactions > SIMULATED_NS / 20000);
    check_journal(journals[0], first.transactions);
    simulate(&second, journals[0], journals[1]);
    check_journal(journals[1], first.transactions);
    CHECK_EQUAL(second.bundles, first.bundles);
    CHECK_EQUAL(second.ids, first.ids);
    /* The last bundle is closed by the timeout or by the end of the flow. */
    for (uint64_t i = 0; i < first.bundles - 1; i++) {
        CHECK_EQUAL(second.open_ns[i], first.open_ns[i]);
        CHECK_EQUAL(second.lasted_ns[i], first.lasted_ns[i]);
        CHECK_EQUAL(second.count[i], first.count[i]);
        CHECK_EQUAL(second.reason[i], first.reason[i]);
    }
    CHECK(memcmp(second.book, first.book, sizeof first.book) == 0);
    /* From here on the times are the same as well, to the last bit. */
    simulate(&third, journals[1], journals[2]);
    CHECK_EQUAL(third.digest, second.digest);
    CHECK(memcmp(third.book, first.book, sizeof first.book) == 0);
    CHECK_EQUAL(first.lost + second.lost + third.lost, 0);
}

static void should_keep_all_that_a_pipeline_delivers(void)
{
    static reading r;
    char journal[96];
    char error[VELOX_ERROR_BYTES] = "";
    name_file(journal);
    velox_config *const config = velox_config_create();
    velox_pipeline *pipeline = NULL;
    CHECK_EQUAL(velox_config_set(config, VELOX_OPTION_WAIT, VELOX_BACKOFF, error), VELOX_OK);
    CHECK_EQUAL(velox_config_set_text(config, VELOX_TEXT_JOURNAL, journal, error), VELOX_OK);
    CHECK_EQUAL(velox_pipeline_create(config, &pipeline, error), VELOX_OK);
    CHECK_EQUAL(velox_pipeline_start(pipeline, error), VELOX_OK);
    reading_open(&r, velox_pipeline_segment_path(pipeline));
    do {
        usleep(2000);
        reading_take(&r);
    } while (word(&r, "journal_written_total") < 5000);
    CHECK_EQUAL(velox_pipeline_stop(pipeline), VELOX_OK);
    reading_take(&r);
    const uint64_t delivered = word(&r, "output_delivered_total");
    CHECK_EQUAL(word(&r, "journal_written_total") + word(&r, "journal_full_total"), delivered);
    CHECK_EQUAL(word(&r, "journal_failed_total"), 0);
    check_journal(journal, word(&r, "journal_written_total"));
    velox_reader_close(r.reader);
    velox_pipeline_destroy(pipeline);
    velox_config_destroy(config);
}

static VX_ATOMIC(uint64_t) words[VX_CONTROL_WORDS];

static void open_journal(vx_journal *journal, char path[96])
{
    char error[VELOX_ERROR_BYTES] = "";
    velox_config *const config = velox_config_create();
    name_file(path);
    memset((void *)words, 0, sizeof words);
    memset(journal, 0, sizeof *journal);
    CHECK_EQUAL(vx_ring_init(&journal->ring, VX_JOURNAL_SLOTS, sizeof(vx_transaction)), VELOX_OK);
    CHECK_EQUAL(vx_journal_open(journal, path, config, words, error), VELOX_OK);
    journal->is_wanted = 1;
    CHECK_EQUAL(vx_journal_open(&(vx_journal){.is_open = 0}, path, config, words, error),
                VELOX_OUTPUT_REFUSED);
    CHECK(strstr(error, path) != NULL && strstr(error, "exists") != NULL);
    velox_config_destroy(config);
}

static void close_journal(vx_journal *journal)
{
    vx_journal_close(journal);
    vx_journal_close(journal);
    vx_ring_free(&journal->ring);
}

/* What of a run nothing came of leaves, whatever is in it; another's file of that name stays. */
static void should_remove_what_is_not_wanted_and_nothing_else(void)
{
    char path[96];
    char moved[100];
    static vx_journal journal;
    struct stat file;
    open_journal(&journal, path);
    journal.is_wanted = 0;
    close_journal(&journal);
    CHECK(stat(path, &file) != 0);
    open_journal(&journal, path);
    journal.is_wanted = 0;
    snprintf(moved, sizeof moved, "%s.old", path);
    CHECK_EQUAL(rename(path, moved), 0);
    FILE *const other = fopen(path, "w");
    CHECK(other != NULL && fclose(other) == 0);
    close_journal(&journal);
    CHECK(stat(path, &file) == 0 && file.st_size == 0);
    CHECK(stat(moved, &file) == 0 && file.st_size == VX_VTX_HEADER_BYTES);
}

static int start_pipeline(const char *journal, velox_pipeline **pipeline)
{
    char error[VELOX_ERROR_BYTES] = "";
    velox_config *const config = velox_config_create();
    CHECK_EQUAL(velox_config_set(config, VELOX_OPTION_WAIT, VELOX_BACKOFF, error), VELOX_OK);
    CHECK_EQUAL(velox_config_set_text(config, VELOX_TEXT_JOURNAL, journal, error), VELOX_OK);
    const int status = velox_pipeline_create(config, pipeline, error);
    velox_config_destroy(config);
    return status;
}

static void should_leave_no_file_of_a_run_that_did_not_start(void)
{
    char path[96];
    char error[VELOX_ERROR_BYTES] = "";
    struct stat file;
    velox_pipeline *pipeline = NULL;
    name_file(path);
    CHECK_EQUAL(start_pipeline(path, &pipeline), VELOX_OK);
    CHECK_EQUAL(stat(path, &file), 0);
    velox_pipeline_destroy(pipeline); /* never started */
    CHECK(stat(path, &file) != 0);
    CHECK_EQUAL(start_pipeline(path, &pipeline), VELOX_OK);
    pipeline->placement.cores[0] = VX_CORES_MAX - 1; /* there is no such core here */
    CHECK(velox_pipeline_start(pipeline, error) != VELOX_OK);
    velox_pipeline_destroy(pipeline);
    CHECK(stat(path, &file) != 0);
    CHECK_EQUAL(start_pipeline(path, &pipeline), VELOX_OK);
    CHECK_EQUAL(velox_pipeline_start(pipeline, error), VELOX_OK);
    CHECK_EQUAL(velox_pipeline_abandon(pipeline), VELOX_OK);
    velox_pipeline_destroy(pipeline);
    CHECK(stat(path, &file) != 0);
}

static vx_bundle bundle_of(uint8_t count)
{
    vx_bundle bundle = {.count = count};
    for (uint8_t i = 0; i < count; i++)
        bundle.transactions[i] = (vx_transaction){.id = i, .price = 1000000, .size = 1, .ts_ns = i};
    return bundle;
}

static void should_count_what_finds_the_ring_full(void)
{
    char path[96];
    static vx_journal journal;
    const vx_bundle bundle = bundle_of(15); /* no divisor of the ring: the last one is kept in part */
    open_journal(&journal, path);
    const uint32_t bundles = VX_JOURNAL_SLOTS / 15 + 11;
    for (uint32_t i = 0; i < bundles; i++)
        vx_journal_take(&journal, &bundle, 1);
    CHECK_EQUAL(vx_load_relaxed(&words[VX_CONTROL_JOURNAL_FULL]), bundles * 15 - VX_JOURNAL_SLOTS);
    vx_journal_write(&journal);
    vx_journal_take(&journal, &bundle, 1); /* across the wrap, or at it */
    vx_journal_finish(&journal);
    vx_journal_finish(&journal);
    close_journal(&journal);
    check_journal(path, VX_JOURNAL_SLOTS + 15);
    CHECK_EQUAL(vx_load_relaxed(&words[VX_CONTROL_JOURNAL_WRITTEN]), VX_JOURNAL_SLOTS + 15);
    CHECK_EQUAL(vx_load_relaxed(&words[VX_CONTROL_JOURNAL_FAILED]), 0);
}

/* A file that may not grow beyond its header and ten and a half transactions. */
static void should_end_with_a_whole_transaction_when_there_is_no_room(void)
{
    char path[96];
    static vx_journal journal;
    struct rlimit before;
    struct stat file;
    const vx_bundle bundle = bundle_of(8);
    open_journal(&journal, path);
    CHECK_EQUAL(getrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_IGN);
    const struct rlimit small = {VX_VTX_HEADER_BYTES + 10 * 32 + 16, before.rlim_max};
    CHECK_EQUAL(setrlimit(RLIMIT_FSIZE, &small), 0);
    for (int i = 0; i < 3; i++) {
        vx_journal_take(&journal, &bundle, 1);
        vx_journal_write(&journal);
    }
    CHECK_EQUAL(stat(path, &file), 0);
    CHECK_EQUAL(file.st_size, VX_VTX_HEADER_BYTES + 8 * 32); /* whoever is killed now leaves a whole file */
    CHECK_EQUAL(setrlimit(RLIMIT_FSIZE, &before), 0);
    vx_journal_take(&journal, &bundle, 1);
    close_journal(&journal);
    check_journal(path, 16);
    CHECK_EQUAL(vx_load_relaxed(&words[VX_CONTROL_JOURNAL_FAILED]), 16);
    CHECK_EQUAL(vx_load_relaxed(&words[VX_CONTROL_JOURNAL_WRITTEN]), 16);
}

int main(void)
{
    scratch_directory(folder);
    RUN(should_make_the_same_book_and_bundles_again);
    RUN(should_keep_all_that_a_pipeline_delivers);
    RUN(should_remove_what_is_not_wanted_and_nothing_else);
    RUN(should_leave_no_file_of_a_run_that_did_not_start);
    RUN(should_count_what_finds_the_ring_full);
    RUN(should_end_with_a_whole_transaction_when_there_is_no_room);
    return 0;
}
