/* The clock: its arithmetic at the edges, what makes a calibration be refused, and a real one against
 * CLOCK_MONOTONIC. */
#include "clock.h"

#include <string.h>

#include "check.h"

#define SECOND UINT64_C(1000000000)

static vx_clock clock_of(uint64_t hz, uint64_t base_ticks, uint64_t base_ns)
{
    return (vx_clock){.kind = VX_CLOCK_TSC,
                      .multiplier = ((SECOND << VX_CLOCK_SHIFT) + hz / 2) / hz,
                      .base_ticks = base_ticks,
                      .base_ns = base_ns,
                      .hz = hz};
}

static uint64_t distance(uint64_t left, uint64_t right)
{
    return left > right ? left - right : right - left;
}

static void should_read_the_base_at_the_base(void)
{
    const vx_clock clock = clock_of(2600000000, 123456789, 42 * SECOND);
    CHECK_EQUAL(vx_clock_at_ticks(&clock, 123456789), 42 * SECOND);
}

static void should_read_earlier_when_a_counter_lags_the_base(void)
{
    const vx_clock clock = clock_of(SECOND, 1000, 5000);
    CHECK_EQUAL(vx_clock_at_ticks(&clock, 990), 4990);
    CHECK_EQUAL(vx_clock_at_ticks(&clock, 0), 4000);
}

static void should_go_on_when_the_counter_wraps(void)
{
    const vx_clock clock = clock_of(SECOND, UINT64_MAX - 9, 5000);
    CHECK_EQUAL(vx_clock_at_ticks(&clock, 20), 5030);
}

static void should_not_overflow_in_a_century(void)
{
    const uint64_t century_s = UINT64_C(3155760000);
    const uint64_t rates_hz[] = {1000000, 24000000, SECOND, 2596126289};
    for (size_t i = 0; i < sizeof rates_hz / sizeof rates_hz[0]; i++) {
        const vx_clock clock = clock_of(rates_hz[i], 7, 11);
        const uint64_t ns = vx_clock_at_ticks(&clock, 7 + rates_hz[i] * century_s) - 11;
        CHECK(distance(ns, century_s * SECOND) <= century_s); /* 1 in 10^9 */
    }
}

static void should_keep_nanoseconds_apart_at_every_rate(void)
{
    const vx_clock clock = clock_of(3000000000, 0, 0);
    for (uint64_t ticks = 0; ticks < 3000; ticks += 3)
        CHECK(distance(vx_clock_at_ticks(&clock, ticks), ticks / 3) <= 1);
}

/* Anchors of an even counter of 2.5 GHz that was read at t, t + 8 ms, t + 16 ms. */
static void take_even(vx_clock_anchor *anchors)
{
    for (uint64_t i = 0; i < 3; i++)
        anchors[i] =
            (vx_clock_anchor){.ticks = 1000 + i * 20000000, .ns = 777 * SECOND + i * 8000000, .width = 100};
}

static void should_fit_an_even_counter(void)
{
    vx_clock_anchor anchors[3];
    vx_clock clock = {.kind = VX_CLOCK_TSC};
    take_even(anchors);
    CHECK(vx_clock_fit(&clock, anchors, 0));
    CHECK_EQUAL(clock.hz, 2500000000);
    for (int i = 0; i < 3; i++)
        CHECK(distance(vx_clock_at_ticks(&clock, anchors[i].ticks), anchors[i].ns) <= 1);
}

static void should_refuse_anchors_too_wide_for_20_ppm(void)
{
    vx_clock_anchor anchors[3];
    vx_clock clock = {.kind = VX_CLOCK_TSC};
    take_even(anchors);
    anchors[0].width = anchors[2].width = 800; /* half of both: 20 ppm of 40,000,000 ticks */
    CHECK(vx_clock_fit(&clock, anchors, 0));
    anchors[2].width = 801;
    CHECK(!vx_clock_fit(&clock, anchors, 0));
}

static void should_refuse_a_counter_that_runs_unevenly(void)
{
    vx_clock_anchor anchors[3];
    vx_clock clock = {.kind = VX_CLOCK_TSC};
    take_even(anchors);
    anchors[1].ticks += 20000; /* 0.1 % ahead half-way */
    CHECK(!vx_clock_fit(&clock, anchors, 0));
    anchors[1].ticks -= 40000;
    CHECK(!vx_clock_fit(&clock, anchors, 0));
}

static void should_refuse_a_counter_that_stands_or_goes_backwards(void)
{
    vx_clock_anchor anchors[3];
    vx_clock clock = {.kind = VX_CLOCK_TSC};
    take_even(anchors);
    anchors[1].ticks = anchors[2].ticks = anchors[0].ticks;
    CHECK(!vx_clock_fit(&clock, anchors, 0));
    anchors[2].ticks = anchors[0].ticks - 40000000;
    CHECK(!vx_clock_fit(&clock, anchors, 0));
}

