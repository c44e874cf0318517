#include "pmu.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pmu_event.h"

static const char *const event_names[VX_PMU_EVENTS] = {"cycles", "instructions", "cache misses",
                                                       "branch misses"};

static void forget(vx_pmu_thread *thread)
{
    memset(thread, 0, sizeof *thread);
    for (int event = 0; event < VX_PMU_EVENTS; event++)
        thread->fds[event] = -1;
}

/* The first event that is counted leads the group; -1: none is. */
static int leader_of(const vx_pmu_thread *thread)
{
    for (int event = 0; event < VX_PMU_EVENTS; event++)
        if (thread->fds[event] >= 0)
            return thread->fds[event];
    return -1;
}

/* Opens what can be opened; the events that were. */
static uint32_t open_group(const vx_pmu *pmu, vx_pmu_thread *thread, int thread_id, uint32_t wanted)
{
    uint32_t opened = 0;
    forget(thread);
    for (int event = 0; event < VX_PMU_EVENTS; event++) {
        if ((wanted >> event & 1) == 0)
            continue;
        const int fd = vx_pmu_open_event(pmu->calls, event, thread_id, leader_of(thread));
        thread->fds[event] = fd < 0 ? -1 : fd;
        thread->failures[event] = fd < 0 ? -fd : 0;
        opened |= fd < 0 ? 0 : UINT32_C(1) << event;
    }
    return opened;
}

static void close_group(const vx_pmu *pmu, vx_pmu_thread *thread)
{
    /* The leader last: without it the others would count on their own. */
    for (int event = VX_PMU_EVENTS - 1; event >= 0; event--)
        if (thread->fds[event] >= 0)
            pmu->calls->close(thread->fds[event]);
    forget(thread);
}

static void explain_none(vx_pmu *pmu, int cause)
{
    const char *why = strerror(cause);
    const char *remedy = "the kernel gives no other reason";
    switch (cause) {
    case EACCES:
    case EPERM:
        why = "not permitted";
        remedy = "sysctl kernel.perf_event_paranoid=2 (as root), CAP_PERFMON for the program, or a seccomp "
                 "profile that allows perf_event_open";
        break;
    case ENOENT:
    case EOPNOTSUPP:
    case ENODEV:
    case EINVAL:
        why = "this machine has no performance counters, or its host keeps them";
        remedy = "a machine, or an instance type, with a PMU that guests may use";
        break;
    case ENOSYS:
        why = "this kernel has no perf_event_open";
        remedy = "one that is built with CONFIG_PERF_EVENTS";
        break;
    case EMFILE:
    case ENFILE:
        why = "too many files are open";
        remedy = "raise the limit (ulimit -n)";
        break;
    default:
        break;
    }
    snprintf(pmu->text, sizeof pmu->text, "%s; %s", why, remedy);
}

/* "cycles, instructions", those of `events`. */
static void list_events(uint32_t events, char *text, size_t room)
{
    size_t used = 0;
    text[0] = '\0';
    for (int event = 0; event < VX_PMU_EVENTS; event++)
        if (events >> event & 1)
            used +=
                (size_t)snprintf(text + used, room - used, "%s%s", used == 0 ? "" : ", ", event_names[event]);
}

static void explain_some(vx_pmu *pmu)
{
    char counted[56]; /* room for all four */
    char missing[56];
    list_events(pmu->events, counted, sizeof counted);
    list_events(~pmu->events, missing, sizeof missing);
    if (missing[0] == '\0')
        snprintf(pmu->text, sizeof pmu->text, "%s of each stage thread, in user space", counted);
    else
        snprintf(pmu->text, sizeof pmu->text, "%s of each stage thread, but not %s; %s", counted, missing,
                 "a machine whose PMU counts them all at once");
}

