/* The schedule of arrivals: exact, free of drift, the same however it is asked; the patterns. */
#include <string.h>

#include "arrivals.h"

static void shouldHitEveryMultipleExactlyWhenConstant(void)
{
    static const uint64_t rates[] = {1000,      1001,         3000,         7001,
                                     299792458, 333333333333, 99999999999,  100000000,
                                     123456789, 700000000000, 999999999999, 1000000000000};
    for (unsigned r = 0; r < sizeof rates / sizeof *rates; r++) {
        vx_schedule_init(&schedule, VELOX_CONSTANT, rates[r], 1, START);
        take(&schedule, arrivals, MANY);
        for (uint64_t k = 1; k <= MANY; k++)
            CHECK_EQUAL(arrivals[k - 1], START + (uint64_t)((vx_u128)k * 1000000000000u / rates[r]));
    }
}

static void shouldComeOneIntervalAfterTheStartWhenFirst(void)
{
    vx_schedule_init(&schedule, VELOX_CONSTANT, 100000000, 1, START);
    CHECK_EQUAL(vx_schedule_due(&schedule, START + 9999, arrivals, 64), 0);
    CHECK_EQUAL(vx_schedule_next_ns(&schedule), START + 10000);
    CHECK_EQUAL(vx_schedule_due(&schedule, START + 10000, arrivals, 64), 1);
    double sum = 0;
    for (uint64_t seed = 0; seed < 10000; seed++) {
        vx_schedule_init(&schedule, VELOX_POISSON, 1000000, seed, START);
        CHECK(vx_schedule_next_ns(&schedule) > START);
        sum += (double)(vx_schedule_next_ns(&schedule) - START);
    }
    CHECK(sum / 10000 > 1e6 * 0.96 && sum / 10000 < 1e6 * 1.04);
}

static void shouldKeepTheRestWhenThereIsNoRoom(void)
{
    vx_schedule_init(&schedule, VELOX_CONSTANT, 1000000, 1, START);
    for (uint64_t k = 1; k <= 1000; k++) {
        CHECK_EQUAL(vx_schedule_due(&schedule, START + SECOND, arrivals, 1), 1);
        CHECK_EQUAL(arrivals[0], START + k * 1000000);
        CHECK_EQUAL(vx_schedule_due(&schedule, START + SECOND, arrivals, 0), 0);
    }
    CHECK_EQUAL(vx_schedule_due(&schedule, START + SECOND, arrivals, 64), 0);
}

/* Every arrival is announced by vx_schedule_next_ns and comes then, not before; time and room vary from call
 * to call. */
static void checkGranularity(velox_pattern pattern, uint64_t rate_millihz)
{
    static vx_schedule other;
    uint32_t got = 0;
    vx_random random;
    uint64_t now_ns = START;
    vx_random_seed(&random, rate_millihz, VX_STREAM_FLOW);
    vx_schedule_init(&schedule, pattern, rate_millihz, 9, START);
    vx_schedule_init(&other, pattern, rate_millihz, 9, START);
    take(&schedule, arrivals, 20000);
    while (got < 20000) {
        uint64_t intended_ns[8];
        const uint64_t bits = vx_random_next(&random);
        const uint64_t next_ns = vx_schedule_next_ns(&other);
        CHECK_EQUAL(next_ns, arrivals[got]);
        if (next_ns > now_ns)
            CHECK_EQUAL(vx_schedule_due(&other, next_ns - 1, intended_ns, 8), 0);
        now_ns = next_ns > now_ns ? next_ns : now_ns;
        now_ns += bits % 3 ? 0 : (bits >> 8) % (UINT64_C(3000000000000) / rate_millihz + 1);
        const uint32_t count = vx_schedule_due(&other, now_ns, intended_ns, 1 + (bits >> 2) % 8);
        CHECK(count > 0);
        for (uint32_t i = 0; i < count && got < 20000; i++)
            CHECK_EQUAL(intended_ns[i], arrivals[got++]);
    }
}

static void shouldGiveTheSameArrivalsHoweverItIsAsked(void)
{
    for (int pattern = VELOX_POISSON; pattern <= VELOX_RAMP; pattern++) {
        checkGranularity((velox_pattern)pattern, 1000000000);
        checkGranularity((velox_pattern)pattern, 7654321);
        checkGranularity((velox_pattern)pattern, 1000000000000);
    }
}

static void shouldNotGoBackInTime(void)
{
    for (int pattern = VELOX_POISSON; pattern <= VELOX_RAMP; pattern++) {
        vx_schedule_init(&schedule, (velox_pattern)pattern, 500000000, 3, START);
        take(&schedule, arrivals, MANY);
        for (int i = 1; i < MANY; i++)
            CHECK(arrivals[i] >= arrivals[i - 1]);
    }
}

static void shouldKeepTheMeanRateWhenPoisson(void)
{
    static const uint64_t rates_hz[] = {1, 10, 1000, 100000, 1000000};
    for (unsigned r = 0; r < sizeof rates_hz / sizeof *rates_hz; r++) {
        const uint64_t seconds = 200000 / rates_hz[r] + 1;
        vx_schedule_init(&schedule, VELOX_POISSON, rates_hz[r] * 1000, 4, START);
        CHECK(plausible(count_until(&schedule, START + seconds * SECOND), seconds * rates_hz[r]));
    }
}

