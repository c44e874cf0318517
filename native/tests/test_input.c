/* When the records of a file come, and what becomes of the invalid ones. */
#include "input_file.h"

#define START UINT64_C(7000000000)

static vx_transaction got[4096];

static void shouldComeByItsOwnTimesWhenAsRecorded(void)
{
    reset(0);
    open_records(3);
    vx_input_start(&input, START, 1000, 0);
    CHECK_EQUAL(vx_input_next_ns(&input), START);
    CHECK_EQUAL(vx_input_due(&input, START - 1, got, 64), 0);
    CHECK_EQUAL(vx_input_due(&input, START + 9, got, 64), 1);
    CHECK_EQUAL(got[0].ts_ns, START);
    CHECK_EQUAL(got[0].id, 500);
    CHECK_EQUAL(got[0].price, 1000000);
    CHECK_EQUAL(got[0].size, 1);
    CHECK_EQUAL(vx_input_next_ns(&input), START + 10);
    CHECK_EQUAL(vx_input_due(&input, START + 1000, got, 1), 1);
    CHECK_EQUAL(got[0].ts_ns, START + 10);
    CHECK_EQUAL(vx_input_ended(&input), 0);
    CHECK_EQUAL(vx_input_due(&input, START + 1000, got, 64), 1);
    CHECK_EQUAL(got[0].ts_ns, START + 20);
    CHECK_EQUAL(vx_input_ended(&input), 1);
    CHECK(vx_input_next_ns(&input) == UINT64_MAX);
    CHECK_EQUAL(vx_input_due(&input, UINT64_MAX, got, 64), 0);
    vx_input_close(&input);
}

/* floor(elapsed * 1000 / speed), also where the product exceeds 64 bits, and where the time itself does. */
static void shouldScaleExactlyWhenTheSpeedIsAnother(void)
{
    static const uint32_t speeds[] = {1, 7, 333, 999, 1001, 3000, 10000, 4000000000};
    const uint64_t elapsed = UINT64_C(3000000000000000001);
    for (unsigned i = 0; i < sizeof speeds / sizeof *speeds; i++) {
        const uint64_t whole = elapsed / speeds[i];
        const uint64_t rest = elapsed % speeds[i] * 1000 / speeds[i];
        const uint64_t room = (UINT64_MAX - START) / 1000;
        reset(0);
        records[1].ts_ns = records[0].ts_ns + elapsed;
        open_records(2);
        vx_input_start(&input, START, speeds[i], 0);
        CHECK_EQUAL(vx_input_due(&input, UINT64_MAX, got, 64), 2);
        CHECK_EQUAL(got[1].ts_ns, whole < room ? START + whole * 1000 + rest : UINT64_MAX);
        vx_input_close(&input);
    }
}

static void shouldNeverComeBeforeItsTimeWhenThatIsBeyondAllTimes(void)
{
    reset(0);
    records[0].ts_ns = 0;
    records[1].ts_ns = UINT64_MAX - START + 1;
    open_records(2);
    vx_input_start(&input, START, 1000, 0);
    CHECK_EQUAL(vx_input_due(&input, UINT64_MAX - 1, got, 64), 1);
    CHECK(vx_input_next_ns(&input) == UINT64_MAX);
    vx_input_close(&input);
}

static void shouldComeAtOnceWhenUnpaced(void)
{
    reset(0);
    open_records(200);
    vx_input_start(&input, START, 0, 0);
    CHECK_EQUAL(vx_input_due(&input, START - 1, got, 64), 0);
    CHECK(vx_input_next_ns(&input) <= START);
    CHECK_EQUAL(vx_input_due(&input, START, got, 64), 64);
    CHECK_EQUAL(got[63].ts_ns, START);
    CHECK_EQUAL(vx_input_due(&input, START + 5, got, 1000), 136);
    CHECK_EQUAL(got[0].ts_ns, START + 5);
    CHECK_EQUAL(got[0].id, 564);
    CHECK_EQUAL(vx_input_ended(&input), 1);
    vx_input_close(&input);
}

static void shouldSkipAndCountByCauseWhenRecordsAreInvalid(void)
{
    reset(0);
    records[0].side = 2; /* its time is not the file's first */
    records[0].ts_ns = 1;
    records[2].kind = 9;
    records[3].price = 0;
    records[4].price = VX_PRICE_MAX + 1;
    records[5].size = 0;
    records[7].reserved = 1;
    records[7].ts_ns = UINT64_MAX;
    open_records(9);
    vx_input_start(&input, START, 1000, 0);
    CHECK_EQUAL(vx_input_due(&input, START + 1000, got, 64), 3);
    CHECK_EQUAL(got[0].id, 501);
    CHECK_EQUAL(got[0].ts_ns, START);
    CHECK_EQUAL(got[1].id, 506);
    CHECK_EQUAL(got[1].ts_ns, START + 50);
    CHECK_EQUAL(got[2].id, 508);
    CHECK_EQUAL(input.rejected[VELOX_TRANSACTION_OK], 0);
    CHECK_EQUAL(input.rejected[VELOX_TRANSACTION_BAD_SIDE], 1);
    CHECK_EQUAL(input.rejected[VELOX_TRANSACTION_BAD_KIND], 1);
    CHECK_EQUAL(input.rejected[VELOX_TRANSACTION_BAD_PRICE], 2);
    CHECK_EQUAL(input.rejected[VELOX_TRANSACTION_BAD_SIZE], 1);
    CHECK_EQUAL(input.rejected[VELOX_TRANSACTION_BAD_RESERVED], 1);
    CHECK_EQUAL(input.out_of_order, 0);
    vx_input_close(&input);
}

