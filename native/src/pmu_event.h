/* One event of a thread and one reading of a group, as perf_event_open(2) lays them out. */
#ifndef VX_PMU_EVENT_H
#define VX_PMU_EVENT_H
#include "pmu.h"

/* What a read of the leader gives: PERF_FORMAT_GROUP with both times. */
typedef struct vx_pmu_group {
    uint64_t members;
    uint64_t enabled_ns; /* the group was to count, while the thread was on a core */
    uint64_t running_ns; /* and had the counters for it */
    uint64_t values[VX_PMU_EVENTS];
} vx_pmu_group;

/* Opens event `event` (vx_pmu_word) of a thread (0: the calling one) in the group led by `leader` (-1: it
 * leads one); a descriptor, or a negative errno. */
int vx_pmu_open_event(const vx_pmu_calls *calls, int event, int thread_id, int leader);
/* True when the group of so many members was read whole. */
int vx_pmu_read_group(const vx_pmu_calls *calls, int leader, int members, vx_pmu_group *group);
#endif
