/* Cores within the process's cpuset and cgroup quota; pinning, naming and quieting of a thread. */
#ifndef VX_AFFINITY_H
#define VX_AFFINITY_H
#include "velox.h"

#define VX_CORES_MAX 1024

/* Usable cores in order: sched_getaffinity, at most ceil(cgroup v2/v1 quota) of them. */
int vx_usable_cores(int *cores, int capacity);
/* For the calling thread. core < 0: not pinned. VELOX_THREAD_FAILED when the core is not to be had. */
velox_status vx_thread_settle(const char *name, int core); /* name <= 15 bytes; pins; timer slack 1 ns; masks every signal that can be masked */
/* Chosen threading, waiting and cores for the asked ones, and one sentence why. */
typedef struct vx_placement {
    velox_threading threading; /* DEDICATED or SHARED */
    velox_wait wait;           /* never AUTO */
    int threads;               /* stage threads */
    int cores[VELOX_STAGES];   /* per thread, -1: not pinned */
    int thread_of_stage[VELOX_STAGES];
    char reason[200];
} vx_placement;
/* cores_text: NULL or "0,1"; a core outside the usable set, more cores than threads, or spin where threads exceed usable
 * cores are refused with a message. `usable` as vx_usable_cores gave it. Dedicated by default from four usable cores,
 * else shared on max(1, usable - 1) threads; auto waiting: spin only when a core is to spare, else backoff. With fewer
 * cores than threads (dedicated asked for) cores are dealt round. */
velox_status vx_placement_choose(vx_placement *placement, velox_threading threading, velox_wait wait, const char *cores_text,
                                 const int *usable, int usable_count, char *error);
#endif
