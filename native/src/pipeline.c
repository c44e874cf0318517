#include "pipeline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "affinity.h"
#include "export.h"

static velox_status place(velox_pipeline *pipeline, char *error)
{
    int usable[VX_CORES_MAX];
    const int count = vx_usable_cores(usable, VX_CORES_MAX);
    const velox_config *const config = &pipeline->config;
    const char *const cores = config->texts[VELOX_TEXT_CORES];
    if (count <= 0) {
        snprintf(error, VELOX_ERROR_BYTES, "the cores this process may use could not be read");
        return VELOX_THREAD_FAILED;
    }
    return vx_placement_choose(&pipeline->placement, (velox_threading)config->values[VELOX_OPTION_THREADING],
                               (velox_wait)config->values[VELOX_OPTION_WAIT], cores[0] != '\0' ? cores : NULL,
                               usable, count, error);
}

velox_status vx_pipeline_create(const velox_config *config, const vx_pmu_calls *pmu_calls,
                                velox_pipeline **out, char *error)
{
    velox_pipeline *const pipeline = calloc(1, sizeof *pipeline);
    if (pipeline == NULL) {
        snprintf(error, VELOX_ERROR_BYTES, "no memory for the pipeline");
        return VELOX_OUT_OF_MEMORY;
    }
    pipeline->config = *config;
    velox_status status = place(pipeline, error);
    if (status == VELOX_OK) {
        vx_clock clock;
        vx_clock_init_calibrated(&clock);
        vx_pmu_probe(&pipeline->pmu, pmu_calls, pipeline->placement.threads);
        const int book = pipeline->placement.thread_of_stage[VELOX_ORDER_BOOK];
        vx_visit
            visit; /* the segment, with the book in it, becomes the memory of the core that works on it */
        vx_thread_visit(pipeline->placement.cores[book], &visit);
        status =
            vx_engine_create(config, &clock, &pipeline->placement, &pipeline->pmu, &pipeline->engine, error);
        vx_thread_return(&visit);
    }
    if (status != VELOX_OK) {
        free(pipeline);
        return status;
    }
    pthread_mutex_init(&pipeline->calls, NULL);
    pthread_mutex_init(&pipeline->gate, NULL);
    pthread_cond_init(&pipeline->moved, NULL);
    *out = pipeline;
    return VELOX_OK;
}

VELOX_EXPORT int velox_pipeline_create(const velox_config *config, velox_pipeline **out, char *error)
{
    return (int)vx_pipeline_create(config, &vx_pmu_kernel, out, error);
}

/* Starts the workers; the number that could be created. */
static int create_workers(velox_pipeline *pipeline)
{
    int count = 0;
    for (; count < pipeline->placement.threads; count++) {
        vx_worker *const worker = &pipeline->workers[count];
        worker->pipeline = pipeline;
        worker->index = count;
        if (pthread_create(&worker->thread, NULL, vx_worker_main, worker) != 0)
            break;
        worker->started = 1;
    }
    return count;
}

static void join_workers(velox_pipeline *pipeline)
{
    for (int i = 0; i < pipeline->placement.threads; i++)
        if (pipeline->workers[i].started)
            pthread_join(pipeline->workers[i].thread, NULL);
}

/* Waits until `created` workers have settled; the first that could not names the failure. */
static velox_status await_settled(velox_pipeline *pipeline, int created, char *error)
{
    velox_status status = VELOX_OK;
    pthread_mutex_lock(&pipeline->gate);
    while (pipeline->settled < created)
        pthread_cond_wait(&pipeline->moved, &pipeline->gate);
    pthread_mutex_unlock(&pipeline->gate);
    for (int i = 0; i < created && status == VELOX_OK; i++) {
        status = pipeline->workers[i].settled;
        if (status != VELOX_OK)
            snprintf(error, VELOX_ERROR_BYTES,
                     "stage thread %d could not be pinned to core %d; choose others with cores", i,
                     pipeline->placement.cores[i]);
    }
    if (created < pipeline->placement.threads) {
        snprintf(error, VELOX_ERROR_BYTES, "stage thread %d could not be created; see the limit on processes",
                 created);
        status = VELOX_THREAD_FAILED;
    }
    return status;
}

static void give_word(velox_pipeline *pipeline, int go)
{
    pthread_mutex_lock(&pipeline->gate);
    pipeline->go = go;
    pthread_cond_broadcast(&pipeline->moved);
    pthread_mutex_unlock(&pipeline->gate);
}

/* The workers have settled and wait: their threads are known, and none has done any work. */
static void watch_threads(velox_pipeline *pipeline)
{
    vx_engine *const engine = pipeline->engine;
    const uint64_t now_ns = vx_clock_now_ns(&engine->clock);
    for (int stage = 0; stage < VELOX_STAGES && pipeline->pmu.events != 0; stage++) {
        const int thread = pipeline->placement.thread_of_stage[stage];
        vx_word *const words = (vx_word *)(void *)(engine->segment.base + engine->places.processor[thread]);
        /* Relaxed: the gate's mutex handed it over. */
        const uint64_t id = vx_load_relaxed(&engine->stages[stage]->block[VX_TIMING_THREAD_ID]);
        if (pipeline->pmu.threads[thread].words == NULL)
            vx_pmu_watch(&pipeline->pmu, thread, (int)id, words, now_ns);
    }
}

