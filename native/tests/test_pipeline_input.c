/* The pipeline fed from a file: every record is accounted for, the book at rest is what the records make it,
 * and the end of the file drains the pipeline by itself. */
#include <time.h>
#include <unistd.h>

#include "open_files.h"
#include "pipeline.h"
#include "record_file.h"
#include "scratch.h"

#define PATIENCE_MS  120000 /* what takes longer hangs */
#define WAIT_STEP_MS 2

/* What Output was given. */
typedef struct delivery {
    plain_book book;
    uint64_t count;
    uint64_t first_ts_ns;
    uint64_t last_ts_ns;
    uint64_t exit_sum_ns; /* from arrival to the bundle's close */
} delivery;

static delivery delivered;
static reading r;

/* Output's sink; on its thread, whose end comes before anybody else looks. */
static void take(void *context, const vx_bundle *bundles, uint32_t count)
{
    delivery *const to = context;
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t k = 0; k < bundles[i].count; k++) {
            const vx_transaction *const t = &bundles[i].transactions[k];
            if (to->count++ == 0)
                to->first_ts_ns = t->ts_ns;
            to->last_ts_ns = t->ts_ns;
            to->exit_sum_ns += bundles[i].close_ns - t->ts_ns;
            plain_apply(&to->book, t);
        }
}

static velox_pipeline *create(const uint64_t options[][2], uint32_t count)
{
    char error[VELOX_ERROR_BYTES] = "";
    velox_config *config = velox_config_create();
    velox_pipeline *pipeline = NULL;
    CHECK_EQUAL(velox_config_set(config, VELOX_OPTION_PATTERN, VELOX_FILE, error), VELOX_OK);
    CHECK_EQUAL(velox_config_set_text(config, VELOX_TEXT_INPUT, path, error), VELOX_OK);
    for (uint32_t i = 0; i < count; i++)
        CHECK_EQUAL(velox_config_set(config, (int)options[i][0], options[i][1], error), VELOX_OK);
    if (velox_pipeline_create(config, &pipeline, error) != VELOX_OK)
        fprintf(stderr, "%s\n", error);
    CHECK(pipeline != NULL);
    delivered = (delivery){.count = 0};
    plain_book_init(&delivered.book, LEVELS, TICKS, BASE);
    pipeline->engine->output.sink = take;
    pipeline->engine->output.sink_context = &delivered;
    velox_config_destroy(config);
    reading_open(&r, velox_pipeline_segment_path(pipeline));
    return pipeline;
}

static velox_pipeline *run(const uint64_t options[][2], uint32_t count)
{
    char error[VELOX_ERROR_BYTES] = "";
    velox_pipeline *pipeline = create(options, count);
    CHECK_EQUAL(velox_pipeline_start(pipeline, error), VELOX_OK);
    return pipeline;
}

static void pause_a_little(void)
{
    const struct timespec step = {0, WAIT_STEP_MS * 1000000};
    nanosleep(&step, NULL);
}

/* Nobody stops it: it drains, and the control thread says so. */
static void await_end(const velox_pipeline *pipeline)
{
    int patience = PATIENCE_MS / WAIT_STEP_MS;
    do {
        CHECK(patience-- > 0);
        pause_a_little();
        reading_take(&r);
    } while (word(&r, "state") != VELOX_STOPPED);
    CHECK(velox_pipeline_drained(pipeline));
}

static uint64_t invalid_counted(velox_transaction_error cause)
{
    static const char *const names[] = {"side", "kind", "price", "size", "reserved"};
    char name[VELOX_NAME_BYTES];
    snprintf(name, sizeof name, "ingress_input_bad_%s_total", names[cause - 1]);
    return word(&r, name);
}

static void finish(velox_pipeline *pipeline)
{
    static uint64_t words[1 + VELOX_HISTOGRAM_BUCKETS];
    check_at_rest(&r);
    CHECK_EQUAL(velox_pipeline_stop(pipeline), VELOX_OK);
    check_at_rest(&r);
    CHECK_EQUAL(delivered.count, word(&r, "output_delivered_total"));
    plain_check(&delivered.book, &r);
    CHECK_EQUAL(reading_histogram(&r, "bundle_exit", words), delivered.count);
    CHECK_EQUAL(words[0], delivered.exit_sum_ns);
    velox_reader_close(r.reader);
    velox_pipeline_destroy(pipeline);
    CHECK(!is_mapped(path));
}

/* Every record of every pass was emitted, or refused for the cause it has. */
static void check_passes(uint64_t passes)
{
    uint64_t invalid = 0;
    for (int cause = 1; cause < VX_TRANSACTION_ERRORS; cause++) {
        CHECK_EQUAL(invalid_counted((velox_transaction_error)cause), passes * file.invalid[cause]);
        invalid += passes * file.invalid[cause];
    }
    CHECK_EQUAL(word(&r, "ingress_generated_total") + invalid, passes * file.count);
    CHECK_EQUAL(word(&r, "ingress_input_out_of_order_total"), passes * file.out_of_order);
}

