/* The processor's own counters of each stage thread: cycles, instructions, misses, in user space only. The
 * kernel keeps them with the thread (perf_event_open), so that the stages do nothing for it and know nothing
 * of it; whoever keeps the house reads them a few times a second and shows them in the segment.
 *
 * Each reading costs the housekeeper a system call a thread, and the core that runs the thread an interrupt,
 * since the kernel fetches the counts there. Hence a few times a second, not each turn. */
#ifndef VX_PMU_H
#define VX_PMU_H
#include <stddef.h>

#include "atomics.h"
#include "velox.h"

#define VX_PMU_INTERVAL_NS UINT64_C(250000000)
#define VX_PMU_TEXT        200

/* Words of one thread, in the order in which they are stored. */
enum vx_pmu_word {
    VX_PMU_CYCLES,
    VX_PMU_INSTRUCTIONS,
    VX_PMU_CACHE_MISSES, /* of the last level */
    VX_PMU_BRANCH_MISSES,
    VX_PMU_EVENTS,
    VX_PMU_COVERED_NS = VX_PMU_EVENTS, /* engine time from the first reading to the last */
    VX_PMU_WORDS
};

struct perf_event_attr;

/* The system calls, by the kernel's own conventions but for errors: they are negative errnos. */
typedef struct vx_pmu_calls {
    int (*open)(struct perf_event_attr *attr, int thread_id,
                int group);                            /* a descriptor; group -1: a new one */
    int64_t (*read)(int fd, void *into, size_t bytes); /* bytes read */
    void (*close)(int fd);
} vx_pmu_calls;
extern const vx_pmu_calls vx_pmu_kernel;

/* One group of events. `raw` and the times are the kernel's at the last reading. */
typedef struct vx_pmu_thread {
    VX_ATOMIC(uint64_t) * words; /* VX_PMU_WORDS, in the segment; NULL: not counted */
    int fds[VX_PMU_EVENTS];      /* -1: this event is not counted */
    int failures[VX_PMU_EVENTS]; /* and why: an errno */
    uint64_t raw[VX_PMU_EVENTS];
    uint64_t enabled_ns;
    uint64_t running_ns;
    uint64_t since_ns; /* engine time at which counting began */
} vx_pmu_thread;

typedef struct vx_pmu {
    const vx_pmu_calls *calls;
    uint32_t events;        /* bit n: event n can be counted here */
    char text[VX_PMU_TEXT]; /* what is counted; or why not, "; " and the remedy */
    uint64_t next_ns;
    vx_pmu_thread threads[VELOX_STAGES];
} vx_pmu;

/* Finds out on the calling thread what can be counted for `threads` threads, and sets events and text.
 * Nothing stays open. */
void vx_pmu_probe(vx_pmu *pmu, const vx_pmu_calls *calls, int threads);
/* Counts a thread from now on into `words` of its own; before the thread's first turn. Where that fails the
 * words stay 0. */
void vx_pmu_watch(vx_pmu *pmu, int thread, int thread_id, VX_ATOMIC(uint64_t) * words, uint64_t now_ns);
/* Reads every thread once VX_PMU_INTERVAL_NS has passed since the last time. */
void vx_pmu_turn(vx_pmu *pmu, uint64_t now_ns);
/* Reads a last time, also threads that have ended, and closes all. A second time: nothing. */
void vx_pmu_finish(vx_pmu *pmu, uint64_t now_ns);
#endif
