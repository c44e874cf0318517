/* The prediction, on results made by hand. */
#include <math.h>
#include <string.h>

#include "../../tests/check.h"
#include "predict.h"

static void nothing(bench_trial *trial)
{
    (void)trial;
}

static const bench_figure figures[6];
static const bench_entry one = {.name = "flood.one_core",
                                .figures = figures,
                                .figure_count = 6,
                                .contenders = {{"velox", nothing, NULL, 0}}},
                         two = {.name = "flood.two_cores",
                                .figures = figures,
                                .figure_count = 6,
                                .contenders = {{"velox", nothing, NULL, 0}}},
                         stream = {.name = "floor.stream",
                                   .figures = figures,
                                   .figure_count = 1,
                                   .contenders = {{"machine", nothing, NULL, 0}}},
                         four = {.name = "flood.dedicated",
                                 .figures = figures,
                                 .figure_count = 6,
                                 .contenders = {{"velox", nothing, NULL, 0}}};

static void put(bench_result *result, const bench_entry *entry, const double *values)
{
    memset(result, 0, sizeof *result);
    result->entry = entry;
    result->contenders = result->rounds = result->kept = 1;
    result->round[0].kept = 1;
    memcpy(result->round[0].figures[0], values, 6 * sizeof *values);
}

static int near(double left, double right)
{
    return fabs(left - right) < 1e-9;
}

static bench_result results[4];
static const double alone[6] = {60, 16, 4, 5, 2, 1}, across[6] = {80, 25, 6, 8, 2, 1};

static void test_the_slowest_stage_with_what_it_hands_on_and_takes_over(void)
{
    bench_prediction found;
    put(&results[0], &one, alone);
    put(&results[1], &two, across);
    CHECK(bench_predict(results, 2, &found));
    CHECK(near(found.handing_ns, 2) && near(found.taking_ns, 3));
    const double apart[4] = {4 + 2, 5 + 3 + 2, 2 + 3 + 2, 1 + 3};
    for (int stage = 0; stage < VELOX_STAGES; stage++)
        CHECK(near(found.apart_ns[stage], apart[stage]));
    CHECK_EQUAL(found.slowest, VELOX_ORDER_BOOK);
    CHECK(near(found.rate_m, 100));
    CHECK(found.ceiling_m == 0 && found.measured_m == 0);
}

static void test_the_ceiling_bounds_it_and_a_measurement_is_told(void)
{
    bench_prediction found;
    put(&results[2], &stream, (const double[6]){70});
    put(&results[3], &four, (const double[6]){65});
    CHECK(bench_predict(results, 4, &found));
    CHECK(near(found.rate_m, 70) && near(found.ceiling_m, 70) && near(found.measured_m, 65));
}

static void test_crossing_never_helps(void)
{
    bench_prediction found;
    put(&results[1], &two, (const double[6]){80, 25, 3, 4, 2, 1});
    CHECK(bench_predict(results, 2, &found));
    CHECK(found.handing_ns == 0 && found.taking_ns == 0);
}

static void test_without_two_cores_there_is_none(void)
{
    bench_prediction found;
    put(&results[1], &two, across);
    results[1].missing = "needs 2 usable cores";
    CHECK(!bench_predict(results, 2, &found));
    CHECK(!bench_predict(results, 1, &found));
    CHECK(!bench_predict(results, 0, &found));
}

int main(void)
{
    RUN(test_the_slowest_stage_with_what_it_hands_on_and_takes_over);
    RUN(test_the_ceiling_bounds_it_and_a_measurement_is_told);
    RUN(test_crossing_never_helps);
    RUN(test_without_two_cores_there_is_none);
    return 0;
}
