#include "affinity.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/prctl.h>
#endif

#include "cgroup.h"
#include "export.h"

#if defined(__linux__)
#define CORE_SETS 8 /* 8192 cores: the most that kernels are built for */

static int list_cores(int *cores, int capacity)
{
    cpu_set_t sets[CORE_SETS];
    int count = 0;
    if (sched_getaffinity(0, sizeof sets, sets) != 0)
        return -1;
    for (int core = 0; core < CORE_SETS * CPU_SETSIZE && count < capacity; core++)
        if (CPU_ISSET_S((size_t)core, sizeof sets, sets))
            cores[count++] = core;
    return count;
}

static velox_status pin(int core)
{
    cpu_set_t sets[CORE_SETS];
    CPU_ZERO_S(sizeof sets, sets);
    if (core >= CORE_SETS * CPU_SETSIZE)
        return VELOX_THREAD_FAILED;
    CPU_SET_S((size_t)core, sizeof sets, sets);
    return pthread_setaffinity_np(pthread_self(), sizeof sets, sets) == 0 ? VELOX_OK : VELOX_THREAD_FAILED;
}

_Static_assert(sizeof(cpu_set_t) * CORE_SETS <= sizeof(((vx_visit *)NULL)->cores),
               "a visit knows its return");

void vx_thread_visit(int core, vx_visit *visit)
{
    cpu_set_t before[CORE_SETS];
    visit->away = core >= 0 && sched_getaffinity(0, sizeof before, before) == 0 && pin(core) == VELOX_OK;
    if (visit->away)
        memcpy(visit->cores, before, sizeof before);
}

void vx_thread_return(const vx_visit *visit)
{
    cpu_set_t before[CORE_SETS];
    if (!visit->away)
        return;
    memcpy(before, visit->cores, sizeof before);
    sched_setaffinity(0, sizeof before, before);
}

static void name_thread(const char *name)
{
    pthread_setname_np(pthread_self(), name);
}

static void sharpen_timers(void)
{
    prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
}
#else
static int list_cores(int *cores, int capacity)
{
    const long online = sysconf(_SC_NPROCESSORS_ONLN);
    int count = 0;
    for (; count < capacity && count < online; count++)
        cores[count] = count;
    return online < 1 ? -1 : count;
}

static velox_status pin(int core)
{
    (void)core; /* no such call here */
    return VELOX_THREAD_FAILED;
}

void vx_thread_visit(int core, vx_visit *visit)
{
    (void)core;
    visit->away = 0;
}

void vx_thread_return(const vx_visit *visit)
{
    (void)visit;
}

static void name_thread(const char *name)
{
    pthread_setname_np(name);
}

static void sharpen_timers(void) {}
#endif

int vx_usable_cores(int *cores, int capacity)
{
    const int count = list_cores(cores, capacity);
    const int paid = vx_cgroup_cores("");
    return paid > 0 && paid < count ? paid : count;
}

VELOX_EXPORT int velox_usable_cores(int *cores, int capacity)
{
    return vx_usable_cores(cores, capacity);
}

/* A fault's signal that is masked kills the process without its handler. */
static void mask_signals(void)
{
    static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS};
    sigset_t masked;
    sigfillset(&masked);
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
        sigdelset(&masked, faults[i]);
    pthread_sigmask(SIG_SETMASK, &masked, NULL);
}

velox_status vx_thread_settle(const char *name, int core)
{
    char short_name[16]; /* Linux refuses longer ones */
    snprintf(short_name, sizeof short_name, "%.15s", name);
    name_thread(short_name);
    sharpen_timers();
    mask_signals();
    return core < 0 ? VELOX_OK : pin(core);
}