static velox_status start(velox_pipeline *pipeline, char *error)
{
    const int created = create_workers(pipeline);
    velox_status status = await_settled(pipeline, created, error);
    if (status == VELOX_OK)
        status = vx_engine_begin(pipeline->engine, &pipeline->config);
    if (status == VELOX_OK && pipeline->engine->journal.is_open) {
        status = vx_journal_start(&pipeline->engine->journal);
        if (status != VELOX_OK)
            snprintf(error, VELOX_ERROR_BYTES, "the journal's thread could not be created");
    }
    if (status == VELOX_OK)
        watch_threads(pipeline);
    if (status == VELOX_OK && pthread_create(&pipeline->control, NULL, vx_control_main, pipeline) != 0) {
        snprintf(error, VELOX_ERROR_BYTES,
                 "the control thread could not be created; see the limit on processes");
        status = VELOX_THREAD_FAILED;
    }
    pipeline->control_started = status == VELOX_OK;
    pipeline->engine->journal.is_wanted = status == VELOX_OK;
    give_word(pipeline, status == VELOX_OK ? 1 : -1);
    if (status != VELOX_OK) {
        join_workers(pipeline);
        vx_pmu_finish(&pipeline->pmu, vx_clock_now_ns(&pipeline->engine->clock));
        pipeline->stopped = 1;
        vx_engine_set_state(pipeline->engine, VELOX_STOPPED);
    }
    return status;
}

VELOX_EXPORT int velox_pipeline_start(velox_pipeline *pipeline, char *error)
{
    velox_status status = VELOX_WRONG_STATE;
    pthread_mutex_lock(&pipeline->calls);
    if (pipeline->go == 0 && !pipeline->stopped)
        status = start(pipeline, error);
    else
        snprintf(error, VELOX_ERROR_BYTES, "a pipeline starts once");
    pthread_mutex_unlock(&pipeline->calls);
    return (int)status;
}

VELOX_EXPORT int velox_pipeline_command(velox_pipeline *pipeline, int command, int stage, uint64_t value)
{
    pthread_mutex_lock(&pipeline->calls);
    const velox_status status = pipeline->go != 1 || pipeline->stopped
                                    ? VELOX_WRONG_STATE
                                    : vx_controls_command(&pipeline->engine->controls,
                                                          &pipeline->engine->clock, command, stage, value);
    pthread_mutex_unlock(&pipeline->calls);
    return (int)status;
}

VELOX_EXPORT void velox_pipeline_request_stop(velox_pipeline *pipeline)
{
    vx_controls_stop(&pipeline->engine->controls);
}

static void stop(velox_pipeline *pipeline)
{
    vx_engine *const engine = pipeline->engine;
    if (pipeline->go == 1) {
        vx_controls_stop(&engine->controls);
        join_workers(pipeline);
    }
    if (pipeline->control_started) {
        vx_store_relaxed(&pipeline->quit, 1); /* relaxed: hands nothing over; the join does */
        pthread_join(pipeline->control, NULL);
    }
    vx_journal_finish(&engine->journal);
    vx_pmu_finish(&pipeline->pmu, vx_clock_now_ns(&engine->clock));
    vx_engine_tick(engine, vx_clock_now_ns(&engine->clock));
    vx_engine_set_state(engine, VELOX_STOPPED);
    pipeline->stopped = 1;
}

VELOX_EXPORT int velox_pipeline_stop(velox_pipeline *pipeline)
{
    pthread_mutex_lock(&pipeline->calls);
    if (!pipeline->stopped)
        stop(pipeline);
    pthread_mutex_unlock(&pipeline->calls);
    return VELOX_OK;
}

VELOX_EXPORT int velox_pipeline_abandon(velox_pipeline *pipeline)
{
    const int status = velox_pipeline_stop(pipeline);
    pipeline->engine->journal.is_wanted = 0;
    return status;
}

VELOX_EXPORT int velox_pipeline_drained(const velox_pipeline *pipeline)
{
    return vx_engine_is_finished(pipeline->engine);
}

VELOX_EXPORT int velox_pipeline_failure(const velox_pipeline *pipeline, char *error)
{
    const vx_input *const input = pipeline->engine->ingress.input;
    error[0] = '\0';
    if (input == NULL || !vx_engine_is_finished(pipeline->engine) || !input->ended_early)
        return VELOX_OK;
    const unsigned long long pass = (unsigned long long)input->wraps + 1;
    const int length = snprintf(error, VELOX_ERROR_BYTES,
                                "%.100s: cut short while it was read, %llu of %llu transactions came",
                                pipeline->config.texts[VELOX_TEXT_INPUT], (unsigned long long)input->position,
                                (unsigned long long)input->count);
    snprintf(error + length, VELOX_ERROR_BYTES - (size_t)length,
             pass > 1 ? " in pass %llu; keep it as it is while it is played"
                      : "; keep it as it is while it is played",
             pass);
    return VELOX_INPUT_INVALID;
}

VELOX_EXPORT const char *velox_pipeline_segment_path(const velox_pipeline *pipeline)
{
    return pipeline->engine->segment.path;
}

VELOX_EXPORT void velox_pipeline_destroy(velox_pipeline *pipeline)
{
    if (pipeline == NULL)
        return;
    velox_pipeline_stop(pipeline);
    vx_engine_destroy(pipeline->engine);
    pthread_mutex_destroy(&pipeline->calls);
    pthread_mutex_destroy(&pipeline->gate);
    pthread_cond_destroy(&pipeline->moved);
    free(pipeline);
}
