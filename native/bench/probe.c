#include "probe.h"

#include <stdio.h>

#include "floors.h"
#include "machine.h"
#include "ping_pong.h"
#include "pmu.h"

#define CORES_PROBED 16
#define TRIAL_NS     UINT64_C(100000000)

static void print_distances(const bench_cores *cores)
{
    const int count = cores->count < CORES_PROBED ? cores->count : CORES_PROBED;
    printf("\"distances_ns\": [");
    for (int i = 0; i < count; i++)
        for (int j = i + 1; j < count; j++)
            printf("%s[%d, %d, %.1f]", i == 0 && j == 1 ? "" : ", ", cores->usable[i], cores->usable[j],
                   bench_ping_pong_ns(cores->usable[i], cores->usable[j]));
    printf("]");
}

static void print_trial(const bench_cores *cores, bench_run run, const char *first, const char *second)
{
    bench_trial trial = {.cores = cores, .count = TRIAL_NS};
    run(&trial);
    if (trial.failure[0] == '\0')
        printf(", \"%s\": %.1f, \"%s\": %.1f", first, trial.figures[0], second, trial.figures[1]);
}

/* What of the processor's counters a pipeline's threads would have; the text holds no quotes. */
static void print_counters(void)
{
    vx_pmu pmu;
    vx_pmu_probe(&pmu, &vx_pmu_kernel, VELOX_STAGES);
    printf(", \"counters\": \"%s\", \"counters_complete\": %s", pmu.text,
           pmu.events == (UINT32_C(1) << VX_PMU_EVENTS) - 1 ? "true" : "false");
}

int bench_probe(void)
{
    bench_machine machine;
    bench_machine_look(&machine);
    printf("{\"clock\": \"%s\", \"clock_ghz\": %.4f, ", machine.clock, machine.clock_ghz);
    print_distances(&machine.cores);
    print_trial(&machine.cores, bench_sleep, "sleep_p50_us", "sleep_p99_us");
    print_trial(&machine.cores, bench_wake, "wake_p50_us", "wake_p99_us");
    print_trial(&machine.cores, bench_jitter, "stop_longest_us", "stops_per_s");
    print_counters();
    printf("}\n");
    return 0;
}
