/* What the explored threads know of each other's stores. One execution at a time. */
#ifndef VX_MODEL_MEMORY_H
#define VX_MODEL_MEMORY_H
#include <stdint.h>

#include "model.h"

#define MODEL_LOCATIONS 112
#define MODEL_MESSAGES  48 /* stores of one location in one execution */

/* Knowledge: per location the latest store known, in modification order; per thread how far its plain
 * accesses are. */
typedef struct model_view {
    uint8_t latest[MODEL_LOCATIONS]; /* index of a message */
    uint32_t clock[MODEL_THREADS];
} model_view;

/* Between explorations: forgets every location. */
void model_memory_forget(void);
/* Between executions: forgets every message. */
void model_memory_reset(void);
/* Whether a thread has stored to a location that it had not been known to store to, since last asked. */
int model_memory_learnt_writers(void);
/* What the thread knows. */
model_view *model_thread_view(int thread);

/* Lets one thread know all that another does: the other has ended. */
void model_memory_join(int thread, int ended);

/* race.c: plain accesses, in granules of 8 bytes. */
void model_race_reset(void);

/* explore.c: what memory.c and race.c ask of the explorer. */
int model_running_thread(void);          /* -1 in setup and check */
uint32_t model_choose(uint32_t options); /* 0 .. options - 1; every one of them in some execution */
/* Before each operation that reads: another thread may go first. Stores need none: a store done early can
 * still be read late, or not at all, and takes its place in the modification order wherever later stores
 * leave it. */
void model_switch_point(void);
int model_tracing(void); /* whether operations are to be printed */

#endif
