/* A slowed stage serves one item a turn of its own time, whatever came before, and a stalled one none: under
 * the virtual clock, to the item. */
#include "reading.h"

#define US UINT64_C(1000)
#define MS UINT64_C(1000000)

#define SLOW_NS   (10 * US)
#define WINDOW_NS (2 * MS)
#define SERVED    (WINDOW_NS / SLOW_NS)

static velox_simulation *simulation;
static reading r;

static const char *const taken[VELOX_STAGES] = {"ingress_generated_total", "order_book_in_total",
                                                "bundle_in_total", "output_bundles_total"};

/* At 200,000/s, evenly, a stage slowed to 100,000/s is kept busy. Rings of `slots`. */
static void start(velox_pattern pattern, uint64_t slots)
{
    char error[VELOX_ERROR_BYTES] = "";
    velox_config *config = velox_config_create();
    const uint64_t options[][2] = {{VELOX_OPTION_PATTERN, pattern},    {VELOX_OPTION_RATE_MILLIHZ, 200000000},
                                   {VELOX_OPTION_RING0_SLOTS, slots},  {VELOX_OPTION_RING1_SLOTS, slots},
                                   {VELOX_OPTION_CUT_INTERVAL_NS, MS}, {VELOX_OPTION_ON_FULL, VELOX_BLOCK}};
    for (uint32_t i = 0; i < sizeof options / sizeof options[0]; i++)
        CHECK_EQUAL(velox_config_set(config, (int)options[i][0], options[i][1], error), VELOX_OK);
    CHECK_EQUAL(velox_simulation_create(config, &simulation, error), VELOX_OK);
    velox_config_destroy(config);
    reading_open(&r, velox_simulation_segment_path(simulation));
}

static void finish(void)
{
    CHECK_EQUAL(velox_simulation_stop(simulation), VELOX_OK);
    check_at_rest(&r);
    velox_reader_close(r.reader);
    velox_simulation_destroy(simulation);
}

static void run_for(uint64_t ns)
{
    CHECK_EQUAL(velox_simulation_run_until(simulation, velox_simulation_now_ns(simulation) + ns), VELOX_OK);
}

static void command(velox_command which, int stage, uint64_t value)
{
    CHECK_EQUAL(velox_simulation_command(simulation, (int)which, stage, value), VELOX_OK);
}

/* What the stage takes in the next window: one item a turn, and one that was due at its start. */
static void check_served(const char *name)
{
    reading_take(&r);
    const uint64_t before = word(&r, name);
    run_for(WINDOW_NS);
    reading_take(&r);
    const uint64_t served = word(&r, name) - before;
    if (served < SERVED || served > SERVED + 1)
        fprintf(stderr, "%s: %llu in %llu turns\n", name, (unsigned long long)served,
                (unsigned long long)SERVED);
    CHECK(served >= SERVED && served <= SERVED + 1);
}

static void should_serve_at_its_pace_from_the_first_item_on(void)
{
    start(VELOX_CONSTANT, 4096);
    command(VELOX_COMMAND_SLOW, VELOX_ORDER_BOOK, SLOW_NS);
    check_served("order_book_in_total");
    check_served("order_book_in_total");
    finish();
}

/* Under a flood, so that it is never idle in between. */
static void should_not_make_up_for_time_it_was_not_slowed(void)
{
    start(VELOX_MAX, 4096);
    command(VELOX_COMMAND_SLOW, VELOX_ORDER_BOOK, SLOW_NS);
    run_for(MS);
    command(VELOX_COMMAND_SLOW, VELOX_ORDER_BOOK, 0);
    run_for(10 * MS);
    command(VELOX_COMMAND_SLOW, VELOX_ORDER_BOOK, SLOW_NS);
    check_served("order_book_in_total");
    finish();
}

/* It was slowed before, and had caught up. */
static void should_not_make_up_for_time_it_was_idle(void)
{
    for (int stage = VELOX_ORDER_BOOK; stage < VELOX_STAGES; stage++) {
        start(VELOX_CONSTANT, 4096);
        command(VELOX_COMMAND_BUNDLE_MAX, 0, 1);
        command(VELOX_COMMAND_SLOW, stage, SLOW_NS);
        run_for(MS);
        command(VELOX_COMMAND_HOLD, 0, 1);
        run_for(100 * MS);
        command(VELOX_COMMAND_BURST, 0, 1000);
        check_served(taken[stage]);
        finish();
    }
}

static void should_not_make_up_for_time_it_was_stalled(void)
{
    start(VELOX_CONSTANT, 4096);
    command(VELOX_COMMAND_SLOW, VELOX_ORDER_BOOK, SLOW_NS);
    run_for(MS);
    command(VELOX_COMMAND_STALL, VELOX_ORDER_BOOK, 5 * MS);
    run_for(5 * MS - 1);
    check_served("order_book_in_total");
    finish();
}

