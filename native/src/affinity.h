/* Cores within the process's cpuset and cgroup quota; pinning, naming and quieting of a thread. */
#ifndef VX_AFFINITY_H
#define VX_AFFINITY_H
#include "velox.h"

#define VX_CORES_MAX 1024

/* Usable cores in order: sched_getaffinity of the calling thread, at most as many as the cgroup quota pays
 * for, at least one. Gives their number (at most capacity), or -1 where they cannot be read. */
int vx_usable_cores(int *cores, int capacity);

/* For the calling thread: names it (the first 15 bytes), pins it to `core` (< 0: not pinned), sets its timer
 * slack to 1 ns and masks every signal but those that report its own faults. VELOX_THREAD_FAILED when the
 * core is not to be had; the rest is done all the same. */
velox_status vx_thread_settle(const char *name, int core);
/* Where a thread was before a visit; nothing to return to when `away` is 0. */
typedef struct vx_visit {
    int away;
    unsigned char cores[VX_CORES_MAX];
} vx_visit;

/* Moves the calling thread to `core` (< 0, or not to be had: it stays), so that memory which it touches first
 * is that core's; and back. */
void vx_thread_visit(int core, vx_visit *visit);
void vx_thread_return(const vx_visit *visit);
#endif
