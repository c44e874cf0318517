#include "run.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "calm.h"
#include "clock.h"
#include "ping_pong.h"
#include "statistics.h"

#define STEADY      1.3 /* two ping-pongs of one regime differ by less than this factor */
#define PATIENCE    20  /* times its own length may a trial that others disturb be tried again */
#define COUNT_FIRST 256
#define COUNT_MAX   (UINT64_C(1) << 32)

const bench_figure BENCH_NS_AN_ITEM[1] = {{"time", "ns", 1}};
const bench_figure BENCH_M_ITEMS_A_SECOND[1] = {{"rate", "M/s", -1}};

void bench_fail(bench_trial *trial, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(trial->failure, sizeof trial->failure, format, arguments);
    va_end(arguments);
}

void bench_skip(bench_trial *trial, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(trial->missing, sizeof trial->missing, format, arguments);
    va_end(arguments);
}

void bench_expect(bench_trial *trial, const char *what, uint64_t found, uint64_t expected)
{
    if (found != expected)
        bench_fail(trial, "%s: %llu, expected %llu", what, (unsigned long long)found,
                   (unsigned long long)expected);
}

uint32_t bench_rounds(const bench_entry *entry, const bench_plan *plan)
{
    return entry->coarse ? (plan->rounds + 1) / 2 : plan->rounds;
}

uint32_t bench_contender_count(const bench_entry *entry)
{
    uint32_t count = 0;
    while (count < BENCH_CONTENDERS_MAX && entry->contenders[count].name != NULL)
        count++;
    return count;
}

static void run_trial(bench_trial *trial, uint64_t count)
{
    trial->count = count;
    trial->elapsed_ns = trial->waited_ns = 0;
    trial->contender->run(trial);
    if (trial->elapsed_ns == 0)
        trial->elapsed_ns = 1;
    const double an_item_ns =
        (double)trial->elapsed_ns / (double)trial->count; /* it may have rounded the count */
    for (uint32_t i = 0; i < trial->entry->figure_count; i++) {
        const double scale = trial->entry->figures[i].scale;
        if (scale != 0)
            trial->figures[i] = scale > 0 ? an_item_ns * scale : 1000 / an_item_ns;
    }
}

static int went_well(const bench_trial *trial)
{
    return trial->failure[0] == '\0' && trial->missing[0] == '\0';
}

/* The count that takes about trial_ns, found by growing trials, which also warm caches up. */
static uint64_t calibrate(bench_trial *trial, uint64_t trial_ns)
{
    uint64_t count = COUNT_FIRST;
    for (;;) {
        run_trial(trial, count);
        if (!went_well(trial) || count >= COUNT_MAX)
            return count;
        if (trial->elapsed_ns >= trial_ns / 8)
            break;
        count *= 4;
    }
    const double fitting = (double)count * (double)trial_ns / (double)trial->elapsed_ns;
    return fitting < COUNT_FIRST ? COUNT_FIRST : (uint64_t)fitting;
}

typedef struct session {
    const bench_cores *cores;
    bench_plan *plan;
    bench_result *result;
    uint64_t counts[BENCH_CONTENDERS_MAX]; /* 0: not known yet */
    bench_ticked ticked;
    void *context;
} session;

static void spend(bench_plan *plan, uint64_t since_ns)
{
    const uint64_t spent_ns = vx_monotonic_ns() - since_ns;
    plan->spare_ns -= spent_ns < plan->spare_ns ? spent_ns : plan->spare_ns;
}

/* Again and again until nobody else had the threads' cores, or the least disturbed of many. */
static void run_calmly(bench_trial *trial, uint64_t count, bench_plan *plan, uint32_t *disturbed)
{
    const uint64_t until_ns = vx_monotonic_ns() + PATIENCE * plan->trial_ns;
    bench_trial calmest = *trial;
    calmest.waited_ns = UINT64_MAX;
    while (went_well(trial) &&
           (calmest.waited_ns == UINT64_MAX || (plan->spare_ns != 0 && vx_monotonic_ns() < until_ns))) {
        const uint64_t start_ns = vx_monotonic_ns();
        const int again = calmest.waited_ns != UINT64_MAX;
        run_trial(trial, count);
        if (again)
            spend(plan, start_ns);
        if (trial->waited_ns < calmest.waited_ns)
            calmest = *trial;
        if (trial->entry->timed || bench_is_calm(trial->waited_ns, trial->elapsed_ns))
            return;
    }
    *disturbed += went_well(trial) ? 1 : 0;
    if (went_well(trial))
        *trial = calmest;
}

