#include "threads.h"

#include <pthread.h>
#include <sched.h>
#include <time.h>

#include "affinity.h"
#include "atomics.h"
#include "calm.h"
#include "clock.h"

typedef struct gang {
    bench_work work;
    void *context;
    VX_ATOMIC(uint64_t) ready;
    VX_ATOMIC(uint64_t) go; /* 1: start, 2: give up */
} gang;

typedef struct member {
    gang *gang;
    pthread_t thread;
    int core;
    int index;
    uint64_t start_ns;
    uint64_t end_ns;
    uint64_t waited_ns;
} member;

static void *run(void *argument)
{
    member *const self = argument;
    vx_thread_settle("velox-bench", self->core);
    /* Release pairs with the acquire of the starter. */
    atomic_fetch_add_explicit(&self->gang->ready, 1, memory_order_release);
    /* Acquire pairs with the release of the starter. */
    while (vx_load_acquire(&self->gang->go) == 0)
        sched_yield();
    if (vx_load_acquire(&self->gang->go) != 1)
        return NULL;
    const uint64_t waited_ns = bench_turns_of(0).waited_ns;
    self->start_ns = vx_monotonic_ns();
    self->gang->work(self->gang->context, self->index);
    self->end_ns = vx_monotonic_ns();
    self->waited_ns = bench_turns_of(0).waited_ns - waited_ns;
    return NULL;
}

static void sum_up(bench_trial *trial, const member *members, int count)
{
    uint64_t start_ns = members[0].start_ns;
    uint64_t end_ns = members[0].end_ns;
    trial->waited_ns = 0;
    for (int i = 0; i < count; i++) {
        start_ns = members[i].start_ns < start_ns ? members[i].start_ns : start_ns;
        end_ns = members[i].end_ns > end_ns ? members[i].end_ns : end_ns;
        trial->waited_ns += members[i].waited_ns;
    }
    trial->elapsed_ns = end_ns - start_ns;
}

void bench_on_threads(bench_trial *trial, const int *cores, int count, bench_work work, void *context)
{
    member members[BENCH_THREADS_MAX];
    gang shared = {.work = work, .context = context};
    int created = 0;
    for (; created < count; created++) {
        members[created] = (member){.gang = &shared, .core = cores[created], .index = created};
        if (pthread_create(&members[created].thread, NULL, run, &members[created]) != 0)
            break;
    }
    /* Acquire pairs with the release of each thread. */
    while (vx_load_acquire(&shared.ready) != (uint64_t)created)
        sched_yield();
    /* Release pairs with the acquire of each thread: it sees the work. */
    vx_store_release(&shared.go, created == count ? 1 : 2);
    for (int i = 0; i < created; i++)
        pthread_join(members[i].thread, NULL);
    if (created == count)
        sum_up(trial, members, count);
    else
        bench_fail(trial, "a thread could not be created");
}

typedef struct timed {
    bench_work work;
    void *context;
    uint64_t cpu_ns;
} timed;

static uint64_t cpu_ns(clockid_t clock)
{
    struct timespec used;
    clock_gettime(clock, &used);
    return (uint64_t)used.tv_sec * UINT64_C(1000000000) + (uint64_t)used.tv_nsec;
}

static void run_timed(void *context, int index)
{
    timed *const self = context;
    const uint64_t before_ns = cpu_ns(CLOCK_THREAD_CPUTIME_ID);
    self->work(self->context, index);
    self->cpu_ns = cpu_ns(CLOCK_THREAD_CPUTIME_ID) - before_ns;
}

void bench_alone(bench_trial *trial, bench_work work, void *context)
{
    timed self = {work, context, 0};
    bench_on_threads(trial, trial->cores->pair, 1, run_timed, &self);
    trial->elapsed_ns = self.cpu_ns;
    trial->waited_ns = 0;
}

uint64_t bench_process_cpu_ns(void)
{
    return cpu_ns(CLOCK_PROCESS_CPUTIME_ID);
}
