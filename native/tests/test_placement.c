/* Placement on made-up machines: every threading and waiting on 1, 2, 3, 4 and 8 cores, named cores,
 * refusals. */
#include "placement.h"

#include <string.h>

#include "check.h"

/* Core numbers that are no indices. */
static const int machine[] = {10, 12, 14, 16, 18, 20, 22, 24};

static velox_status choose(vx_placement *placement, velox_threading threading, velox_wait wait,
                           const char *cores, int usable, char *error)
{
    error[0] = '\0';
    return vx_placement_choose(placement, threading, wait, cores, machine, usable, error);
}

typedef struct expectation {
    int usable;
    velox_threading asked;
    velox_threading threading;
    int threads;
    velox_wait automatic; /* waiting chosen for auto */
    int may_spin;
    int cores[VELOX_STAGES];
} expectation;

static const expectation table[] = {
    {1, VELOX_THREADING_AUTO, VELOX_SHARED, 1, VELOX_BACKOFF, 1, {10, -1, -1, -1}},
    {1, VELOX_SHARED, VELOX_SHARED, 1, VELOX_BACKOFF, 1, {10, -1, -1, -1}},
    {1, VELOX_DEDICATED, VELOX_DEDICATED, 4, VELOX_BACKOFF, 0, {10, 10, 10, 10}},
    {2, VELOX_THREADING_AUTO, VELOX_SHARED, 1, VELOX_SPIN, 1, {12, -1, -1, -1}},
    {2, VELOX_SHARED, VELOX_SHARED, 1, VELOX_SPIN, 1, {12, -1, -1, -1}},
    {2, VELOX_DEDICATED, VELOX_DEDICATED, 4, VELOX_BACKOFF, 0, {10, 12, 10, 12}},
    {3, VELOX_THREADING_AUTO, VELOX_SHARED, 2, VELOX_SPIN, 1, {12, 14, -1, -1}},
    {3, VELOX_SHARED, VELOX_SHARED, 2, VELOX_SPIN, 1, {12, 14, -1, -1}},
    {3, VELOX_DEDICATED, VELOX_DEDICATED, 4, VELOX_BACKOFF, 0, {10, 12, 14, 10}},
    {4, VELOX_THREADING_AUTO, VELOX_DEDICATED, 4, VELOX_BACKOFF, 1, {10, 12, 14, 16}},
    {4, VELOX_SHARED, VELOX_SHARED, 3, VELOX_SPIN, 1, {12, 14, 16, -1}},
    {4, VELOX_DEDICATED, VELOX_DEDICATED, 4, VELOX_BACKOFF, 1, {10, 12, 14, 16}},
    {8, VELOX_THREADING_AUTO, VELOX_DEDICATED, 4, VELOX_SPIN, 1, {12, 14, 16, 18}},
    {8, VELOX_SHARED, VELOX_SHARED, 4, VELOX_SPIN, 1, {12, 14, 16, 18}},
    {8, VELOX_DEDICATED, VELOX_DEDICATED, 4, VELOX_SPIN, 1, {12, 14, 16, 18}},
};

static void check_threads(const vx_placement *placement, const expectation *expected)
{
    CHECK_EQUAL(placement->threading, expected->threading);
    CHECK_EQUAL(placement->threads, expected->threads);
    CHECK_EQUAL(placement->usable_cores, expected->usable);
    for (int i = 0; i < VELOX_STAGES; i++) {
        const int last = expected->threads - 1;
        CHECK_EQUAL(placement->cores[i], expected->cores[i]);
        CHECK_EQUAL(placement->thread_of_stage[i], i < last ? i : last);
    }
    CHECK(strlen(placement->reason) > 20 && strlen(placement->reason) < sizeof placement->reason - 1);
}

static void should_follow_the_table_on_every_machine(void)
{
    for (size_t row = 0; row < sizeof table / sizeof table[0]; row++) {
        const expectation *const expected = &table[row];
        for (int wait = VELOX_WAIT_AUTO; wait <= VELOX_BACKOFF; wait++) {
            vx_placement placement;
            char error[VELOX_ERROR_BYTES];
            const velox_status status =
                choose(&placement, expected->asked, (velox_wait)wait, NULL, expected->usable, error);
            if (wait == VELOX_SPIN && !expected->may_spin) {
                CHECK_EQUAL(status, VELOX_NOT_PERMITTED);
                continue;
            }
            CHECK_EQUAL(status, VELOX_OK);
            check_threads(&placement, expected);
            CHECK_EQUAL(placement.wait, wait == VELOX_WAIT_AUTO ? (int)expected->automatic : wait);
        }
    }
}

static void should_say_why_spin_is_refused_and_what_to_do(void)
{
    vx_placement placement;
    char error[VELOX_ERROR_BYTES];
    CHECK_EQUAL(choose(&placement, VELOX_DEDICATED, VELOX_SPIN, NULL, 2, error), VELOX_NOT_PERMITTED);
    CHECK_EQUAL(strcmp(error,
                       "--wait spin needs a core per thread: 4 threads, 2 usable cores; use --wait yield or "
                       "--threading shared"),
                0);
}