static void should_adopt_a_stated_rate_unless_it_contradicts(void)
{
    vx_clock_anchor anchors[3];
    vx_clock clock = {.kind = VX_CLOCK_CNTVCT};
    take_even(anchors);
    CHECK(vx_clock_fit(&clock, anchors, 2500100000)); /* 40 ppm off what was measured */
    CHECK_EQUAL(clock.hz, 2500100000);
    CHECK(!vx_clock_fit(&clock, anchors, 2400000000));
    CHECK(!vx_clock_fit(&clock, anchors, UINT64_MAX));
}

/* Every reading lies between two of CLOCK_MONOTONIC around it, but for 20 ppm of the time since calibration
 * and what NTP slews (at most 500 ppm) meanwhile. */
static void should_stay_on_the_axis_of_clock_monotonic(void)
{
    vx_clock clock;
    vx_clock_init_calibrated(&clock);
    const uint64_t start_ns = vx_monotonic_ns();
    printf("   clock kind %d, %" PRIu64 " Hz\n", (int)clock.kind, clock.hz);
    for (int i = 0; i < 200000; i++) {
        const uint64_t before_ns = vx_monotonic_ns();
        const uint64_t now_ns = vx_clock_now_ns(&clock);
        const uint64_t after_ns = vx_monotonic_ns();
        const uint64_t drift_ns = 1000 + (after_ns - start_ns) * (20 + 500) / 1000000;
        CHECK(now_ns + drift_ns >= before_ns);
        CHECK(now_ns <= after_ns + drift_ns);
    }
}

#if defined(__x86_64__)
/* Whether the file has the word; `absent` when there is no such file. */
static int file_has(const char *path, const char *wanted, int absent)
{
    char word[64];
    int found = 0;
    FILE *const file = fopen(path, "re");
    if (file == NULL)
        return absent;
    while (!found && fscanf(file, "%63s", word) == 1)
        found = strcmp(word, wanted) == 0;
    fclose(file);
    return found;
}
#endif

/* A machine disturbed in every one of ten calibrations has no use for the counter either. */
static void should_adopt_the_counter_where_it_is_invariant(void)
{
    vx_clock clock;
#if defined(__x86_64__)
    const int invariant =
        file_has("/proc/cpuinfo", "nonstop_tsc", 0) &&
        file_has("/sys/devices/system/clocksource/clocksource0/available_clocksource", "tsc", 1);
    const vx_clock_kind expected = invariant ? VX_CLOCK_TSC : VX_CLOCK_MONOTONIC;
#elif defined(__aarch64__)
    const vx_clock_kind expected = VX_CLOCK_CNTVCT;
#else
    const vx_clock_kind expected = VX_CLOCK_MONOTONIC;
#endif
    vx_clock_init_calibrated(&clock);
    for (int i = 1; i < 10 && clock.kind != expected; i++)
        vx_clock_init_calibrated(&clock);
    CHECK_EQUAL(clock.kind, expected);
}

static void should_never_go_backwards_on_a_thread(void)
{
    vx_clock clock;
    vx_clock_init_calibrated(&clock);
    uint64_t last_ns = 0;
    for (int i = 0; i < 1000000; i++) {
        const uint64_t now_ns = vx_clock_now_ns(&clock);
        CHECK(now_ns >= last_ns);
        last_ns = now_ns;
    }
}

static void should_read_clock_monotonic_itself_when_told_to(void)
{
    vx_clock clock;
    vx_clock_init_monotonic(&clock);
    CHECK_EQUAL(clock.kind, VX_CLOCK_MONOTONIC);
    CHECK_EQUAL(clock.hz, SECOND);
    const uint64_t before_ns = vx_monotonic_ns();
    const uint64_t now_ns = vx_clock_now_ns(&clock);
    const uint64_t public_ns = velox_clock_monotonic_ns();
    CHECK(before_ns <= now_ns && now_ns <= public_ns && public_ns <= vx_monotonic_ns());
}

static void should_stand_still_when_virtual(void)
{
    vx_clock clock;
    vx_clock_init_virtual(&clock, 5);
    CHECK_EQUAL(clock.kind, VX_CLOCK_VIRTUAL);
    CHECK_EQUAL(vx_clock_now_ns(&clock), 5);
    CHECK_EQUAL(vx_clock_now_ns(&clock), 5);
    clock.virtual_ns = 6;
    CHECK_EQUAL(vx_clock_now_ns(&clock), 6);
}

int main(void)
{
    RUN(should_read_the_base_at_the_base);
    RUN(should_read_earlier_when_a_counter_lags_the_base);
    RUN(should_go_on_when_the_counter_wraps);
    RUN(should_not_overflow_in_a_century);
    RUN(should_keep_nanoseconds_apart_at_every_rate);
    RUN(should_fit_an_even_counter);
    RUN(should_refuse_anchors_too_wide_for_20_ppm);
    RUN(should_refuse_a_counter_that_runs_unevenly);
    RUN(should_refuse_a_counter_that_stands_or_goes_backwards);
    RUN(should_adopt_a_stated_rate_unless_it_contradicts);
    RUN(should_stay_on_the_axis_of_clock_monotonic);
    RUN(should_adopt_the_counter_where_it_is_invariant);
    RUN(should_never_go_backwards_on_a_thread);
    RUN(should_read_clock_monotonic_itself_when_told_to);
    RUN(should_stand_still_when_virtual);
    return 0;
}
