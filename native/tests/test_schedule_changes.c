/* The schedule of arrivals when its rate is changed or it is held. */
#include "arrivals.h"

/* A quarter of a second into an interval of one, three quarters of it are left: at twice the rate 375 ms. */
static void shouldRescaleWhatIsLeftWhenTheRateChanges(void)
{
    vx_schedule_init(&schedule, VELOX_CONSTANT, 1000, 1, START);
    CHECK_EQUAL(vx_schedule_due(&schedule, START + SECOND / 4, arrivals, 64), 0);
    vx_schedule_set_rate(&schedule, 2000, START + SECOND / 4);
    take(&schedule, arrivals, 3);
    CHECK_EQUAL(arrivals[0], START + SECOND / 4 + 375000000);
    CHECK_EQUAL(arrivals[1], arrivals[0] + SECOND / 2);
    CHECK_EQUAL(arrivals[2], arrivals[1] + SECOND / 2);
}

static void shouldLeaveDueArrivalsAsTheyWereWhenTheRateChanges(void)
{
    vx_schedule_init(&schedule, VELOX_CONSTANT, 1000000, 1, START);
    vx_schedule_set_rate(&schedule, 1000000000, START + 10000000);
    vx_schedule_set_rate(&schedule, 10000000, START + 11000000);
    take(&schedule, arrivals, 1020);
    for (uint64_t k = 1; k <= 10; k++)
        CHECK_EQUAL(arrivals[k - 1], START + k * 1000000);
    for (uint64_t k = 1; k <= 1000; k++) {
        const uint64_t exact_ns = START + 10000000 + k * 1000;
        CHECK(arrivals[9 + k] >= exact_ns && arrivals[9 + k] <= exact_ns + 1);
    }
    CHECK(arrivals[1010] >= START + 11100000 && arrivals[1010] <= START + 11100001);
    CHECK_EQUAL(arrivals[1019] - arrivals[1010], 900000);
}

/* However often the rate changes, the count of even arrivals is the integral of the rate. */
static void shouldNeitherLoseNorGainWhenTheRateChangesOften(void)
{
    vx_u128 integral = 0; /* mHz ns = 1e-12 arrivals */
    uint64_t rate_millihz = 30000000;
    uint64_t now_ns = START;
    uint64_t counted = 0;
    vx_random random;
    vx_random_seed(&random, 1, VX_STREAM_FLOW);
    vx_schedule_init(&schedule, VELOX_CONSTANT, rate_millihz, 1, START);
    for (int i = 0; i < 20000; i++) {
        const uint64_t wait_ns = 1 + vx_random_next(&random) % 50000;
        integral += (vx_u128)rate_millihz * wait_ns;
        now_ns += wait_ns;
        counted += count_until(&schedule, now_ns - 1);
        rate_millihz = 1000 + vx_random_next(&random) % 100000000;
        vx_schedule_set_rate(&schedule, rate_millihz, now_ns - 1);
    }
    const uint64_t due = (uint64_t)(integral / 1000000000000u);
    CHECK(counted + 1 >= due && counted <= due + 1);
}

static void shouldKeepTheMeanOfBothWhenPoissonRateAlternates(void)
{
    uint64_t counted = 0;
    vx_schedule_init(&schedule, VELOX_POISSON, 10000000, 2, START);
    for (uint64_t i = 1; i <= 200000; i++) {
        counted += count_until(&schedule, START + i * 20000 - 1);
        vx_schedule_set_rate(&schedule, i % 2 ? 30000000 : 10000000, START + i * 20000 - 1);
    }
    CHECK(plausible(counted, 80000));
}

/* More changes than can be kept: the newest rate holds in the end, and nothing due before the first is
 * touched. */
static void shouldEndAtTheNewestRateWhenChangesPileUp(void)
{
    vx_schedule_init(&schedule, VELOX_CONSTANT, 1000000, 1, START);
    for (uint64_t i = 0; i < 100; i++)
        vx_schedule_set_rate(&schedule, 1000000 + i * 1000, START + 5000000 + i);
    vx_schedule_set_rate(&schedule, 2000000, START + 6000000);
    CHECK_EQUAL(schedule.pace.changes, VX_RATE_CHANGES);
    take(&schedule, arrivals, 100);
    CHECK_EQUAL(arrivals[4], START + 5000000);
    CHECK_EQUAL(arrivals[99] - arrivals[98], 500000);
}

static void check_hold(velox_pattern pattern, uint64_t hold_ns)
{
    static vx_schedule held;
    const uint64_t pause_ns = 7 * SECOND + 12345;
    vx_schedule_init(&schedule, pattern, 50000000, 8, START);
    vx_schedule_init(&held, pattern, 50000000, 8, START);
    const uint64_t before = count_until(&schedule, hold_ns);
    CHECK_EQUAL(count_until(&held, hold_ns), before);
    vx_schedule_hold(&held, hold_ns);
    vx_schedule_hold(&held, hold_ns + SECOND);
    CHECK_EQUAL(vx_schedule_due(&held, hold_ns + pause_ns, arrivals, 64), 0);
    CHECK(vx_schedule_next_ns(&held) == UINT64_MAX);
    vx_schedule_release(&held, hold_ns + pause_ns);
    vx_schedule_release(&held, hold_ns + 2 * pause_ns);
    CHECK_EQUAL(vx_schedule_next_ns(&held), vx_schedule_next_ns(&schedule) + pause_ns);
    CHECK_EQUAL(vx_schedule_due(&held, hold_ns + pause_ns, arrivals, 64), 0);
    take(&schedule, arrivals, 50000);
    take(&held, arrivals + 50000, 50000);
    for (int i = 0; i < 50000; i++)
        CHECK_EQUAL(arrivals[50000 + i], arrivals[i] + pause_ns);
}

/* Held within a burst, and between two. */
static void shouldWaitAsIfTimeStoodStillWhenHeld(void)
{
    for (int pattern = VELOX_POISSON; pattern <= VELOX_RAMP; pattern++) {
        check_hold((velox_pattern)pattern, START + 103000000);
        check_hold((velox_pattern)pattern, START + 150000000);
    }
}

static void shouldTakeTheNewRateFromTheReleaseOnWhenChangedWhileHeld(void)
{
    vx_schedule_init(&schedule, VELOX_CONSTANT, 1000, 1, START);
    vx_schedule_hold(&schedule, START + SECOND / 2);
    vx_schedule_set_rate(&schedule, 7000, START + SECOND);
    vx_schedule_set_rate(&schedule, 2000, START + 2 * SECOND);
    vx_schedule_release(&schedule, START + 3 * SECOND);
    take(&schedule, arrivals, 2);
    CHECK_EQUAL(arrivals[0], START + 3 * SECOND + SECOND / 4);
    CHECK_EQUAL(arrivals[1] - arrivals[0], SECOND / 2);
}

int main(void)
{
    RUN(shouldRescaleWhatIsLeftWhenTheRateChanges);
    RUN(shouldLeaveDueArrivalsAsTheyWereWhenTheRateChanges);
    RUN(shouldNeitherLoseNorGainWhenTheRateChangesOften);
    RUN(shouldKeepTheMeanOfBothWhenPoissonRateAlternates);
    RUN(shouldEndAtTheNewestRateWhenChangesPileUp);
    RUN(shouldWaitAsIfTimeStoodStillWhenHeld);
    RUN(shouldTakeTheNewRateFromTheReleaseOnWhenChangedWhileHeld);
    return 0;
}