static void should_say_what_was_chosen_and_why(void)
{
    vx_placement placement;
    char error[VELOX_ERROR_BYTES];
    CHECK_EQUAL(choose(&placement, VELOX_THREADING_AUTO, VELOX_WAIT_AUTO, NULL, 2, error), VELOX_OK);
    CHECK_EQUAL(strcmp(placement.reason,
                       "2 usable cores: shared, 1 thread on core 12; wait spin: a core is to spare"),
                0);
    CHECK_EQUAL(choose(&placement, VELOX_DEDICATED, VELOX_YIELD, "10,12", 2, error), VELOX_OK);
    CHECK_EQUAL(strcmp(placement.reason,
                       "2 usable cores: dedicated as asked, 4 threads on cores 10,12,10,12 as "
                       "asked; wait yield as asked"),
                0);
}

static void should_give_each_named_core_a_thread(void)
{
    vx_placement placement;
    char error[VELOX_ERROR_BYTES];
    CHECK_EQUAL(choose(&placement, VELOX_THREADING_AUTO, VELOX_SPIN, "14,10", 8, error), VELOX_OK);
    CHECK_EQUAL(placement.threading, VELOX_SHARED);
    CHECK_EQUAL(placement.threads, 2);
    CHECK_EQUAL(placement.cores[0], 14);
    CHECK_EQUAL(placement.cores[1], 10);
    CHECK_EQUAL(placement.usable_cores, 2);
    CHECK_EQUAL(choose(&placement, VELOX_THREADING_AUTO, VELOX_SPIN, "10,12,14,16", 4, error), VELOX_OK);
    CHECK_EQUAL(placement.threading, VELOX_DEDICATED);
    CHECK_EQUAL(placement.threads, 4);
}

static void should_let_threads_share_a_core_that_is_named_twice(void)
{
    vx_placement placement;
    char error[VELOX_ERROR_BYTES];
    const int expected[VELOX_STAGES] = {10, 12, 12, 12};
    CHECK_EQUAL(choose(&placement, VELOX_THREADING_AUTO, VELOX_WAIT_AUTO, "10,12,12,12", 8, error), VELOX_OK);
    CHECK_EQUAL(placement.threading, VELOX_DEDICATED);
    CHECK_EQUAL(placement.usable_cores, 2);
    CHECK_EQUAL(placement.wait, VELOX_BACKOFF); /* six cores are idle, but these threads may not go there */
    for (int i = 0; i < VELOX_STAGES; i++)
        CHECK_EQUAL(placement.cores[i], expected[i]);
    CHECK_EQUAL(choose(&placement, VELOX_THREADING_AUTO, VELOX_SPIN, "10,12,12,12", 8, error),
                VELOX_NOT_PERMITTED);
    CHECK(strstr(error, "4 threads, 2 named cores") != NULL);
}

static void should_refuse_cores_with_one_clear_line(void)
{
    static const struct {
        const char *cores;
        const char *message;
    } cases[] = {
        {"", "--cores: \"\" is not a list like 0,1,2,3"},
        {"a", "--cores: \"a\" is not a list like 0,1,2,3"},
        {"10,", "--cores: \"10,\" is not a list like 0,1,2,3"},
        {",10", "--cores: \",10\" is not a list like 0,1,2,3"},
        {"10 12", "--cores: \"10 12\" is not a list like 0,1,2,3"},
        {"-1", "--cores: \"-1\" is not a list like 0,1,2,3"},
        {"10-12", "--cores: \"10-12\" is not a list like 0,1,2,3"},
        {"99999999999999999999", "--cores: \"99999999999999999999\" is not a list like 0,1,2,3"},
        {"99", "--cores: core 99 is not usable by this process; usable: 10,12,14"},
        {"10,11", "--cores: core 11 is not usable by this process; usable: 10,12,14"},
        {"10,12,14,10,12", "--cores: more than 4 cores named; there is at most one thread a stage"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        vx_placement placement;
        char error[VELOX_ERROR_BYTES];
        CHECK_EQUAL(choose(&placement, VELOX_THREADING_AUTO, VELOX_WAIT_AUTO, cases[i].cores, 3, error),
                    VELOX_INVALID_ARGUMENT);
        if (strcmp(error, cases[i].message) != 0)
            fprintf(stderr, "%s\n", error);
        CHECK_EQUAL(strcmp(error, cases[i].message), 0);
    }
}

static void should_name_usable_cores_in_ranges_however_many(void)
{
    static int cores[1024];
    vx_placement placement;
    char error[VELOX_ERROR_BYTES];
    for (int i = 0; i < 1024; i++)
        cores[i] = i;
    CHECK_EQUAL(
        vx_placement_choose(&placement, VELOX_THREADING_AUTO, VELOX_WAIT_AUTO, "2000", cores, 1024, error),
        VELOX_INVALID_ARGUMENT);
    CHECK_EQUAL(strcmp(error, "--cores: core 2000 is not usable by this process; usable: 0-1023"), 0);
    for (int i = 0; i < 1024; i++)
        cores[i] = 2 * i;
    CHECK_EQUAL(
        vx_placement_choose(&placement, VELOX_THREADING_AUTO, VELOX_WAIT_AUTO, "1", cores, 1024, error),
        VELOX_INVALID_ARGUMENT);
    CHECK(strlen(error) < 160);
}

int main(void)
{
    RUN(should_follow_the_table_on_every_machine);
    RUN(should_say_why_spin_is_refused_and_what_to_do);
    RUN(should_say_what_was_chosen_and_why);
    RUN(should_give_each_named_core_a_thread);
    RUN(should_let_threads_share_a_core_that_is_named_twice);
    RUN(should_refuse_cores_with_one_clear_line);
    RUN(should_name_usable_cores_in_ranges_however_many);
    return 0;
}
