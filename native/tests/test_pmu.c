/* The processor's counters against a kernel of the test's own: what is refused is said, what is counted is
 * scaled, never decreases and is never counted twice. */
#include "check.h"

#if defined(__linux__)
#include "fake_pmu.h"

#define ALL   ((1U << VX_PMU_EVENTS) - 1)
#define EVERY VX_PMU_INTERVAL_NS

static VX_ATOMIC(uint64_t) words[VX_PMU_WORDS];
static vx_pmu pmu;

static void probe(int threads)
{
    vx_pmu_probe(&pmu, &fake_calls, threads);
    CHECK_EQUAL(fake.open_now, 0); /* nothing stays open */
    CHECK(pmu.text[0] != '\0' && strlen(pmu.text) < VX_PMU_TEXT - 1 && strchr(pmu.text, '\n') == NULL);
}

/* Counting thread 77 since time 1000. */
static void watch(void)
{
    memset(words, 0, sizeof words);
    probe(1);
    vx_pmu_watch(&pmu, 0, 77, words, 1000);
}

static void refuse_all(int cause)
{
    memset(&fake, 0, sizeof fake);
    for (int event = 0; event < VX_PMU_EVENTS; event++)
        fake.refusals[event] = cause;
}

static void should_name_the_reason_and_the_remedy_of_every_refusal(void)
{
    static const struct {
        int cause;
        const char *why, *remedy;
    } cases[] = {
        {EACCES, "not permitted", "perf_event_paranoid=2"},
        {EPERM, "not permitted", "CAP_PERFMON"},
        {ENOENT, "no performance counters", "PMU"},
        {EOPNOTSUPP, "no performance counters", "instance type"},
        {ENODEV, "no performance counters", "PMU"},
        {EINVAL, "no performance counters", "PMU"},
        {ENOSYS, "no perf_event_open", "CONFIG_PERF_EVENTS"},
        {EMFILE, "too many files", "ulimit -n"},
        {EIO, "Input/output error", "; "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        refuse_all(cases[i].cause);
        watch();
        const char *const remedy = strstr(pmu.text, "; ");
        CHECK_EQUAL(pmu.events, 0);
        CHECK(strstr(pmu.text, cases[i].why) != NULL && remedy != NULL);
        CHECK(strstr(remedy, cases[i].remedy) != NULL);
        vx_pmu_turn(&pmu, 10 * EVERY);
        vx_pmu_finish(&pmu, 11 * EVERY);
        CHECK_EQUAL(fake.reads, 0);
        for (int word = 0; word < VX_PMU_WORDS; word++)
            CHECK_EQUAL(words[word], 0);
    }
}

static void should_say_what_is_counted(void)
{
    memset(&fake, 0, sizeof fake);
    probe(4);
    CHECK_EQUAL(pmu.events, ALL);
    CHECK_EQUAL(fake.opened, 16);
    CHECK_EQUAL(
        strcmp(pmu.text,
               "cycles, instructions, cache misses, branch misses of each stage thread, in user space"),
        0);
}

static void should_meet_the_limit_on_files_before_the_start(void)
{
    memset(&fake, 0, sizeof fake);
    fake.files_max = 12; /* of the 16 that four threads need: the last thread would not be counted */
    probe(4);
    CHECK_EQUAL(pmu.events, 0);
    CHECK(strstr(pmu.text, "too many files") != NULL);
    fake.refusals[VX_PMU_CYCLES] = ENOENT; /* by the first thread: not the reason in the end */
    fake.files_max = 9;
    probe(4);
    CHECK_EQUAL(pmu.events, 0);
    CHECK(strstr(pmu.text, "too many files") != NULL);
}

static void should_count_what_is_supported_and_name_what_is_not(void)
{
    memset(&fake, 0, sizeof fake);
    memset(words, 0, sizeof words);
    fake.refusals[VX_PMU_CYCLES] = ENOENT; /* so the second one leads */
    fake.refusals[VX_PMU_CACHE_MISSES] = EINVAL;
    probe(1);
    memset(fake.refusals, 0, sizeof fake.refusals); /* had they been free later: nobody shows them */
    vx_pmu_watch(&pmu, 0, 77, words, 1000);
    CHECK_EQUAL(fake.open_now, 2);
    CHECK_EQUAL(pmu.events, 1U << VX_PMU_INSTRUCTIONS | 1U << VX_PMU_BRANCH_MISSES);
    CHECK(strncmp(pmu.text, "instructions, branch misses of", 30) == 0);
    CHECK(strstr(pmu.text, "not cycles, cache misses; ") != NULL);
    fake.counts[VX_PMU_INSTRUCTIONS] = 500;
    fake.counts[VX_PMU_BRANCH_MISSES] = 7;
    fake.counts[VX_PMU_CYCLES] = fake.counts[VX_PMU_CACHE_MISSES] = 999;
    fake.enabled_ns = fake.running_ns = 40;
    vx_pmu_turn(&pmu, 1000 + EVERY);
    CHECK_EQUAL(words[VX_PMU_INSTRUCTIONS], 500);
    CHECK_EQUAL(words[VX_PMU_BRANCH_MISSES], 7);
    CHECK_EQUAL(words[VX_PMU_CYCLES] + words[VX_PMU_CACHE_MISSES], 0);
}

static void should_read_now_and_then_and_say_what_time_that_covers(void)
{
    memset(&fake, 0, sizeof fake);
    watch();
    fake.steps[VX_PMU_CYCLES] = 3000;
    fake.step_ns = 1000;
    vx_pmu_turn(&pmu, 1000 + EVERY - 1);
    CHECK_EQUAL(fake.reads, 0);
    vx_pmu_turn(&pmu, 1000 + EVERY + 5);
    CHECK_EQUAL(fake.reads, 1);
    CHECK_EQUAL(words[VX_PMU_CYCLES], 3000);
    CHECK_EQUAL(words[VX_PMU_COVERED_NS], EVERY + 5);
    vx_pmu_turn(&pmu, 1000 + 2 * EVERY); /* an interval after the reading, not after its due time */
    CHECK_EQUAL(fake.reads, 1);
    vx_pmu_turn(&pmu, 1000 + 2 * EVERY + 5);
    CHECK_EQUAL(words[VX_PMU_CYCLES], 6000);
}

static void should_scale_what_had_only_some_of_the_time(void)
{
    memset(&fake, 0, sizeof fake);
    watch();
    fake.counts[VX_PMU_CYCLES] = 1000;
    fake.enabled_ns = 400;
    fake.running_ns = 100;
    vx_pmu_turn(&pmu, 1 * EVERY + 1000);
    CHECK_EQUAL(words[VX_PMU_CYCLES], 4000);
    /* All of the next span: that one alone is taken as it is. Of the whole, 1100 * 500 / 200 = 2750 would be
     * fewer than before. */
    fake.counts[VX_PMU_CYCLES] = 1100;
    fake.enabled_ns = 500;
    fake.running_ns = 200;
    vx_pmu_turn(&pmu, 2 * EVERY + 1000);
    CHECK_EQUAL(words[VX_PMU_CYCLES], 4100);
    /* None of a span: the next covers it. */
    fake.enabled_ns = 600;
    vx_pmu_turn(&pmu, 3 * EVERY + 1000);
    CHECK_EQUAL(words[VX_PMU_CYCLES], 4100);
    CHECK_EQUAL(words[VX_PMU_COVERED_NS], 2 * EVERY);
    fake.counts[VX_PMU_CYCLES] = 1150;
    fake.enabled_ns = 700;
    fake.running_ns = 250;
    vx_pmu_turn(&pmu, 4 * EVERY + 1000);
    CHECK_EQUAL(words[VX_PMU_CYCLES], 4300); /* 50 in 50 of 200 ns */
    CHECK_EQUAL(words[VX_PMU_COVERED_NS], 4 * EVERY);
    /* Far beyond what 64 bits hold on the way. */
    fake.counts[VX_PMU_CYCLES] += UINT64_C(1) << 60;
    fake.enabled_ns += UINT64_C(1) << 41;
    fake.running_ns += UINT64_C(1) << 40;
    vx_pmu_turn(&pmu, 5 * EVERY + 1000);
    CHECK_EQUAL(words[VX_PMU_CYCLES], 4300 + (UINT64_C(1) << 61));
}

/* Either of the two: then nothing is known of the span, and the next reading covers it. */
static void should_pass_over_times_that_go_back(void)
{
    for (int which = 0; which < 2; which++) {
        memset(&fake, 0, sizeof fake);
        watch();
        fake.counts[VX_PMU_CYCLES] = 1000;
        fake.enabled_ns = fake.running_ns = 400;
        vx_pmu_turn(&pmu, 1 * EVERY + 1000);
        fake.counts[VX_PMU_CYCLES] = 1500;
        fake.enabled_ns = which == 0 ? 399 : 500;
        fake.running_ns = which == 0 ? 500 : 399;
        vx_pmu_turn(&pmu, 2 * EVERY + 1000);
        CHECK_EQUAL(words[VX_PMU_CYCLES], 1000);
        CHECK_EQUAL(words[VX_PMU_COVERED_NS], EVERY);
        fake.enabled_ns = fake.running_ns = 600;
        vx_pmu_turn(&pmu, 3 * EVERY + 1000);
        CHECK_EQUAL(words[VX_PMU_CYCLES], 1500);
        CHECK_EQUAL(words[VX_PMU_COVERED_NS], 3 * EVERY);
    }
}

static void should_take_a_parked_thread_for_one_that_did_nothing(void)
{
    memset(&fake, 0, sizeof fake);
    watch();
    vx_pmu_turn(&pmu, 1000 + EVERY);
    CHECK_EQUAL(words[VX_PMU_CYCLES], 0);
    CHECK_EQUAL(words[VX_PMU_COVERED_NS], EVERY);
}

static void should_never_decrease(void)
{
    memset(&fake, 0, sizeof fake);
    watch();
    uint64_t before[VX_PMU_WORDS] = {0};
    uint64_t state = 1;
    for (uint64_t turn = 1; turn < 2000; turn++) {
        state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
        const uint64_t enabled_ns = state >> 50;
        fake.enabled_ns += enabled_ns;
        fake.running_ns += enabled_ns * (state >> 20 & 7) / 8;
        for (int event = 0; event < VX_PMU_EVENTS; event++)
            fake.counts[event] += state >> (44 + event);
        if (turn % 97 == 0) /* a kernel that goes backwards */
            fake.counts[turn & 3] -= fake.counts[turn & 3] / 2;
        if (turn % 89 == 0)
            fake.running_ns /= 2;
        vx_pmu_turn(&pmu, 1000 + turn * EVERY);
        for (int word = 0; word < VX_PMU_WORDS; word++) {
            CHECK(words[word] >= before[word]);
            before[word] = words[word];
        }
    }
    CHECK(before[VX_PMU_CYCLES] > 0);
}

static void should_keep_the_last_counts_of_a_thread_that_ended(void)
{
    memset(&fake, 0, sizeof fake);
    watch();
    fake.steps[VX_PMU_CYCLES] = 10;
    fake.step_ns = 10;
    vx_pmu_turn(&pmu, 1000 + EVERY);
    for (fake.gone = -ESRCH; fake.gone <= 1;
         fake.gone += ESRCH + 1) { /* an error, then the end of the file */
        vx_pmu_turn(&pmu, pmu.next_ns);
        CHECK_EQUAL(words[VX_PMU_CYCLES], 10);
        CHECK_EQUAL(words[VX_PMU_COVERED_NS], EVERY);
    }
}

static void should_read_a_last_time_and_close_all_once(void)
{
    memset(&fake, 0, sizeof fake);
    watch();
    fake.steps[VX_PMU_INSTRUCTIONS] = 10;
    fake.step_ns = 10;
    CHECK_EQUAL(fake.open_now, 4);
    vx_pmu_finish(&pmu, 2000);
    CHECK_EQUAL(words[VX_PMU_INSTRUCTIONS], 10);
    CHECK_EQUAL(words[VX_PMU_COVERED_NS], 1000);
    CHECK_EQUAL(fake.open_now, 0);
    vx_pmu_finish(&pmu, 3000);
    vx_pmu_turn(&pmu, 4 * EVERY);
    CHECK_EQUAL(fake.reads, 1);
}

static void should_count_no_thread_that_ended_before(void)
{
    memset(&fake, 0, sizeof fake);
    probe(1);
    refuse_all(ESRCH);
    vx_pmu_watch(&pmu, 0, 77, words, 1000);
    vx_pmu_turn(&pmu, 1000 + EVERY);
    CHECK_EQUAL(fake.reads, 0);
}

static void should_ask_this_kernel(void)
{
    vx_pmu_probe(&pmu, &vx_pmu_kernel, 4);
    printf("# this machine: %s\n", pmu.text);
    CHECK(pmu.text[0] != '\0');
    CHECK((pmu.events == 0) == (strstr(pmu.text, "of each stage thread") == NULL));
    if (pmu.events == 0)
        return;
    memset(words, 0, sizeof words);
    vx_pmu_watch(&pmu, 0, 0, words, 1000);
    vx_pmu_finish(&pmu, 2000);
    if ((pmu.events & 1U << VX_PMU_INSTRUCTIONS) != 0)
        CHECK(words[VX_PMU_INSTRUCTIONS] > 0);
}

int main(void)
{
    RUN(should_name_the_reason_and_the_remedy_of_every_refusal);
    RUN(should_say_what_is_counted);
    RUN(should_meet_the_limit_on_files_before_the_start);
    RUN(should_count_what_is_supported_and_name_what_is_not);
    RUN(should_read_now_and_then_and_say_what_time_that_covers);
    RUN(should_scale_what_had_only_some_of_the_time);
    RUN(should_pass_over_times_that_go_back);
    RUN(should_take_a_parked_thread_for_one_that_did_nothing);
    RUN(should_never_decrease);
    RUN(should_keep_the_last_counts_of_a_thread_that_ended);
    RUN(should_read_a_last_time_and_close_all_once);
    RUN(should_count_no_thread_that_ended_before);
    RUN(should_ask_this_kernel);
    return 0;
}
#else
int main(void)
{
    return 0;
}
#endif