static void shouldBeSilentOutsideBurstsAndKeepTheMeanWhenBursts(void)
{
    vx_schedule_init(&schedule, VELOX_BURSTS, 100000000, 5, START);
    take(&schedule, arrivals, MANY);
    for (int i = 0; i < MANY; i++)
        CHECK((arrivals[i] - START) % 100000000 < 10000000);
    vx_schedule_init(&schedule, VELOX_BURSTS, 100000000, 5, START);
    for (uint64_t period = 1; period <= 10; period++)
        CHECK(plausible(count_until(&schedule, START + period * 100000000 - 1), 10000));
    CHECK(plausible(count_until(&schedule, START + 10 * SECOND - 1), 900000));
    vx_schedule_init(&schedule, VELOX_BURSTS, 1000, 5, START);
    CHECK(plausible(count_until(&schedule, START + 20000 * SECOND), 20000));
}

static void shouldRiseStepByStepAndKeepTheMeanWhenRamp(void)
{
    vx_schedule_init(&schedule, VELOX_RAMP, 100000000, 6, START);
    for (uint64_t step = 0; step < 250; step++) {
        const uint64_t counted = count_until(&schedule, START + (step + 1) * 100000000 - 1);
        CHECK(plausible(counted, 100 * (2 * (step % 100) + 1)));
    }
    vx_schedule_init(&schedule, VELOX_RAMP, 1000, 6, START);
    CHECK(plausible(count_until(&schedule, START + 20000 * SECOND), 20000));
}

static void shouldGiveAsManyAsAskedWhenMax(void)
{
    vx_schedule_init(&schedule, VELOX_MAX, 1000, 1, START);
    CHECK_EQUAL(vx_schedule_due(&schedule, START - 1, arrivals, 64), 0);
    CHECK_EQUAL(vx_schedule_next_ns(&schedule), START);
    vx_schedule_set_rate(&schedule, 5000, START);
    for (uint64_t now_ns = START; now_ns < START + 100; now_ns++) {
        CHECK_EQUAL(vx_schedule_due(&schedule, now_ns, arrivals, 64), 64);
        CHECK_EQUAL(arrivals[0], now_ns);
        CHECK_EQUAL(arrivals[63], now_ns);
        CHECK(vx_schedule_next_ns(&schedule) <= now_ns);
    }
}

static void shouldGiveNothingWhenFile(void)
{
    vx_schedule_init(&schedule, VELOX_FILE, 1000, 1, START);
    vx_schedule_set_rate(&schedule, 5000, START);
    vx_schedule_hold(&schedule, START + 1);
    vx_schedule_release(&schedule, START + SECOND);
    CHECK_EQUAL(vx_schedule_due(&schedule, UINT64_MAX, arrivals, 64), 0);
    CHECK(vx_schedule_next_ns(&schedule) == UINT64_MAX);
}

static void shouldHaveTheSameDigestOnEveryMachine(void)
{
    static const uint64_t digests[] = {UINT64_C(5104618270069338299), UINT64_C(16636822905402426624),
                                       UINT64_C(3260344185253607481), UINT64_C(16582184663052983137)};
    for (int pattern = VELOX_POISSON; pattern <= VELOX_RAMP; pattern++) {
        uint64_t digest = 0;
        vx_schedule_init(&schedule, (velox_pattern)pattern, 100000000, 1, START);
        take(&schedule, arrivals, 100000);
        for (int i = 0; i < 100000; i++)
            digest = digest * 31 + arrivals[i];
        CHECK_EQUAL(digest, digests[pattern]);
    }
}

static void shouldDifferWhenTheSeedDiffers(void)
{
    for (uint64_t seed = 0; seed < 2; seed++) {
        vx_schedule_init(&schedule, VELOX_POISSON, 100000000, seed, START);
        take(&schedule, arrivals + seed * 1000, 1000);
    }
    CHECK(memcmp(arrivals, arrivals + 1000, 1000 * sizeof *arrivals) != 0);
}

int main(void)
{
    RUN(shouldHitEveryMultipleExactlyWhenConstant);
    RUN(shouldComeOneIntervalAfterTheStartWhenFirst);
    RUN(shouldKeepTheRestWhenThereIsNoRoom);
    RUN(shouldGiveTheSameArrivalsHoweverItIsAsked);
    RUN(shouldNotGoBackInTime);
    RUN(shouldKeepTheMeanRateWhenPoisson);
    RUN(shouldBeSilentOutsideBurstsAndKeepTheMeanWhenBursts);
    RUN(shouldRiseStepByStepAndKeepTheMeanWhenRamp);
    RUN(shouldGiveAsManyAsAskedWhenMax);
    RUN(shouldGiveNothingWhenFile);
    RUN(shouldHaveTheSameDigestOnEveryMachine);
    RUN(shouldDifferWhenTheSeedDiffers);
    return 0;
}
