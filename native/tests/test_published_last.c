/* A segment is complete when its version is stored: who opens it that very moment finds settings, reason and
 * state, and the book's levels; none of them is stored later. Watched at the call that stores the version. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "simulation.h"
#include "words.h"

#define SEED 77

void __real_vx_segment_publish(vx_segment *segment);
void __wrap_vx_segment_publish(vx_segment *segment);

static uint64_t words[VX_CONFIG_WORDS];
static char reason[VX_REASON_BYTES], memory[VX_MEMORY_TEXT], counters[VX_PMU_TEXT];
static char run_id[32];
static uint64_t state, rate;
static int published;

/* Where the rows lie is the same in every segment of these settings. */
static vx_layout layout;
static vx_places plan(void)
{
    vx_places places;
    vx_words_plan(&layout, &places, (const uint32_t[VELOX_RINGS]){4096, 4096, 1024}, 1024, 16);
    return places;
}

void __wrap_vx_segment_publish(vx_segment *segment)
{
    const vx_places places = plan();
    const uint64_t *const control = (const uint64_t *)(const void *)(segment->base + places.control);
    CHECK_EQUAL(vx_segment_version((const vx_segment_header *)(const void *)segment->base), 0);
    memcpy(words, segment->base + places.config, sizeof words);
    memcpy(reason, segment->base + places.reason, sizeof reason);
    memcpy(memory, segment->base + places.memory, sizeof memory);
    memcpy(counters, segment->base + places.counters, sizeof counters);
    state = control[VX_CONTROL_STATE];
    rate = control[VX_CONTROL_RATE_MILLIHZ];
    memcpy(run_id, ((const vx_segment_header *)(const void *)segment->base)->run_id, sizeof run_id);
    published++;
    __real_vx_segment_publish(segment);
}

static void should_publish_once_and_last(void)
{
    char error[VELOX_ERROR_BYTES] = "";
    velox_simulation *simulation = NULL;
    velox_config *const config = velox_config_create();
    CHECK_EQUAL(velox_config_set(config, VELOX_OPTION_SEED, SEED, error), VELOX_OK);
    CHECK_EQUAL(velox_simulation_create(config, &simulation, error), VELOX_OK);
    CHECK_EQUAL(published, 1);
    CHECK(strncmp(velox_simulation_segment_path(simulation), "/dev/shm/velox-", 15) == 0);
    CHECK_EQUAL(words[VX_CONFIG_SEED], SEED);
    CHECK_EQUAL(words[VX_CONFIG_LEVELS], 1024);
    CHECK_EQUAL(words[VX_CONFIG_RING2_SLOTS], 1024);
    CHECK_EQUAL(strcmp(reason, "simulated"), 0);
    CHECK(memory[0] != '\0' && counters[0] != '\0');
    CHECK_EQUAL(state, VELOX_STARTING);
    char expected[32];
    snprintf(expected, sizeof expected, "Z-%d", (int)getpid());
    CHECK(strspn(run_id, "0123456789") == 8 && strcmp(run_id + 15, expected) == 0); /* date, T, time, Z-pid */
    CHECK_EQUAL(rate, 100000000);
    const vx_places places = plan();
    for (uint32_t i = 0; i < layout.count; i++)
        CHECK(layout.rows[i].name[0] != '\0' && layout.rows[i].label[0] != '\0');
    CHECK_EQUAL(memcmp(words, simulation->engine->segment.base + places.config, sizeof words), 0);
    velox_simulation_destroy(simulation);
    velox_config_destroy(config);
}

int main(void)
{
    RUN(should_publish_once_and_last);
    return 0;
}