static void shouldCountAndStandForThePreviousWhenTimeGoesBack(void)
{
    reset(0);
    records[2].ts_ns = 0;
    records[3].ts_ns = records[1].ts_ns - 1;
    open_records(5);
    vx_input_start(&input, START, 1000, 0);
    CHECK_EQUAL(vx_input_due(&input, START + 10, got, 64), 4);
    CHECK_EQUAL(got[1].ts_ns, START + 10);
    CHECK_EQUAL(got[2].ts_ns, START + 10);
    CHECK_EQUAL(got[3].ts_ns, START + 10);
    CHECK_EQUAL(vx_input_next_ns(&input), START + 40);
    CHECK_EQUAL(input.out_of_order, 2);
    vx_input_close(&input);
}

static void shouldKeepThePaceWhenLooped(void)
{
    reset(0);
    open_records(5);
    vx_input_start(&input, START, 1000, 1);
    CHECK_EQUAL(vx_input_due(&input, START + 9999, got, 4096), 1000 / 1);
    for (uint64_t i = 0; i < 1000; i++) {
        CHECK_EQUAL(got[i].ts_ns, START + 10 * i);
        CHECK_EQUAL(got[i].id, 500 + i % 5);
    }
    CHECK_EQUAL(input.wraps, 200);
    CHECK_EQUAL(vx_input_ended(&input), 0);
    vx_input_close(&input);
}

static void shouldComeANanosecondLaterWhenLoopedWithoutASpan(void)
{
    reset(0);
    records[1].ts_ns = records[0].ts_ns;
    open_records(2);
    vx_input_start(&input, START, 1000, 1);
    CHECK_EQUAL(vx_input_due(&input, START + 4, got, 64), 10);
    CHECK_EQUAL(got[9].ts_ns, START + 4);
    vx_input_close(&input);
}

static void shouldRepeatOnceASecondWhenLoopedWithOneRecord(void)
{
    reset(0);
    open_records(1);
    vx_input_start(&input, START, 2000, 1);
    CHECK_EQUAL(vx_input_due(&input, START + 1000000000, got, 64), 3);
    CHECK_EQUAL(got[2].ts_ns, START + 1000000000);
    vx_input_close(&input);
}

static void shouldEndWhenNoRecordOfALoopIsValid(void)
{
    reset(0);
    for (int i = 0; i < 256; i++)
        records[i].size = 0;
    open_records(256);
    vx_input_start(&input, START, 0, 1);
    CHECK_EQUAL(vx_input_ended(&input), 0);
    CHECK_EQUAL(vx_input_next_ns(&input), 0);
    for (int i = 0; i < 4; i++)
        CHECK_EQUAL(vx_input_due(&input, START, got, 1), 0);
    CHECK_EQUAL(vx_input_ended(&input), 1);
    CHECK_EQUAL(input.rejected[VELOX_TRANSACTION_BAD_SIZE], 256);
    vx_input_close(&input);
}

/* A call looks at no more records than its room allows: the thread must not be gone for a whole file. */
static void shouldReturnSoonWhenManyRecordsAreInvalid(void)
{
    reset(0);
    for (int i = 0; i < 255; i++)
        records[i].side = 7;
    open_records(256);
    vx_input_start(&input, START, 1000, 0);
    CHECK_EQUAL(vx_input_due(&input, START, got, 1), 0);
    CHECK_EQUAL(input.rejected[VELOX_TRANSACTION_BAD_SIDE], 64 + 68);
    CHECK_EQUAL(vx_input_next_ns(&input), 0);
    CHECK_EQUAL(vx_input_due(&input, START, got, 1), 0);
    CHECK_EQUAL(vx_input_due(&input, START, got, 1), 1);
    CHECK_EQUAL(got[0].id, 755);
    CHECK_EQUAL(vx_input_ended(&input), 1);
    vx_input_close(&input);
}

static void shouldWaitAsIfTimeStoodStillWhenHeld(void)
{
    reset(0);
    open_records(5);
    vx_input_start(&input, START, 1000, 1);
    CHECK_EQUAL(vx_input_due(&input, START + 14, got, 64), 2);
    vx_input_hold(&input, START + 14);
    vx_input_hold(&input, START + 15);
    CHECK(vx_input_next_ns(&input) == UINT64_MAX);
    CHECK_EQUAL(vx_input_due(&input, START + 5000, got, 64), 0);
    CHECK_EQUAL(vx_input_ended(&input), 0);
    vx_input_release(&input, START + 5014);
    vx_input_release(&input, START + 9014);
    CHECK_EQUAL(vx_input_next_ns(&input), START + 5020);
    CHECK_EQUAL(vx_input_due(&input, START + 5099, got, 64), 8);
    for (uint64_t i = 0; i < 8; i++)
        CHECK_EQUAL(got[i].ts_ns, START + 5020 + 10 * i);
    vx_input_close(&input);
}

int main(void)
{
    scratch_file(path);
    RUN(shouldComeByItsOwnTimesWhenAsRecorded);
    RUN(shouldScaleExactlyWhenTheSpeedIsAnother);
    RUN(shouldNeverComeBeforeItsTimeWhenThatIsBeyondAllTimes);
    RUN(shouldComeAtOnceWhenUnpaced);
    RUN(shouldSkipAndCountByCauseWhenRecordsAreInvalid);
    RUN(shouldCountAndStandForThePreviousWhenTimeGoesBack);
    RUN(shouldKeepThePaceWhenLooped);
    RUN(shouldComeANanosecondLaterWhenLoopedWithoutASpan);
    RUN(shouldRepeatOnceASecondWhenLoopedWithOneRecord);
    RUN(shouldEndWhenNoRecordOfALoopIsValid);
    RUN(shouldReturnSoonWhenManyRecordsAreInvalid);
    RUN(shouldWaitAsIfTimeStoodStillWhenHeld);
    unlink(path);
    return 0;
}
