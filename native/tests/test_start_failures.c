/* A pipeline of which a thread cannot be created says which, ends those that were, leaves nothing open and no
 * file, and is at rest. Each creation in turn fails, at the call. */
#include "check.h"

#if defined(__linux__)
#include <pthread.h>
#include <string.h>

#include "fake_pmu.h"
#include "pipeline.h"
#include "reading.h"
#include "scratch.h"

typedef void *(*start_routine)(void *);

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, start_routine routine,
                          void *argument);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, start_routine routine,
                          void *argument);
int __real_pthread_join(pthread_t thread, void **result);
int __wrap_pthread_join(pthread_t thread, void **result);

static char directory[64] = "/tmp/velox-start-XXXXXX";
static int creations_left; /* until one fails */
static int created, joined;

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, start_routine routine,
                          void *argument)
{
    if (creations_left-- == 0)
        return EAGAIN;
    created++;
    return __real_pthread_create(thread, attributes, routine, argument);
}

int __wrap_pthread_join(pthread_t thread, void **result)
{
    joined++;
    return __real_pthread_join(thread, result);
}

static velox_pipeline *create(void)
{
    char error[VELOX_ERROR_BYTES] = "";
    char journal[96];
    velox_pipeline *pipeline = NULL;
    velox_config *const config = velox_config_create();
    snprintf(journal, sizeof journal, "%s/journal.vtx", directory);
    CHECK_EQUAL(velox_config_set(config, VELOX_OPTION_THREADING, VELOX_DEDICATED, error), VELOX_OK);
    CHECK_EQUAL(velox_config_set(config, VELOX_OPTION_WAIT, VELOX_BACKOFF, error), VELOX_OK);
    CHECK_EQUAL(velox_config_set_text(config, VELOX_TEXT_JOURNAL, journal, error), VELOX_OK);
    CHECK_EQUAL(velox_config_set_text(config, VELOX_TEXT_SEGMENT_DIR, directory, error), VELOX_OK);
    CHECK_EQUAL(vx_pipeline_create(config, &fake_calls, &pipeline, error), VELOX_OK);
    velox_config_destroy(config);
    return pipeline;
}

static void fail_at(int creation, const char *what)
{
    static reading r;
    char error[VELOX_ERROR_BYTES] = "";
    memset(&fake, 0, sizeof fake);
    velox_pipeline *const pipeline = create();
    reading_open(&r, velox_pipeline_segment_path(pipeline));
    creations_left = creation;
    CHECK_EQUAL(velox_pipeline_start(pipeline, error), VELOX_THREAD_FAILED);
    CHECK(strstr(error, what) != NULL && strchr(error, '\n') == NULL);
    CHECK_EQUAL(fake.open_now, 0);
    check_at_rest(&r);
    CHECK_EQUAL(word(&r, "ingress_generated_total"), 0);
    CHECK_EQUAL(velox_pipeline_start(pipeline, error), VELOX_WRONG_STATE);
    CHECK_EQUAL(velox_pipeline_command(pipeline, VELOX_COMMAND_HOLD, 0, 1), VELOX_WRONG_STATE);
    CHECK_EQUAL(velox_pipeline_stop(pipeline), VELOX_OK);
    velox_reader_close(r.reader);
    velox_pipeline_destroy(pipeline);
    CHECK_EQUAL(joined, created);
    CHECK_EQUAL(scratch_count_files(directory), 0);
}

static void should_say_which_thread_could_not_be_created(void)
{
    fail_at(0, "stage thread 0 could not be created");
    fail_at(2, "stage thread 2 could not be created");
    fail_at(VELOX_STAGES - 1, "stage thread 3 could not be created");
    fail_at(VELOX_STAGES, "the journal's thread could not be created");
    fail_at(VELOX_STAGES + 1, "the control thread could not be created");
}

int main(void)
{
    scratch_directory(directory);
    RUN(should_say_which_thread_could_not_be_created);
    return 0;
}
#else
int main(void)
{
    return 0;
}
#endif
