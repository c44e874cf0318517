/* Commands at the bounds of what they allow: what is refused changes nothing and is not in the log. */
#include "clock.h"
#include "controls.h"

#include "check.h"
#include "config.h"
#include "words.h"

static vx_controls controls;
static vx_clock virtual_clock;
static VX_ATOMIC(uint64_t) shown[VX_CONTROL_WORDS];
static VX_ATOMIC(uint64_t) records[4 * VX_LOG_RECORDS];

static void setup(void)
{
    vx_clock_init_virtual(&virtual_clock, 1000);
    controls.shown = shown;
    controls.log = records;
    controls.paced = controls.generated = 1;
    controls.threads = 2;
    controls.usable_cores = 2;
}

static uint64_t commands(void)
{
    return vx_load_relaxed(&shown[VX_CONTROL_COMMANDS]);
}

static velox_status give(int command, int stage, uint64_t value)
{
    const uint64_t before = commands();
    const uint64_t generation = vx_load_relaxed(&controls.generation);
    const velox_status status = vx_controls_command(&controls, &virtual_clock, command, stage, value);
    CHECK_EQUAL(commands() - before, status == VELOX_OK);
    CHECK_EQUAL(vx_load_relaxed(&controls.generation) - generation, status == VELOX_OK);
    return status;
}

static void check_bounds(velox_command command, uint64_t least, uint64_t most)
{
    CHECK_EQUAL(give((int)command, 0, least), VELOX_OK);
    CHECK_EQUAL(give((int)command, 0, most), VELOX_OK);
    CHECK_EQUAL(give((int)command, 0, most + 1), VELOX_INVALID_ARGUMENT);
    CHECK_EQUAL(give((int)command, 0, UINT64_MAX), VELOX_INVALID_ARGUMENT);
    if (least > 0)
        CHECK_EQUAL(give((int)command, 0, least - 1), VELOX_INVALID_ARGUMENT);
}

static void should_take_what_is_within_the_bounds_and_nothing_else(void)
{
    check_bounds(VELOX_COMMAND_BURST, 1, VX_BURST_MAX);
    CHECK_EQUAL(vx_load_relaxed(&controls.burst_total), 1 + VX_BURST_MAX);
    check_bounds(VELOX_COMMAND_STALL, 0, VX_FAULT_MAX_NS);
    CHECK_EQUAL(vx_load_relaxed(&controls.stall_until_ns[0]), 1000 + VX_FAULT_MAX_NS);
    check_bounds(VELOX_COMMAND_SLOW, 0, VX_FAULT_MAX_NS);
    check_bounds(VELOX_COMMAND_HOLD, 0, 1);
    check_bounds(VELOX_COMMAND_BUNDLE_MAX, 1, VELOX_BUNDLE_CAPACITY);
    CHECK_EQUAL(give(VELOX_COMMAND_BUNDLE_TIMEOUT_NS, 0, 999), VELOX_INVALID_ARGUMENT);
    CHECK_EQUAL(give(VELOX_COMMAND_BUNDLE_TIMEOUT_NS, 0, 1000), VELOX_OK);
    CHECK_EQUAL(give(VELOX_COMMAND_RATE_MILLIHZ, 0, 999), VELOX_INVALID_ARGUMENT);
    CHECK_EQUAL(give(VELOX_COMMAND_RATE_MILLIHZ, 0, 1000), VELOX_OK);
    check_bounds(VELOX_COMMAND_WAIT, VELOX_SPIN, VELOX_BACKOFF);
}

static void should_know_stages_and_commands(void)
{
    for (int command = VELOX_COMMAND_STALL; command <= VELOX_COMMAND_SLOW; command++) {
        CHECK_EQUAL(give(command, VELOX_STAGES - 1, 7), VELOX_OK);
        CHECK_EQUAL(give(command, VELOX_STAGES, 7), VELOX_INVALID_ARGUMENT);
        CHECK_EQUAL(give(command, -1, 7), VELOX_INVALID_ARGUMENT);
    }
    CHECK_EQUAL(give(-1, 0, 1), VELOX_INVALID_ARGUMENT);
    CHECK_EQUAL(give(VELOX_COMMAND_COUNT, 0, 1), VELOX_INVALID_ARGUMENT);
}

static void should_refuse_what_the_run_does_not_permit(void)
{
    controls.threads = 3;
    CHECK_EQUAL(give(VELOX_COMMAND_WAIT, 0, VELOX_SPIN), VELOX_NOT_PERMITTED);
    CHECK_EQUAL(give(VELOX_COMMAND_WAIT, 0, VELOX_YIELD), VELOX_OK);
    controls.paced = 0;
    CHECK_EQUAL(give(VELOX_COMMAND_RATE_MILLIHZ, 0, 1000000), VELOX_NOT_PERMITTED);
    CHECK_EQUAL(give(VELOX_COMMAND_BURST, 0, 1), VELOX_OK);
    controls.generated = 0;
    CHECK_EQUAL(give(VELOX_COMMAND_BURST, 0, 1), VELOX_NOT_PERMITTED);
    CHECK_EQUAL(give(VELOX_COMMAND_HOLD, 0, 1), VELOX_OK);
}

int main(void)
{
    setup();
    RUN(should_take_what_is_within_the_bounds_and_nothing_else);
    RUN(should_know_stages_and_commands);
    RUN(should_refuse_what_the_run_does_not_permit);
    return 0;
}
