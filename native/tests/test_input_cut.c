/* A file of transactions that another cuts short while it is played: it ends before the first record that is
 * gone, and knows how far it came. */
#include "input_file.h"

#define START UINT64_C(7000000000)

static vx_transaction got[256];

static void cut(uint64_t whole)
{
    CHECK_EQUAL(truncate(path, (off_t)(4096 + 32 * whole)), 0);
}

static void check_end(uint64_t came)
{
    CHECK_EQUAL(vx_input_due(&input, START + 100000, got, 256), 0);
    CHECK_EQUAL(vx_input_ended(&input), 1);
    CHECK(vx_input_next_ns(&input) == UINT64_MAX);
    CHECK_EQUAL(input.ended_early, 1);
    CHECK_EQUAL(input.position, came);
    for (int cause = 0; cause < VX_TRANSACTION_ERRORS; cause++)
        CHECK_EQUAL(input.rejected[cause], 0);
    vx_input_close(&input);
}

static void should_end_before_what_is_gone(void)
{
    reset(0);
    open_records(256);
    vx_input_start(&input, START, 1000, 0);
    CHECK_EQUAL(vx_input_due(&input, START + 30, got, 256), 4);
    cut(128); /* the first page of records */
    CHECK_EQUAL(vx_input_due(&input, START + 100000, got, 256), 124);
    for (uint32_t i = 0; i < 124; i++)
        CHECK_EQUAL(got[i].id, 504 + i);
    check_end(128);
}

static void should_end_at_the_next_record_once_it_was_found_cut(void)
{
    reset(0);
    open_records(256);
    vx_input_start(&input, START, 1000, 0);
    cut(250); /* within the last page: no signal comes */
    vx_input_look(&input);
    CHECK_EQUAL(vx_input_due(&input, START + 100000, got, 256), 1); /* was read before */
    check_end(1);
}

/* Nobody has looked, and no signal comes: every record that is given is the file's. */
static void should_end_within_a_page(void)
{
    reset(0);
    for (int i = 0; i < 256; i++) {
        records[i].side = records[i].kind = 1;
        records[i].size = UINT32_C(0x01010101);
        records[i].ts_ns = (UINT64_C(1) << 60) + (uint64_t)i;
    }
    for (off_t bytes = 0; bytes <= 32; bytes++) {
        open_records(256);
        vx_input_start(&input, START, 0, 0);
        CHECK_EQUAL(truncate(path, 4096 + 32 * 200 + bytes), 0);
        const uint32_t came = vx_input_due(&input, START, got, 256);
        CHECK_EQUAL(came, bytes < 32 ? 200 : 201);
        for (uint32_t i = 0; i < came; i++)
            CHECK(got[i].id == 500 + i && got[i].size == UINT32_C(0x01010101) && got[i].kind == 1);
        CHECK_EQUAL(input.out_of_order, 0);
        check_end(came);
    }
}

static void should_not_miss_what_it_does_not_need(void)
{
    reset(100);
    write_file(4096, 32 * 256);
    CHECK_EQUAL(vx_input_open(path, &input, error), VELOX_OK);
    vx_input_start(&input, START, 0, 0);
    cut(100);
    vx_input_look(&input);
    CHECK_EQUAL(vx_input_due(&input, START, got, 256), 100);
    CHECK(vx_input_ended(&input) && !input.ended_early);
    vx_input_close(&input);
}

static void should_end_in_a_later_pass(void)
{
    reset(0);
    open_records(256);
    vx_input_start(&input, START, 0, 1);
    CHECK_EQUAL(vx_input_due(&input, START, got, 256), 256);
    CHECK_EQUAL(input.wraps, 1);
    cut(0);
    CHECK_EQUAL(vx_input_due(&input, START, got, 256), 1);
    check_end(1);
}

static void should_end_before_it_began(void)
{
    reset(0);
    open_records(256);
    cut(0);
    vx_input_start(&input, START, 1000, 0);
    check_end(0);
}

static void should_not_end_by_what_comes_too_late(void)
{
    reset(0);
    open_records(3);
    vx_input_start(&input, START, 0, 0);
    CHECK_EQUAL(vx_input_due(&input, START, got, 256), 3);
    cut(0);
    vx_input_look(&input);
    CHECK_EQUAL(vx_input_ended(&input), 1);
    CHECK_EQUAL(input.ended_early, 0);
    vx_input_close(&input);
}

int main(void)
{
    scratch_file(path);
    RUN(should_end_before_what_is_gone);
    RUN(should_end_at_the_next_record_once_it_was_found_cut);
    RUN(should_end_within_a_page);
    RUN(should_not_miss_what_it_does_not_need);
    RUN(should_end_in_a_later_pass);
    RUN(should_end_before_it_began);
    RUN(should_not_end_by_what_comes_too_late);
    return 0;
}
