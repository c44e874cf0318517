/* Medians and their intervals, and the verdict on a goal. */
#include <string.h>

#include "../../tests/check.h"
#include "goals.h"

static void of_nothing_all_is_zero(void)
{
    const bench_spread spread = bench_spread_of(NULL, 0);
    CHECK(spread.count == 0 && spread.median == 0 && spread.high == 0);
}

static void one_value_is_its_own_interval(void)
{
    double one[] = {7};
    const bench_spread spread = bench_spread_of(one, 1);
    CHECK(spread.median == 7 && spread.low == 7 && spread.high == 7);
}

static void an_even_number_has_its_median_between_the_middle_two(void)
{
    double four[] = {4, 1, 3, 2};
    const bench_spread spread = bench_spread_of(four, 4);
    CHECK(spread.median == 2.5 && spread.least == 1 && spread.most == 4);
}

/* The ranks that tables of the sign test give at 95 %: 1 of 6, 2 of 9, 6 of 20, 10 of 30. */
static void intervals_are_those_of_the_sign_test(void)
{
    static const size_t counts[] = {5, 6, 8, 9, 11, 12, 20, 30};
    static const double ranks[] = {1, 1, 1, 2, 2, 3, 6, 10};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        double values[30];
        for (size_t k = 0; k < counts[i]; k++)
            values[k] = (double)(counts[i] - k);
        const bench_spread spread = bench_spread_of(values, counts[i]);
        CHECK(spread.low == ranks[i]);
        CHECK(spread.high == (double)(counts[i] + 1) - ranks[i]);
    }
}

static const bench_entry ENTRY = {
    .name = "entry",
    .figure_count = 1,
    .contenders = {{"ours", NULL, NULL, 0}, {"ours too", NULL, NULL, 0}, {"theirs", NULL, NULL, 0}}};

/* Two rounds that count and one that does not. */
static void fill(bench_result *result, double ours, double ours_too, double theirs)
{
    memset(result, 0, sizeof *result);
    result->entry = &ENTRY;
    result->contenders = 3;
    result->rounds = 3;
    for (int i = 0; i < 3; i++) {
        result->round[i].kept = i != 2;
        result->round[i].figures[0][0] = ours * (i == 2 ? 100 : 1);
        result->round[i].figures[1][0] = ours_too;
        result->round[i].figures[2][0] = theirs;
    }
}

static void the_best_of_several_is_compared_in_rounds_that_count(void)
{
    static bench_result result;
    bench_spread spread;
    const bench_goal goal = {"entry", 0, "ours", "theirs", 0.5, 4, 1, ""};
    fill(&result, 10, 40, 5);
    CHECK_EQUAL(bench_judge(&goal, &result, &spread), BENCH_MET);
    CHECK(spread.count == 2 && spread.median == 4);
    fill(&result, 10, 18, 5);
    CHECK_EQUAL(bench_judge(&goal, &result, &spread), BENCH_MISSED);
}

static void a_goal_is_met_to_within_a_tenth(void)
{
    static bench_result result;
    bench_spread spread;
    const bench_goal goal = {"entry", 0, "theirs", NULL, 1, 100, 0, ""};
    fill(&result, 0, 0, 109);
    CHECK_EQUAL(bench_judge(&goal, &result, &spread), BENCH_MET);
    fill(&result, 0, 0, 111);
    CHECK_EQUAL(bench_judge(&goal, &result, &spread), BENCH_MISSED);
}

static void an_interval_too_wide_around_the_goal_tells_nothing(void)
{
    static bench_result result;
    bench_spread spread;
    const bench_goal goal = {"entry", 0, "theirs", NULL, 1, 100, 0, ""};
    fill(&result, 0, 0, 50);
    result.round[1].figures[2][0] = 300;
    CHECK_EQUAL(bench_judge(&goal, &result, &spread), BENCH_UNSURE);
}

static void a_side_that_did_not_run_leaves_it_unknown(void)
{
    static bench_result result;
    bench_spread spread;
    const bench_goal goal = {"entry", 0, "ours", "theirs", 1, 1, 1, ""};
    fill(&result, 1, 1, 1);
    strcpy(result.missing_contender[2], "not installed");
    CHECK_EQUAL(bench_judge(&goal, &result, &spread), BENCH_UNKNOWN);
}

int main(void)
{
    RUN(of_nothing_all_is_zero);
    RUN(one_value_is_its_own_interval);
    RUN(an_even_number_has_its_median_between_the_middle_two);
    RUN(intervals_are_those_of_the_sign_test);
    RUN(the_best_of_several_is_compared_in_rounds_that_count);
    RUN(a_goal_is_met_to_within_a_tenth);
    RUN(an_interval_too_wide_around_the_goal_tells_nothing);
    RUN(a_side_that_did_not_run_leaves_it_unknown);
    return 0;
}