void vx_pmu_probe(vx_pmu *pmu, const vx_pmu_calls *calls, int threads)
{
    memset(pmu, 0, sizeof *pmu);
    pmu->calls = calls;
    pmu->events = (UINT32_C(1) << VX_PMU_EVENTS) - 1;
    int cause = 0;
    for (int i = 0; i < VELOX_STAGES; i++)
        forget(&pmu->threads[i]);
    /* All groups at once, as they will be: so the limit on open files is met here, not later. */
    for (int i = 0; i < threads && pmu->events != 0; i++) {
        const uint32_t opened = open_group(pmu, &pmu->threads[i], 0, pmu->events);
        for (int event = VX_PMU_EVENTS - 1; event >= 0; event--)
            if (pmu->threads[i].failures[event] != 0)
                cause = pmu->threads[i].failures[event];
        pmu->events = opened;
    }
    for (int i = 0; i < threads; i++)
        close_group(pmu, &pmu->threads[i]);
    if (pmu->events == 0)
        explain_none(pmu, cause);
    else
        explain_some(pmu);
}

void vx_pmu_watch(vx_pmu *pmu, int thread, int thread_id, VX_ATOMIC(uint64_t) * words, uint64_t now_ns)
{
    vx_pmu_thread *const watched = &pmu->threads[thread];
    if (open_group(pmu, watched, thread_id, pmu->events) == 0)
        return;
    watched->words = words;
    watched->since_ns = now_ns;
    pmu->next_ns = now_ns + VX_PMU_INTERVAL_NS;
}

/* What an event counted between two readings, had it run all the time it was enabled: where there are more
 * events than counters the kernel lets them take turns. */
static uint64_t scaled(uint64_t counted, uint64_t enabled_ns, uint64_t running_ns)
{
    __extension__ typedef unsigned __int128 wide;
    if (running_ns >= enabled_ns)
        return counted;
    return (uint64_t)((wide)counted * enabled_ns / running_ns);
}

/* The group's counts by event (0: not counted) and its times; false: nothing was read that goes on from the
 * last time, or no event has had its turn since. */
static int read_thread(const vx_pmu *pmu, const vx_pmu_thread *thread, uint64_t raw[VX_PMU_EVENTS],
                       vx_pmu_group *group)
{
    int members = 0;
    for (int event = 0; event < VX_PMU_EVENTS; event++)
        members += thread->fds[event] >= 0;
    if (!vx_pmu_read_group(pmu->calls, leader_of(thread), members, group) ||
        group->enabled_ns < thread->enabled_ns || group->running_ns < thread->running_ns)
        return 0;
    members = 0;
    for (int event = 0; event < VX_PMU_EVENTS; event++) {
        raw[event] = thread->fds[event] >= 0 ? group->values[members++] : 0;
        if (raw[event] < thread->raw[event])
            return 0;
    }
    return group->running_ns > thread->running_ns || group->enabled_ns == thread->enabled_ns;
}

/* Only ever adds: what is shown never decreases, as an estimate of the whole would. A reading that tells
 * nothing is passed over; the next one covers its time. */
static void take(const vx_pmu *pmu, vx_pmu_thread *thread, uint64_t now_ns)
{
    vx_pmu_group group;
    uint64_t raw[VX_PMU_EVENTS];
    if (thread->words == NULL || !read_thread(pmu, thread, raw, &group))
        return;
    for (int event = 0; event < VX_PMU_EVENTS; event++)
        vx_counter_add(&thread->words[event],
                       scaled(raw[event] - thread->raw[event], group.enabled_ns - thread->enabled_ns,
                              group.running_ns - thread->running_ns));
    /* Release: as every word that readers load with acquire. */
    vx_store_release(&thread->words[VX_PMU_COVERED_NS], now_ns - thread->since_ns);
    memcpy(thread->raw, raw, sizeof raw);
    thread->enabled_ns = group.enabled_ns;
    thread->running_ns = group.running_ns;
}

static void take_all(vx_pmu *pmu, uint64_t now_ns)
{
    for (int i = 0; i < VELOX_STAGES; i++)
        take(pmu, &pmu->threads[i], now_ns);
}

void vx_pmu_turn(vx_pmu *pmu, uint64_t now_ns)
{
    if (now_ns < pmu->next_ns)
        return;
    pmu->next_ns = now_ns + VX_PMU_INTERVAL_NS;
    take_all(pmu, now_ns);
}

void vx_pmu_finish(vx_pmu *pmu, uint64_t now_ns)
{
    take_all(pmu, now_ns);
    for (int i = 0; i < VELOX_STAGES; i++)
        if (pmu->threads[i].words != NULL)
            close_group(pmu, &pmu->threads[i]);
}