static void should_not_make_up_for_time_it_was_blocked(void)
{
    start(VELOX_CONSTANT, 64);
    command(VELOX_COMMAND_SLOW, VELOX_ORDER_BOOK, SLOW_NS);
    run_for(MS);
    command(VELOX_COMMAND_STALL, VELOX_BUNDLE, 5 * MS);
    run_for(5 * MS - 1);
    check_served("order_book_in_total");
    finish();
}

/* Unpaced, a round every 1,000 ns: two come in each, of the ten it might take; then as many as it likes. */
static void should_not_make_up_for_what_was_not_there(void)
{
    start(VELOX_MAX, 4096);
    command(VELOX_COMMAND_SLOW, VELOX_INGRESS, 500);
    command(VELOX_COMMAND_SLOW, VELOX_ORDER_BOOK, 100);
    run_for(100 * US);
    command(VELOX_COMMAND_SLOW, VELOX_INGRESS, 0);
    reading_take(&r);
    const uint64_t before = word(&r, "order_book_in_total");
    CHECK(before >= 199 && before <= 202);
    run_for(20 * US);
    reading_take(&r);
    const uint64_t served = word(&r, "order_book_in_total") - before;
    CHECK(served >= 190 && served <= 210);
    finish();
}

static void should_go_on_at_once_when_a_stall_is_ended(void)
{
    start(VELOX_CONSTANT, 4096);
    command(VELOX_COMMAND_STALL, VELOX_ORDER_BOOK, 1000 * MS);
    run_for(MS);
    reading_take(&r);
    CHECK_EQUAL(word(&r, "order_book_in_total"), 0);
    command(VELOX_COMMAND_STALL, VELOX_ORDER_BOOK, 0);
    run_for(0);
    reading_take(&r);
    CHECK_EQUAL(word(&r, "order_book_in_total"), 200);
    finish();
}

/* A marker in between costs it no turn: who waits for the next deadline waits long. */
static void should_take_all_that_waits_when_a_stall_ends(void)
{
    for (int stage = VELOX_ORDER_BOOK; stage < VELOX_STAGES; stage++) {
        start(VELOX_CONSTANT, 4096);
        run_for(MS / 2);
        command(VELOX_COMMAND_STALL, stage, 4 * MS);
        run_for(2 * MS);
        command(VELOX_COMMAND_HOLD, 0, 1);
        run_for(2 * MS);
        CHECK(reading_take_cut(&r));
        reading_take(&r);
        CHECK(reading_find(&r, r.cut, "ingress_pushed_total") > 100);
        CHECK_EQUAL(word(&r, taken[stage]),
                    word(&r, stage == VELOX_OUTPUT ? "bundle_bundles_total" : "ingress_pushed_total"));
        finish();
    }
}

/* The time of a hold is nobody's fault. */
static void should_not_be_blocked_while_it_is_held(void)
{
    start(VELOX_CONSTANT, 64);
    command(VELOX_COMMAND_STALL, VELOX_ORDER_BOOK, 100 * MS);
    run_for(2 * MS);
    command(VELOX_COMMAND_HOLD, 0, 1);
    run_for(5 * MS);
    command(VELOX_COMMAND_HOLD, 0, 0);
    run_for(MS);
    run_for(0);
    reading_take(&r);
    CHECK_EQUAL(word(&r, "ingress_blocked_ns_total"), MS);
    CHECK_EQUAL(word(&r, "ring0_full_total"), 2);
    finish();
}

static void should_slow_every_stage_by_what_it_takes(void)
{
    for (int stage = 0; stage < VELOX_STAGES; stage++) {
        start(VELOX_CONSTANT, 4096);
        command(VELOX_COMMAND_BUNDLE_MAX, 0, 1);
        command(VELOX_COMMAND_SLOW, stage, SLOW_NS);
        run_for(MS);
        check_served(taken[stage]);
        finish();
    }
}

int main(void)
{
    RUN(should_serve_at_its_pace_from_the_first_item_on);
    RUN(should_not_make_up_for_time_it_was_not_slowed);
    RUN(should_not_make_up_for_time_it_was_idle);
    RUN(should_not_make_up_for_time_it_was_stalled);
    RUN(should_not_make_up_for_time_it_was_blocked);
    RUN(should_not_make_up_for_what_was_not_there);
    RUN(should_go_on_at_once_when_a_stall_is_ended);
    RUN(should_take_all_that_waits_when_a_stall_ends);
    RUN(should_not_be_blocked_while_it_is_held);
    RUN(should_slow_every_stage_by_what_it_takes);
    return 0;
}
