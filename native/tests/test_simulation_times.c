/* The virtual clock at its edges: the end of time, and times that are refused. */
#include "reading.h"

#define LAST_NS ((uint64_t)INT64_MAX)
#define MS      UINT64_C(1000000)

static velox_simulation *simulation;
static reading r;

static void start(void)
{
    char error[VELOX_ERROR_BYTES] = "";
    velox_config *config = velox_config_create();
    CHECK_EQUAL(velox_simulation_create(config, &simulation, error), VELOX_OK);
    velox_config_destroy(config);
    reading_open(&r, velox_simulation_segment_path(simulation));
}

static void end(void)
{
    CHECK_EQUAL(velox_simulation_stop(simulation), VELOX_OK);
    check_at_rest(&r);
    velox_reader_close(r.reader);
    velox_simulation_destroy(simulation);
}

/* Held, nothing is due any more: time goes to the end in one step, and deadlines beyond it do not wrap. */
static void should_come_to_the_end_of_time_and_be_exact_there(void)
{
    start();
    CHECK_EQUAL(velox_simulation_run_until(simulation, MS), VELOX_OK);
    CHECK_EQUAL(velox_simulation_command(simulation, VELOX_COMMAND_HOLD, 0, 1), VELOX_OK);
    CHECK_EQUAL(velox_simulation_run_until(simulation, LAST_NS), VELOX_OK);
    CHECK(velox_simulation_now_ns(simulation) == LAST_NS);
    CHECK_EQUAL(velox_simulation_command(simulation, VELOX_COMMAND_HOLD, 0, 0), VELOX_OK);
    CHECK_EQUAL(velox_simulation_command(simulation, VELOX_COMMAND_BURST, 0, 10), VELOX_OK);
    CHECK_EQUAL(velox_simulation_command(simulation, VELOX_COMMAND_STALL, VELOX_OUTPUT, 3600000 * MS),
                VELOX_OK);
    CHECK_EQUAL(velox_simulation_run_until(simulation, LAST_NS), VELOX_OK);
    reading_take(&r);
    CHECK_EQUAL(word(&r, "bundle_open"), 10);
    CHECK_EQUAL(word(&r, "ingress_burst_total"), 10);
    end();
}

static void should_refuse_times_beyond_the_end_and_before_now(void)
{
    start();
    CHECK_EQUAL(velox_simulation_command(simulation, VELOX_COMMAND_HOLD, 0, 1), VELOX_OK);
    CHECK_EQUAL(velox_simulation_run_until(simulation, UINT64_MAX), VELOX_INVALID_ARGUMENT);
    CHECK_EQUAL(velox_simulation_run_until(simulation, LAST_NS + 1), VELOX_INVALID_ARGUMENT);
    CHECK_EQUAL(velox_simulation_run_until(simulation, MS), VELOX_OK);
    CHECK_EQUAL(velox_simulation_run_until(simulation, MS - 1), VELOX_WRONG_STATE);
    CHECK_EQUAL(velox_simulation_now_ns(simulation), MS);
    end();
}

int main(void)
{
    RUN(should_come_to_the_end_of_time_and_be_exact_there);
    RUN(should_refuse_times_beyond_the_end_and_before_now);
    return 0;
}
