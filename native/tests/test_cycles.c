/* Pipelines, simulations and readers come and go a thousand times and leave nothing: no memory, no thread, no
 * descriptor, no segment. */
#include <malloc.h>
#include <stdlib.h>

#include "input.h"
#include "spawned.h"

#ifdef VX_LIGHT
#define CYCLES 40
#else
#define CYCLES 1000
#endif
#define WARM_UP    (CYCLES / 4) /* the C library's own caches fill first */
#define ONCE_BYTES 4096
#define ONCE_PAGES 256

/* Sanitizers and emulators keep memory of their own. */
#if defined(VX_LIGHT) || defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SHOWS_PAGES 0
#else
#define SHOWS_PAGES 1
#endif

typedef struct held {
    uint64_t heap_bytes;
    uint64_t mapped_pages;
    uint64_t resident_pages;
    int threads;
    int descriptors;
    int segments;
} held;

static char directory[64];

/* A joined thread may be listed for a moment yet. */
static int count_threads(void)
{
    int count = scratch_count_files("/proc/self/task");
    for (int patience = 100; count > 1 && patience > 0; patience--) {
        sleep_ms(1);
        count = scratch_count_files("/proc/self/task");
    }
    return count;
}

static held look_around(void)
{
    held now = {.heap_bytes = mallinfo2().uordblks + mallinfo2().hblkhd};
    FILE *const pages = fopen("/proc/self/statm", "r");
    CHECK(pages != NULL);
    CHECK_EQUAL(fscanf(pages, "%" SCNu64 " %" SCNu64, &now.mapped_pages, &now.resident_pages), 2);
    fclose(pages);
    now.threads = count_threads();
    now.descriptors = scratch_count_files("/proc/self/fd");
    now.segments = scratch_count_files(directory);
    return now;
}

static void cycle_pipeline(uint64_t i)
{
    static reading r;
    velox_pipeline *pipeline = start_in(directory, i % 2 != 0 ? VELOX_MAX : VELOX_POISSON);
    reading_open(&r, velox_pipeline_segment_path(pipeline));
    CHECK_EQUAL(velox_pipeline_command(pipeline, VELOX_COMMAND_BURST, 0, 1000), VELOX_OK);
    if (i % 3 != 0)
        CHECK_EQUAL(velox_pipeline_stop(pipeline), VELOX_OK);
    velox_pipeline_destroy(pipeline);
    if (i % 3 != 0)
        check_at_rest(&r);
    velox_reader_close(r.reader);
}

/* What is refused leaves nothing either. */
static void cycle_refusals(void)
{
    char error[VELOX_ERROR_BYTES];
    velox_pipeline *pipeline = NULL;
    velox_reader *reader = NULL;
    velox_config *config = velox_config_create();
    CHECK_EQUAL(velox_config_set(config, VELOX_OPTION_PATTERN, VELOX_FILE, error), VELOX_OK);
    CHECK(velox_pipeline_create(config, &pipeline, error) != VELOX_OK);
    CHECK_EQUAL(velox_config_set(config, VELOX_OPTION_PATTERN, VELOX_POISSON, error), VELOX_OK);
    CHECK_EQUAL(velox_config_set_text(config, VELOX_TEXT_SEGMENT_DIR, "/nowhere", error), VELOX_OK);
    CHECK(velox_pipeline_create(config, &pipeline, error) != VELOX_OK);
    CHECK_EQUAL(velox_config_set_text(config, VELOX_TEXT_SEGMENT_DIR, directory, error), VELOX_OK);
    CHECK_EQUAL(velox_config_set(config, VELOX_OPTION_BASE_PRICE, UINT64_C(1) << 53, error), VELOX_OK);
    CHECK(velox_pipeline_create(config, &pipeline, error) != VELOX_OK); /* with its segment and rings made */
    CHECK(velox_reader_open("/proc/self/exe", &reader, error) != VELOX_OK);
    CHECK(velox_reader_open("/proc/self/cmdline", &reader, error) != VELOX_OK);
    velox_config_destroy(config);
}

/* A thousand pages of zeros, all invalid, after a header. */
static void write_input(const char *path)
{
    static vx_vtx_header header = {.magic = VX_VTX_MAGIC, .version = 1, .header_bytes = VX_VTX_HEADER_BYTES};
    FILE *const file = fopen(path, "wb");
    CHECK(file != NULL);
    CHECK_EQUAL(fwrite(&header, sizeof header, 1, file), 1);
    CHECK_EQUAL(fclose(file), 0);
    CHECK_EQUAL(truncate(path, 4096 * 1000), 0);
}

static void cycle_simulation(velox_pattern pattern)
{
    char error[VELOX_ERROR_BYTES];
    char input[128];
    velox_simulation *simulation = NULL;
    velox_config *config = velox_config_create();
    snprintf(input, sizeof input, "%s/input.vtx", directory);
    write_input(input);
    CHECK_EQUAL(velox_config_set_text(config, VELOX_TEXT_SEGMENT_DIR, directory, error), VELOX_OK);
    CHECK_EQUAL(velox_config_set_text(config, VELOX_TEXT_INPUT, input, error), VELOX_OK);
    CHECK_EQUAL(velox_config_set(config, VELOX_OPTION_PATTERN, pattern, error), VELOX_OK);
    CHECK_EQUAL(velox_simulation_create(config, &simulation, error), VELOX_OK);
    CHECK_EQUAL(velox_simulation_run_until(simulation, 1000000), VELOX_OK);
    velox_simulation_destroy(simulation); /* without a stop */
    velox_config_destroy(config);
    CHECK_EQUAL(unlink(input), 0);
}

static void cycle(uint64_t i)
{
    cycle_pipeline(i);
    if (i % 8 == 0) {
        cycle_simulation(VELOX_POISSON);
        cycle_simulation(VELOX_FILE);
        cycle_refusals();
    }
}

static void should_leave_nothing_behind(void)
{
    for (uint64_t i = 0; i < WARM_UP; i++)
        cycle(i);
    const held before = look_around();
    for (uint64_t i = WARM_UP; i < CYCLES; i++)
        cycle(i);
    const held after = look_around();
    printf("%d cycles: heap %" PRIu64 " to %" PRIu64 " bytes, resident %" PRIu64 " to %" PRIu64
           " pages, mapped %" PRIu64 " to %" PRIu64 " pages\n",
           CYCLES - WARM_UP, before.heap_bytes, after.heap_bytes, before.resident_pages, after.resident_pages,
           before.mapped_pages, after.mapped_pages);
    CHECK_EQUAL(after.threads, before.threads);
    CHECK_EQUAL(after.descriptors, before.descriptors);
    CHECK_EQUAL(after.segments, 0);
    /* What the C library takes once is no leak: in full, 5 bytes or a third of a page a cycle are one. */
    CHECK(after.heap_bytes < before.heap_bytes + ONCE_BYTES);
    if (!SHOWS_PAGES)
        return;
    CHECK(after.mapped_pages < before.mapped_pages + ONCE_PAGES);
    CHECK(after.resident_pages < before.resident_pages + ONCE_PAGES);
}

int main(void)
{
    strcpy(directory, "/dev/shm/velox-cycles-XXXXXX");
    scratch_directory(directory);
    RUN(should_leave_nothing_behind);
    fixture_remove_directory(directory);
    return 0;
}
