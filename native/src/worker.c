/* A stage thread: its stages in turn, round robin, and the chosen waiting where none of them moved anything.
 */
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "affinity.h"
#include "pipeline.h"

static const char *const thread_names[VELOX_STAGES] = {"velox-ingress", "velox-book", "velox-bundle",
                                                       "velox-output"};

static int owns(const vx_worker *worker, int stage)
{
    return worker->pipeline->placement.thread_of_stage[stage] == worker->index;
}

static velox_status settle(vx_worker *worker)
{
    velox_pipeline *const pipeline = worker->pipeline;
    const int core = pipeline->placement.cores[worker->index];
    char shared_name[16];
    const char *name = thread_names[worker->index];
    if (pipeline->placement.threads != VELOX_STAGES) {
        snprintf(shared_name, sizeof shared_name, "velox-stages-%d", worker->index);
        name = shared_name;
    }
    const velox_status status = vx_thread_settle(name, core);
    for (int i = 0; i < VELOX_STAGES; i++) {
        if (!owns(worker, i))
            continue;
        vx_word *const block = pipeline->engine->stages[i]->block;
        /* Relaxed: nobody needs one beside the other; the gate hands both on, before RUNNING is shown. */
        vx_store_relaxed(&block[VX_TIMING_THREAD_ID], (uint64_t)syscall(SYS_gettid));
        vx_store_relaxed(&block[VX_TIMING_CORE], (uint64_t)(core + 1));
    }
    return status;
}

/* Tells how settling went and waits for the word; true: go. */
static int await_start(vx_worker *worker)
{
    velox_pipeline *const pipeline = worker->pipeline;
    const velox_status status = settle(worker);
    pthread_mutex_lock(&pipeline->gate);
    worker->settled = status;
    pipeline->settled++;
    pthread_cond_broadcast(&pipeline->moved);
    while (pipeline->go == 0)
        pthread_cond_wait(&pipeline->moved, &pipeline->gate);
    const int go = pipeline->go == 1;
    pthread_mutex_unlock(&pipeline->gate);
    return go;
}

static void wait_a_turn(const vx_worker *worker, vx_waiter *waiter, uint64_t deadline_ns)
{
    vx_engine *const engine = worker->pipeline->engine;
    /* Relaxed: a setting of its own, nothing is handed over with it. */
    waiter->mode = (velox_wait)vx_load_relaxed(&engine->controls.wait);
    const uint64_t parks = waiter->parks;
    vx_waiter_idle(waiter, &engine->clock, deadline_ns);
    if (parks == waiter->parks)
        return;
    for (int i = 0; i < VELOX_STAGES; i++)
        if (owns(worker, i) && !vx_stage_is_finished(engine->stages[i]))
            vx_stage_parked(engine->stages[i], waiter->parks);
}

/* Until every stage of this thread has drained, and no park longer: what a stage shows is then final. An
 * arrival wakes nobody: what is due at Ingress is gathered at the end of a park, so its deadlines do not
 * count; a bundle's do. */
static void run_stages(const vx_worker *worker)
{
    vx_engine *const engine = worker->pipeline->engine;
    vx_waiter waiter; /* on the thread's own stack: stored to every turn, beside nobody else's */
    int live;
    vx_waiter_init(&waiter, worker->pipeline->placement.wait);
    do {
        uint32_t work = 0;
        uint64_t deadline_ns = UINT64_MAX;
        live = 0;
        for (int i = 0; i < VELOX_STAGES; i++) {
            if (!owns(worker, i) || vx_stage_is_finished(engine->stages[i]))
                continue;
            const vx_duty duty = vx_engine_cycle(engine, i);
            work += duty.work;
            if (i != VELOX_INGRESS && duty.next_deadline_ns < deadline_ns)
                deadline_ns = duty.next_deadline_ns;
            live += !vx_stage_is_finished(engine->stages[i]);
        }
        if (work != 0)
            vx_waiter_worked(&waiter);
        else if (live != 0)
            wait_a_turn(worker, &waiter, deadline_ns);
    } while (live != 0);
}

void *vx_worker_main(void *argument)
{
    vx_worker *const worker = argument;
    velox_pipeline *const pipeline = worker->pipeline;
    if (!await_start(worker))
        return NULL;
    if (pipeline->hook != NULL)
        pipeline->hook(pipeline->hook_context, worker->index);
    run_stages(worker);
    return NULL;
}
