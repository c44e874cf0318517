#include "pmu_event.h"

#include <errno.h>
#include <unistd.h>

#if defined(__linux__)
#include <linux/perf_event.h>
#include <sys/syscall.h>

static const uint64_t configs[VX_PMU_EVENTS] = {
    [VX_PMU_CYCLES] = PERF_COUNT_HW_CPU_CYCLES,
    [VX_PMU_INSTRUCTIONS] = PERF_COUNT_HW_INSTRUCTIONS,
    [VX_PMU_CACHE_MISSES] = PERF_COUNT_HW_CACHE_MISSES,
    [VX_PMU_BRANCH_MISSES] = PERF_COUNT_HW_BRANCH_MISSES,
};

int vx_pmu_open_event(const vx_pmu_calls *calls, int event, int thread_id, int leader)
{
    struct perf_event_attr attr = {
        .type = PERF_TYPE_HARDWARE,
        .size = sizeof attr,
        .config = configs[event],
        .read_format = PERF_FORMAT_GROUP | PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
        .exclude_kernel = 1, /* with perf_event_paranoid 2 nothing else is permitted */
        .exclude_hv = 1,
    };
    return calls->open(&attr, thread_id, leader);
}

static int open_by_kernel(struct perf_event_attr *attr, int thread_id, int group)
{
    const long fd = syscall(SYS_perf_event_open, attr, thread_id, -1, group, PERF_FLAG_FD_CLOEXEC);
    return fd < 0 ? -errno : (int)fd;
}
#else
int vx_pmu_open_event(const vx_pmu_calls *calls, int event, int thread_id, int leader)
{
    (void)event;
    return calls->open(NULL, thread_id, leader);
}

static int open_by_kernel(struct perf_event_attr *attr, int thread_id, int group)
{
    (void)attr, (void)thread_id, (void)group; /* no such call here */
    return -ENOSYS;
}
#endif

static int64_t read_by_kernel(int fd, void *into, size_t bytes)
{
    const ssize_t got = read(fd, into, bytes);
    return got < 0 ? -errno : got;
}

static void close_by_kernel(int fd)
{
    close(fd);
}

const vx_pmu_calls vx_pmu_kernel = {open_by_kernel, read_by_kernel, close_by_kernel};

int vx_pmu_read_group(const vx_pmu_calls *calls, int leader, int members, vx_pmu_group *group)
{
    const size_t bytes = (3 + (size_t)members) * sizeof(uint64_t);
    return calls->read(leader, group, sizeof *group) == (int64_t)bytes && group->members == (uint64_t)members;
}
