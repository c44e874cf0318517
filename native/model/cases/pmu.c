/* The processor's counters of a thread: the time that they cover is told last, and any reading has counted
 * what that time covers. */
#include "pmu.h"

#include <string.h>

#include "cases.h"
#include "pmu_event.h"
#include "reading.h"

#define READINGS 2
#define CYCLES   10 /* counted by each reading, and half as many of the others */

typedef struct house {
    vx_pmu pmu;
    uint64_t words[VX_PMU_WORDS];
    uint64_t readings; /* the keeper's */
} house;

static house *kept; /* the kernel's calls are given no context */

static int64_t read_counters(int fd, void *into, size_t bytes)
{
    (void)fd, (void)bytes;
    const uint64_t n = ++kept->readings;
    const vx_pmu_group group = {.members = VX_PMU_EVENTS,
                                .enabled_ns = n,
                                .running_ns = n,
                                .values = {CYCLES * n, CYCLES / 2 * n, CYCLES / 2 * n, CYCLES / 2 * n}};
    memcpy(into, &group, sizeof group);
    return sizeof group;
}

static const vx_pmu_calls calls = {.read = read_counters};

static void setup(void *state)
{
    house *const s = kept = state;
    *s = (house){.pmu.calls = &calls};
    s->pmu.threads[0].words = s->words; /* of the other threads nothing is counted; no descriptor is opened */
}

static void keep_house(void *state)
{
    house *const s = state;
    for (uint64_t turn = 1; turn <= READINGS; turn++)
        vx_pmu_turn(&s->pmu, turn * VX_PMU_INTERVAL_NS);
}

static void read_counted(void *state)
{
    const house *const s = state;
    const uint64_t *words[VX_PMU_WORDS];
    uint64_t values[VX_PMU_WORDS] = {0};
    for (int i = 0; i < VX_PMU_WORDS; i++)
        words[i] = &s->words[i];
    read_described(s, words, VX_PMU_WORDS, NO_STATE, values);
    const uint64_t covered = values[VX_PMU_COVERED_NS] / VX_PMU_INTERVAL_NS;
    MODEL_CHECK(values[VX_PMU_CYCLES] >= CYCLES * covered);
    for (int event = VX_PMU_INSTRUCTIONS; event < VX_PMU_EVENTS; event++)
        MODEL_CHECK(values[event] >= CYCLES / 2 * covered);
    if (covered == 1 && values[VX_PMU_CYCLES] == CYCLES * READINGS)
        model_see();
}

const model_case pmu_covered = {.name = "processor's counters, counted before they are covered",
                                .threads = 2,
                                .setup = setup,
                                .body = {keep_house, read_counted},
                                .preemptions = 20,
                                .deep_preemptions = 20,
                                .must_see = 1};