static void should_deliver_every_valid_record_through_small_rings(void)
{
    const uint64_t options[][2] = {
        {VELOX_OPTION_INPUT_SPEED_PERMILLE, 0}, {VELOX_OPTION_ON_FULL, VELOX_BLOCK},
        {VELOX_OPTION_RING0_SLOTS, 64},         {VELOX_OPTION_RING1_SLOTS, 32},
        {VELOX_OPTION_RING2_SLOTS, 2},          {VELOX_OPTION_LEVELS, 64}};
    make_source(RECORDS);
    write_source(LEVELS); /* its own window goes before the option's */
    velox_pipeline *pipeline = run(options, 6);
    await_end(pipeline);
    check_passes(1);
    CHECK_EQUAL(word(&r, "ingress_dropped_total"), 0);
    plain_check(&file.book, &r);
    CHECK(word(&r, "order_book_rejected_window_total") != 0);
    CHECK(word(&r, "order_book_rejected_underflow_total") != 0);
    finish(pipeline);
}

static void should_account_for_what_full_rings_drop(void)
{
    const uint64_t options[][2] = {{VELOX_OPTION_INPUT_SPEED_PERMILLE, 0}, {VELOX_OPTION_RING0_SLOTS, 4}};
    make_source(RECORDS);
    write_source(LEVELS);
    velox_pipeline *pipeline = run(options, 2);
    await_end(pipeline);
    check_passes(1);
    CHECK(word(&r, "ingress_dropped_total") != 0);
    finish(pipeline);
}

/* The intended arrivals are the file's times, stretched by the speed, to the nanosecond. */
static void pace(uint64_t speed_permille)
{
    const uint64_t options[][2] = {{VELOX_OPTION_INPUT_SPEED_PERMILLE, speed_permille},
                                   {VELOX_OPTION_ON_FULL, VELOX_BLOCK}};
    make_source(RECORDS / 10);
    write_source(LEVELS);
    velox_pipeline *pipeline = run(options, 2);
    await_end(pipeline);
    check_passes(1);
    plain_check(&file.book, &r);
    const uint64_t span_ns = file.records[file.count - 1].ts_ns - file.records[0].ts_ns;
    CHECK_EQUAL(delivered.last_ts_ns - delivered.first_ts_ns, span_ns * 1000 / speed_permille);
    finish(pipeline);
}

static void should_keep_the_files_pace_at_any_speed(void)
{
    pace(1000);
    pace(333);
    pace(20000);
}

static void should_start_over_until_it_is_stopped(void)
{
    const uint64_t options[][2] = {{VELOX_OPTION_INPUT_SPEED_PERMILLE, 0},
                                   {VELOX_OPTION_INPUT_LOOP, 1},
                                   {VELOX_OPTION_ON_FULL, VELOX_BLOCK}};
    int patience = PATIENCE_MS / WAIT_STEP_MS;
    make_source(1000);
    write_source(LEVELS);
    velox_pipeline *pipeline = run(options, 3);
    do {
        CHECK(patience-- > 0);
        pause_a_little();
        reading_take(&r);
        if (reading_take_cut(&r))
            check_ledger(&r, r.cut);
    } while (word(&r, "ingress_input_wraps_total") < 20);
    CHECK(!velox_pipeline_drained(pipeline));
    CHECK_EQUAL(velox_pipeline_stop(pipeline), VELOX_OK);
    reading_take(&r);
    uint64_t looked_at = word(&r, "ingress_generated_total");
    for (int cause = 1; cause < VX_TRANSACTION_ERRORS; cause++)
        looked_at += invalid_counted((velox_transaction_error)cause);
    const uint64_t wraps = word(&r, "ingress_input_wraps_total");
    CHECK(looked_at >= wraps * file.count && looked_at <= (wraps + 1) * file.count);
    finish(pipeline);
}

static void should_end_at_once_where_nothing_is_valid(void)
{
    make_source(200);
    file.out_of_order = 0;
    for (uint64_t i = 0; i < 200; i++)
        file.records[i] = (vx_transaction){.side = (uint8_t)(i < 60), .kind = (uint8_t)(2 * (i < 60))};
    memset(file.invalid, 0, sizeof file.invalid);
    for (file.count = 60; file.count <= 200; file.count += 140) { /* looked at at the start, and after it */
        file.invalid[VELOX_TRANSACTION_BAD_KIND] = 60;
        file.invalid[VELOX_TRANSACTION_BAD_PRICE] = file.count - 60;
        write_source(LEVELS);
        velox_pipeline *pipeline = run(NULL, 0);
        await_end(pipeline);
        check_passes(1);
        CHECK_EQUAL(word(&r, "ingress_generated_total"), 0);
        finish(pipeline);
    }
}

