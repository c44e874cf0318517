/* A pipeline in a process of its own, seen from here through its segment alone. */
#ifndef VX_SPAWNED_H
#define VX_SPAWNED_H
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "reading.h"
#include "segment_fixture.h"

#define PATIENCE_MS 120000 /* what takes longer hangs */

typedef struct spawned {
    pid_t pid;
    int told;    /* closing it stops the pipeline */
    int telling; /* its segment's path */
    char path[256];
} spawned;

static inline void sleep_ms(uint64_t ms)
{
    const struct timespec duration = {(time_t)(ms / 1000), (long)(ms % 1000 * 1000000)};
    nanosleep(&duration, NULL);
}

static inline velox_pipeline *start_in(const char *directory, uint64_t pattern)
{
    char error[VELOX_ERROR_BYTES] = "";
    velox_pipeline *pipeline = NULL;
    velox_config *config = velox_config_create();
    const uint64_t options[][2] = {{VELOX_OPTION_PATTERN, pattern},
                                   {VELOX_OPTION_THREADING, VELOX_DEDICATED},
                                   {VELOX_OPTION_WAIT, VELOX_BACKOFF},
                                   {VELOX_OPTION_CUT_INTERVAL_NS, 2000000}};
    for (uint32_t i = 0; i < sizeof options / sizeof options[0]; i++)
        CHECK_EQUAL(velox_config_set(config, (int)options[i][0], options[i][1], error), VELOX_OK);
    CHECK_EQUAL(velox_config_set_text(config, VELOX_TEXT_SEGMENT_DIR, directory, error), VELOX_OK);
    int status = velox_pipeline_create(config, &pipeline, error);
    if (status == VELOX_OK)
        status = velox_pipeline_start(pipeline, error);
    if (status != VELOX_OK)
        fprintf(stderr, "%s\n", error);
    CHECK_EQUAL(status, VELOX_OK);
    velox_config_destroy(config);
    return pipeline;
}

/* The child: runs until its parent closes the pipe; exact at rest, or it fails. */
static inline void run_child(const char *directory, uint64_t pattern, int told, int telling)
{
    static reading r;
    char nothing;
    velox_pipeline *pipeline = start_in(directory, pattern);
    const char *const path = velox_pipeline_segment_path(pipeline);
    reading_open(&r, path);
    CHECK_EQUAL(write(telling, path, strlen(path) + 1), strlen(path) + 1);
    CHECK_EQUAL(read(told, &nothing, 1), 0);
    CHECK_EQUAL(velox_pipeline_stop(pipeline), VELOX_OK);
    check_at_rest(&r);
    velox_reader_close(r.reader);
    velox_pipeline_destroy(pipeline);
    exit(0);
}

static inline spawned spawn(const char *directory, uint64_t pattern)
{
    int down[2];
    int up[2];
    CHECK(pipe(down) == 0 && pipe(up) == 0);
    fflush(stdout);
    const pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* stopped, it would not see that its parent is gone */
        close(down[1]);
        close(up[0]);
        run_child(directory, pattern, down[0], up[1]);
    }
    close(down[0]);
    close(up[1]);
    return (spawned){.pid = pid, .told = down[1], .telling = up[0]};
}

/* Its pipeline runs, and its path is known. */
static inline void await_running(spawned *child)
{
    CHECK(read(child->telling, child->path, sizeof child->path) > 0);
}

/* How it ended, as waitpid says. */
static inline int end_of(const spawned *child)
{
    int status;
    close(child->told);
    close(child->telling);
    CHECK_EQUAL(waitpid(child->pid, &status, 0), child->pid);
    return status;
}
#endif
