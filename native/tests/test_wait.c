/* Waiting: how long a park may last, when there is none, what is counted. */
#include "wait.h"

#include "check.h"

static vx_clock monotonic(void)
{
    vx_clock clock;
    vx_clock_init_monotonic(&clock);
    return clock;
}

/* A waiter in backoff that has spun and yielded: its next idle turn parks. */
static vx_waiter about_to_park(const vx_clock *clock)
{
    vx_waiter waiter;
    vx_waiter_init(&waiter, VELOX_BACKOFF);
    for (int i = 0; i < VX_WAIT_SPINS + VX_WAIT_YIELDS; i++)
        vx_waiter_idle(&waiter, clock, UINT64_MAX);
    CHECK_EQUAL(waiter.parks, 0);
    return waiter;
}

static void should_end_a_park_at_the_sooner_of_deadline_and_quantum(void)
{
    CHECK_EQUAL(vx_park_until_ns(1000, UINT64_MAX), 1000 + VX_PARK_QUANTUM_NS);
    CHECK_EQUAL(vx_park_until_ns(1000, 1000 + VX_PARK_QUANTUM_NS + 1), 1000 + VX_PARK_QUANTUM_NS);
    CHECK_EQUAL(vx_park_until_ns(1000, 1000 + VX_PARK_QUANTUM_NS - 1), 1000 + VX_PARK_QUANTUM_NS - 1);
    CHECK_EQUAL(vx_park_until_ns(1000, 1001), 1001);
}

static void should_not_park_when_the_deadline_has_passed(void)
{
    CHECK_EQUAL(vx_park_until_ns(1000, 1000), 1000);
    CHECK_EQUAL(vx_park_until_ns(1000, 999), 1000);
    CHECK_EQUAL(vx_park_until_ns(1000, 0), 1000);
    const vx_clock clock = monotonic();
    vx_waiter waiter = about_to_park(&clock);
    vx_waiter_idle(&waiter, &clock, vx_clock_now_ns(&clock));
    vx_waiter_idle(&waiter, &clock, 0);
    CHECK_EQUAL(waiter.parks, 0);
    CHECK_EQUAL(waiter.parked_ns, 0);
}

static void should_park_once_spins_and_yields_are_spent(void)
{
    const vx_clock clock = monotonic();
    vx_waiter waiter = about_to_park(&clock);
    vx_waiter_idle(&waiter, &clock, UINT64_MAX);
    CHECK_EQUAL(waiter.parks, 1);
    CHECK(waiter.parked_ns >= VX_PARK_QUANTUM_NS); /* the kernel wakes no sooner */
}

static void should_not_come_back_before_the_deadline(void)
{
    const vx_clock clock = monotonic();
    vx_waiter waiter = about_to_park(&clock);
    for (uint64_t parks = 0; waiter.parks < 20; parks = waiter.parks) {
        const uint64_t deadline_ns = vx_clock_now_ns(&clock) + VX_PARK_QUANTUM_NS / 2;
        vx_waiter_idle(&waiter, &clock, deadline_ns);
        CHECK(vx_clock_now_ns(&clock) >= deadline_ns || waiter.parks == parks);
    }
}

static void should_park_again_at_once_when_a_park_brought_nothing(void)
{
    const vx_clock clock = monotonic();
    vx_waiter waiter = about_to_park(&clock);
    for (int i = 0; i < 3; i++)
        vx_waiter_idle(&waiter, &clock, UINT64_MAX);
    CHECK_EQUAL(waiter.parks, 3);
}

static void should_spin_and_yield_anew_after_work(void)
{
    const vx_clock clock = monotonic();
    vx_waiter waiter = about_to_park(&clock);
    vx_waiter_idle(&waiter, &clock, UINT64_MAX);
    vx_waiter_worked(&waiter);
    for (int i = 0; i < VX_WAIT_SPINS + VX_WAIT_YIELDS; i++)
        vx_waiter_idle(&waiter, &clock, UINT64_MAX);
    CHECK_EQUAL(waiter.parks, 1);
    vx_waiter_idle(&waiter, &clock, UINT64_MAX);
    CHECK_EQUAL(waiter.parks, 2);
}

static void should_never_park_in_spin_or_yield(void)
{
    const vx_clock clock = monotonic();
    const velox_wait modes[] = {VELOX_SPIN, VELOX_YIELD};
    for (int mode = 0; mode < 2; mode++) {
        vx_waiter waiter;
        vx_waiter_init(&waiter, modes[mode]);
        for (int i = 0; i < 1000; i++)
            vx_waiter_idle(&waiter, &clock, UINT64_MAX);
        CHECK_EQUAL(waiter.parks, 0);
        CHECK_EQUAL(waiter.parked_ns, 0);
    }
}

static void should_take_a_new_mode_at_the_next_turn(void)
{
    const vx_clock clock = monotonic();
    vx_waiter waiter = about_to_park(&clock);
    waiter.mode = VELOX_YIELD;
    vx_waiter_idle(&waiter, &clock, UINT64_MAX);
    CHECK_EQUAL(waiter.parks, 0);
    waiter.mode = VELOX_BACKOFF;
    vx_waiter_idle(&waiter, &clock, UINT64_MAX);
    CHECK_EQUAL(waiter.parks, 1);
}

/* The clock's axis need not be the kernel's: what counts is the span. */
static void should_park_for_the_span_on_a_clock_far_off(void)
{
    const vx_clock clock = {.kind = VX_CLOCK_VIRTUAL, .virtual_ns = UINT64_C(1) << 62};
    vx_waiter waiter = about_to_park(&clock);
    const uint64_t before_ns = vx_monotonic_ns();
    vx_waiter_idle(&waiter, &clock, clock.virtual_ns + 1000);
    CHECK_EQUAL(waiter.parks, 1);
    CHECK(vx_monotonic_ns() >= before_ns + 1000);
}

int main(void)
{
    RUN(should_end_a_park_at_the_sooner_of_deadline_and_quantum);
    RUN(should_not_park_when_the_deadline_has_passed);
    RUN(should_park_once_spins_and_yields_are_spent);
    RUN(should_not_come_back_before_the_deadline);
    RUN(should_park_again_at_once_when_a_park_brought_nothing);
    RUN(should_spin_and_yield_anew_after_work);
    RUN(should_never_park_in_spin_or_yield);
    RUN(should_take_a_new_mode_at_the_next_turn);
    RUN(should_park_for_the_span_on_a_clock_far_off);
    return 0;
}
