/* A kernel that counts as a test tells it: which events it opens, and what each read of a group gives. */
#ifndef VX_FAKE_PMU_H
#define VX_FAKE_PMU_H
#include <errno.h>
#include <linux/perf_event.h>
#include <string.h>

#include "check.h"
#include "pmu_event.h"

#define FAKE_FILES 64

typedef struct fake_file {
    int open;
    int event;  /* by vx_pmu_word */
    int leader; /* descriptor of the group's; its own, when it leads */
    int thread_id;
} fake_file;

static struct {
    int refusals[VX_PMU_EVENTS]; /* errno with which an event is refused; 0: it is opened */
    int files_max;               /* beyond, EMFILE */
    int opened, reads, open_now;
    int gone; /* reads give the end of the file, or this negative errno */
    uint64_t enabled_ns, running_ns;
    uint64_t counts[VX_PMU_EVENTS];
    uint64_t steps[VX_PMU_EVENTS]; /* added to the counts by each read, */
    uint64_t step_ns;              /* and to both times */
    fake_file files[FAKE_FILES];
} fake;

static int fake_event(const struct perf_event_attr *attr)
{
    static const uint64_t configs[VX_PMU_EVENTS] = {PERF_COUNT_HW_CPU_CYCLES, PERF_COUNT_HW_INSTRUCTIONS,
                                                    PERF_COUNT_HW_CACHE_MISSES, PERF_COUNT_HW_BRANCH_MISSES};
    int event = 0;
    while (event < VX_PMU_EVENTS && configs[event] != attr->config)
        event++;
    CHECK(event < VX_PMU_EVENTS && attr->type == PERF_TYPE_HARDWARE && attr->size == sizeof *attr);
    CHECK(attr->exclude_kernel && attr->exclude_hv && !attr->inherit && !attr->disabled && !attr->pinned);
    CHECK_EQUAL(attr->read_format,
                PERF_FORMAT_GROUP | PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING);
    return event;
}

static int fake_open(struct perf_event_attr *attr, int thread_id, int group)
{
    const int event = fake_event(attr);
    if (fake.refusals[event] != 0)
        return -fake.refusals[event];
    if (fake.open_now == (fake.files_max != 0 ? fake.files_max : FAKE_FILES))
        return -EMFILE;
    int fd = 0;
    while (fake.files[fd].open)
        fd++;
    CHECK(group == -1 ||
          (fake.files[group].open && fake.files[group].leader == group && /* a leader, of the same thread */
           fake.files[group].thread_id == thread_id));
    fake.files[fd] = (fake_file){1, event, group == -1 ? fd : group, thread_id};
    fake.opened++;
    fake.open_now++;
    return fd;
}

static int64_t fake_read(int fd, void *into, size_t bytes)
{
    vx_pmu_group group = {.enabled_ns = fake.enabled_ns += fake.step_ns,
                          .running_ns = fake.running_ns += fake.step_ns};
    CHECK(fake.files[fd].open && fake.files[fd].leader == fd && bytes == sizeof group);
    fake.reads++;
    for (int event = 0; event < VX_PMU_EVENTS; event++)
        fake.counts[event] += fake.steps[event];
    if (fake.gone != 0)
        return fake.gone < 0 ? fake.gone : 0;
    for (int i = 0; i < FAKE_FILES; i++) /* members are opened, and numbered, in the order of the events */
        if (fake.files[i].open && fake.files[i].leader == fd)
            group.values[group.members++] = fake.counts[fake.files[i].event];
    memcpy(into, &group, sizeof group);
    return (int64_t)((3 + group.members) * sizeof(uint64_t));
}

static void fake_close(int fd)
{
    CHECK(fake.files[fd].open);
    fake.files[fd].open = 0;
    fake.open_now--;
}

static const vx_pmu_calls fake_calls = {fake_open, fake_read, fake_close};
#endif
