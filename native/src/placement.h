/* Which threads run the stages, on which cores, and how they wait. Pure: decides from what it is told. */
#ifndef VX_PLACEMENT_H
#define VX_PLACEMENT_H
#include "velox.h"

/* Chosen threading, waiting and cores for the asked ones, and one sentence why. */
typedef struct vx_placement {
    velox_threading threading;         /* DEDICATED or SHARED */
    velox_wait wait;                   /* never AUTO */
    int threads;                       /* stage threads, 1 .. VELOX_STAGES */
    int usable_cores;                  /* cores that the threads may use: spin needs as many as threads */
    int cores[VELOX_STAGES];           /* per thread; -1: not pinned */
    int thread_of_stage[VELOX_STAGES]; /* in stage order, never descending; the last thread takes what is left
                                          over */
    char reason[200];
} vx_placement;

/* `usable` (at least one) as vx_usable_cores gave it.
 *
 * Threads: dedicated by default from four usable cores, else shared on max(1, usable - 1) threads, at most
 * one a stage. Cores: pinned in the order of `usable`, its first left to the console and the system while
 * there are more cores than threads, dealt round when there are fewer. cores_text: NULL, or a core for each
 * thread, "0,1,1": threads may share one. Unless dedicated is asked for there is then a thread for each core
 * named (four are dedicated); dedicated deals the cores round. Waiting: by default spin with a core to spare,
 * else backoff.
 *
 * Refused, with a message in `error` (VELOX_ERROR_BYTES): VELOX_INVALID_ARGUMENT for a core that is not a
 * number or not usable, or more cores than stages; VELOX_NOT_PERMITTED for spin where threads exceed the
 * cores they may use. */
velox_status vx_placement_choose(vx_placement *placement, velox_threading threading, velox_wait wait,
                                 const char *cores_text, const int *usable, int usable_count, char *error);
#endif
