/* The pipeline on its threads. This header is for the engine's own tests; programs use velox.h. */
#ifndef VX_PIPELINE_H
#define VX_PIPELINE_H
#include <pthread.h>

#include "engine.h"
#include "wait.h"

/* Called on each stage thread once it is settled, before its first turn. */
typedef void (*vx_thread_hook)(void *context, int thread);

typedef struct vx_worker {
    struct velox_pipeline *pipeline;
    pthread_t thread;
    int index;
    int started;
    velox_status settled;
} vx_worker;

struct velox_pipeline {
    vx_engine *engine;
    velox_config config;
    vx_placement placement;
    vx_worker workers[VELOX_STAGES];
    pthread_t control;
    int control_started;
    VX_ATOMIC(uint64_t) quit; /* of the control thread */
    pthread_mutex_t calls;    /* one call at a time: never taken by a stage */
    pthread_mutex_t gate;     /* the start: workers settle, then wait for the word to go */
    pthread_cond_t moved;
    int settled;
    int go; /* 1: run, -1: give up */
    int stopped;
    vx_thread_hook hook;
    void *hook_context;
    vx_pmu pmu; /* the control thread's while that runs */
};

/* velox_pipeline_create with the processor's counters asked for by `pmu_calls`. */
velox_status vx_pipeline_create(const velox_config *config, const vx_pmu_calls *pmu_calls,
                                velox_pipeline **out, char *error);
void *vx_worker_main(void *worker);
void *vx_control_main(void *pipeline);
#endif