/* Ingress ends while its thread goes on, with OrderBook stalled, and parks: what it shows is final. */
static void should_leave_the_words_of_a_stage_that_has_finished(void)
{
    const uint64_t options[][2] = {{VELOX_OPTION_THREADING, VELOX_SHARED},
                                   {VELOX_OPTION_WAIT, VELOX_BACKOFF}};
    char error[VELOX_ERROR_BYTES] = "";
    uint64_t last[VX_BLOCK_WORDS];
    make_source(200);
    write_source(LEVELS);
    velox_pipeline *pipeline = create(options, 2);
    vx_engine *const engine = pipeline->engine;
    vx_word *const ingress = engine->stages[VELOX_INGRESS]->block;
    vx_word *const parks = &engine->stages[VELOX_ORDER_BOOK]->block[VX_TIMING_PARKS];
    CHECK_EQUAL(vx_controls_command(&engine->controls, &engine->clock, VELOX_COMMAND_STALL, VELOX_ORDER_BOOK,
                                    UINT64_C(3600000000000)),
                VELOX_OK);
    CHECK_EQUAL(velox_pipeline_start(pipeline, error), VELOX_OK);
    while (!vx_stage_is_finished(engine->stages[VELOX_INGRESS]))
        pause_a_little();
    for (uint32_t i = 0; i < VX_BLOCK_WORDS; i++)
        last[i] = vx_load_relaxed(&ingress[i]);
    for (const uint64_t before = vx_load_relaxed(parks); vx_load_relaxed(parks) < before + 2;)
        pause_a_little();
    for (uint32_t i = 0; i < VX_BLOCK_WORDS; i++)
        CHECK_EQUAL(vx_load_relaxed(&ingress[i]), last[i]);
    CHECK_EQUAL(velox_pipeline_stop(pipeline), VELOX_OK);
    finish(pipeline);
}

/* At a pace at which it would take days: the control thread finds it. */
static void should_end_a_file_that_another_cuts_and_say_so(void)
{
    const uint64_t options[][2] = {{VELOX_OPTION_INPUT_SPEED_PERMILLE, 1}};
    char error[VELOX_ERROR_BYTES] = "";
    char came[64];
    make_source(RECORDS / 10);
    write_source(LEVELS);
    velox_pipeline *pipeline = run(options, 1);
    CHECK_EQUAL(velox_pipeline_failure(pipeline, error), VELOX_OK);
    do {
        pause_a_little();
        reading_take(&r);
    } while (word(&r, "ingress_generated_total") < 20);
    CHECK_EQUAL(truncate(path, 4096), 0);
    await_end(pipeline);
    CHECK_EQUAL(velox_pipeline_failure(pipeline, error), VELOX_INPUT_INVALID);
    CHECK(strstr(error, path) != NULL && strchr(error, '\n') == NULL);
    const uint64_t records = word(&r, "ingress_generated_total") + invalid_counted(1) + invalid_counted(2) +
                             invalid_counted(3) + invalid_counted(4) + invalid_counted(5);
    snprintf(came, sizeof came, "%" PRIu64 " of %d transactions came", records, RECORDS / 10);
    CHECK(strstr(error, came) != NULL);
    check_at_rest(&r);
    CHECK_EQUAL(velox_pipeline_stop(pipeline), VELOX_OK);
    velox_reader_close(r.reader);
    velox_pipeline_destroy(pipeline);
}

static void should_refuse_a_file_that_is_not_there_or_not_one(void)
{
    char error[VELOX_ERROR_BYTES];
    velox_pipeline *pipeline = NULL;
    velox_config *config = velox_config_create();
    CHECK_EQUAL(velox_config_set(config, VELOX_OPTION_PATTERN, VELOX_FILE, error), VELOX_OK);
    CHECK_EQUAL(velox_pipeline_create(config, &pipeline, error), VELOX_INPUT_MISSING);
    CHECK_EQUAL(velox_config_set_text(config, VELOX_TEXT_INPUT, "/proc/self/cmdline", error), VELOX_OK);
    CHECK_EQUAL(velox_pipeline_create(config, &pipeline, error), VELOX_INPUT_INVALID);
    CHECK(strstr(error, "/proc/self/cmdline") != NULL);
    CHECK(pipeline == NULL);
    velox_config_destroy(config);
}

int main(void)
{
    scratch_file(path);
    RUN(should_deliver_every_valid_record_through_small_rings);
    RUN(should_account_for_what_full_rings_drop);
    RUN(should_keep_the_files_pace_at_any_speed);
    RUN(should_start_over_until_it_is_stopped);
    RUN(should_end_at_once_where_nothing_is_valid);
    RUN(should_leave_the_words_of_a_stage_that_has_finished);
    RUN(should_end_a_file_that_another_cuts_and_say_so);
    RUN(should_refuse_a_file_that_is_not_there_or_not_one);
    unlink(path);
    return 0;
}