/* False when work was not done as it must be. */
static int run_contender(session *self, uint32_t index, bench_trial *trial)
{
    bench_result *const result = self->result;
    const bench_entry *const entry = result->entry;
    *trial = (bench_trial){.entry = entry, .contender = &entry->contenders[index], .cores = self->cores};
    if (result->missing_contender[index][0] != '\0')
        return 1;
    if (self->counts[index] == 0)
        self->counts[index] = entry->timed ? self->plan->timed_ns : calibrate(trial, self->plan->trial_ns);
    run_calmly(trial, self->counts[index], self->plan, &result->disturbed);
    memcpy(result->missing_contender[index], trial->missing, sizeof trial->missing);
    if (trial->failure[0] != '\0')
        snprintf(result->failure, sizeof result->failure, "%.20s: %.130s", trial->contender->name,
                 trial->failure);
    self->ticked(self->context);
    return trial->failure[0] == '\0';
}

/* One round; false when work was not done as it must be. */
static int run_round(session *self, double before_ns)
{
    bench_result *const result = self->result;
    bench_round *const round = &result->round[result->rounds];
    round->before_ns = before_ns;
    for (uint32_t i = 0; i < result->contenders; i++) {
        const uint32_t index = (i + result->rounds) % result->contenders; /* nobody is always first */
        bench_trial trial;
        if (!run_contender(self, index, &trial))
            return 0;
        memcpy(round->figures[index], trial.figures, sizeof trial.figures);
    }
    round->after_ns = bench_ping_pong_ns(self->cores->pair[0], self->cores->pair[1]);
    result->rounds++;
    return 1;
}

static int alike(double left, double right)
{
    return left < right * STEADY && right < left * STEADY;
}

/* Keeps the rounds during which the distance neither changed nor differed from that of most (whatever runs on
 * one core does not care); the number kept. */
static uint32_t keep_steady(bench_result *result)
{
    double distances[BENCH_ROUNDS_MAX];
    for (uint32_t i = 0; i < result->rounds; i++)
        distances[i] = result->round[i].after_ns;
    const double usual_ns = bench_spread_of(distances, result->rounds).median;
    result->kept = 0;
    for (uint32_t i = 0; i < result->rounds; i++) {
        bench_round *const round = &result->round[i];
        round->kept = usual_ns == 0 || result->entry->cores_needed < 2 ||
                      (alike(round->before_ns, round->after_ns) && alike(round->after_ns, usual_ns));
        result->kept += (uint32_t)round->kept;
    }
    return result->kept;
}

/* With too few steady rounds all are kept: their tags say so. */
static void keep_all(bench_result *result)
{
    for (uint32_t i = 0; i < result->rounds; i++)
        result->round[i].kept = 1;
    result->kept = result->rounds;
}

/* Whether another round is wanted; those beyond the planned take of what is spare. */
static int wants_round(const bench_result *result, const bench_plan *plan, uint32_t planned)
{
    const uint32_t most = planned * 2 < BENCH_ROUNDS_MAX ? planned * 2 : BENCH_ROUNDS_MAX;
    return result->rounds < planned ||
           (result->rounds < most && result->kept < planned && plan->spare_ns != 0);
}

void bench_run_entry(const bench_entry *entry, const bench_cores *cores, bench_plan *plan,
                     bench_result *result, bench_ticked ticked, void *context)
{
    session self = {.cores = cores, .plan = plan, .result = result, .ticked = ticked, .context = context};
    memset(result, 0, sizeof *result);
    result->entry = entry;
    result->contenders = bench_contender_count(entry);
    if (cores->count < entry->cores_needed) {
        result->missing = entry->cores_needed == 2 ? "needs 2 usable cores" : "needs 4 usable cores";
        return;
    }
    const uint32_t planned = bench_rounds(entry, plan);
    double distance_ns = bench_ping_pong_ns(cores->pair[0], cores->pair[1]);
    while (wants_round(result, plan, planned)) {
        const uint64_t start_ns = vx_monotonic_ns();
        if (!run_round(&self, distance_ns))
            return;
        distance_ns = result->round[result->rounds - 1].after_ns;
        keep_steady(result);
        if (result->rounds > planned)
            spend(plan, start_ns);
    }
    if (keep_steady(result) < (planned + 1) / 2)
        keep_all(result);
}

size_t bench_values(const bench_result *result, uint32_t contender, uint32_t figure, double *values)
{
    size_t count = 0;
    for (uint32_t i = 0; i < result->rounds; i++)
        if (result->round[i].kept)
            values[count++] = result->round[i].figures[contender][figure];
    return count;
}
