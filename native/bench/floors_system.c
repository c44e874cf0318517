#include <errno.h>
#include <time.h>

#include "clock.h"
#include "floors.h"
#include "quantile.h"
#include "threads.h"

#define ASKED_NS 50000
#define STOP_NS  1000  /* a gap between two readings that counts */
#define LONG_NS  10000 /* and one that hurts */

typedef struct waiting {
    uint64_t for_ns;
    vx_histogram histogram;
    uint64_t longest_ns, long_stops, stopped_ns;
} waiting;

static void sleep_often(void *context, int index)
{
    waiting *const self = context;
    const uint64_t end_ns = vx_monotonic_ns() + self->for_ns;
    (void)index;
    for (uint64_t now_ns = vx_monotonic_ns(); now_ns < end_ns;) {
        const struct timespec span = {0, ASKED_NS};
        while (clock_nanosleep(CLOCK_MONOTONIC, 0, &span, NULL) == EINTR)
            ;
        const uint64_t woken_ns = vx_monotonic_ns();
        vx_histogram_record(&self->histogram, woken_ns - now_ns);
        now_ns = woken_ns;
    }
}

void bench_sleep(bench_trial *trial)
{
    waiting self = {.for_ns = trial->count};
    bench_on_threads(trial, trial->cores->pair, 1, sleep_often, &self);
    trial->figures[0] = (double)bench_quantile(&self.histogram, 0.5) / 1e3;
    trial->figures[1] = (double)bench_quantile(&self.histogram, 0.99) / 1e3;
}

static void watch_clock(void *context, int index)
{
    waiting *const self = context;
    uint64_t last_ns = vx_monotonic_ns();
    const uint64_t end_ns = last_ns + self->for_ns;
    (void)index;
    while (last_ns < end_ns) {
        const uint64_t now_ns = vx_monotonic_ns();
        const uint64_t gap_ns = now_ns - last_ns;
        last_ns = now_ns;
        if (gap_ns < STOP_NS)
            continue;
        self->stopped_ns += gap_ns;
        self->long_stops += gap_ns >= LONG_NS;
        self->longest_ns = gap_ns > self->longest_ns ? gap_ns : self->longest_ns;
    }
}

void bench_jitter(bench_trial *trial)
{
    waiting self = {.for_ns = trial->count};
    bench_on_threads(trial, trial->cores->pair, 1, watch_clock, &self);
    trial->figures[0] = (double)self.longest_ns / 1e3;
    trial->figures[1] = (double)self.long_stops * 1e9 / (double)self.for_ns;
    trial->figures[2] = (double)self.stopped_ns * 100 / (double)self.for_ns;
}
