#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export.h"

typedef struct option {
    const char *name;
    uint64_t least;
    uint64_t most;
    uint64_t fallback;
    uint64_t multiple; /* 0: any; else a multiple of it */
    int power_of_two;
} option;

static const option options[VELOX_OPTION_COUNT] = {
    [VELOX_OPTION_RATE_MILLIHZ] = {"rate (millihertz)", 1000, UINT64_C(1000000000000), 100000000, 0, 0},
    [VELOX_OPTION_PATTERN] = {"pattern", VELOX_POISSON, VELOX_FILE, VELOX_POISSON, 0, 0},
    [VELOX_OPTION_SEED] = {"seed", 0, UINT64_MAX, 1, 0, 0},
    [VELOX_OPTION_RING0_SLOTS] = {"slots of ring 0", 2, VELOX_RING_SLOTS_MAX, 4096, 0, 1},
    [VELOX_OPTION_RING1_SLOTS] = {"slots of ring 1", 2, VELOX_RING_SLOTS_MAX, 4096, 0, 1},
    [VELOX_OPTION_RING2_SLOTS] = {"slots of ring 2", 2, VELOX_RING_SLOTS_MAX, 1024, 0, 1},
    [VELOX_OPTION_BUNDLE_MAX] = {"bundle max", 1, VELOX_BUNDLE_CAPACITY, 16, 0, 0},
    [VELOX_OPTION_BUNDLE_TIMEOUT_NS] = {"bundle timeout (ns)", 1000, UINT64_C(10000000000), 100000, 0, 0},
    [VELOX_OPTION_ON_FULL] = {"on full", VELOX_DROP, VELOX_BLOCK, VELOX_DROP, 0, 0},
    [VELOX_OPTION_THREADING] = {"threading", VELOX_THREADING_AUTO, VELOX_SHARED, VELOX_THREADING_AUTO, 0, 0},
    [VELOX_OPTION_WAIT] = {"wait", VELOX_WAIT_AUTO, VELOX_BACKOFF, VELOX_WAIT_AUTO, 0, 0},
    [VELOX_OPTION_LEVELS] = {"levels", 64, VELOX_LEVELS_MAX, 1024, 64, 0},
    [VELOX_OPTION_TICKS_PER_LEVEL] = {"ticks a level", 1, 1000000, 16, 0, 0},
    [VELOX_OPTION_BASE_PRICE] = {"base price", 0, VX_PRICE_MAX, 1000000, 0, 0},
    [VELOX_OPTION_REDUCE_PERMILLE] = {"reduces (permille)", 0, 500, 450, 0, 0},
    [VELOX_OPTION_INPUT_SPEED_PERMILLE] = {"input speed (permille)", 0, 1000000, 1000, 0, 0},
    [VELOX_OPTION_INPUT_LOOP] = {"input loop", 0, 1, 0, 0, 0},
    [VELOX_OPTION_CUT_INTERVAL_NS] = {"cut interval (ns)", 1000000, UINT64_C(10000000000), 100000000, 0, 0},
    [VELOX_OPTION_HUGE_PAGES] = {"huge pages", VELOX_HUGE_AUTO, VELOX_HUGE_OFF, VELOX_HUGE_AUTO, 0, 0},
    [VELOX_OPTION_LOCK_MEMORY] = {"lock memory", 0, 1, 0, 0, 0},
};

static const struct {
    const char *name;
    size_t bytes;
} texts[VELOX_TEXT_COUNT] = {
    [VELOX_TEXT_CORES] = {"cores", VX_TEXT_BYTES},         [VELOX_TEXT_INPUT] = {"input", VX_TEXT_BYTES},
    [VELOX_TEXT_SEGMENT_DIR] = {"segment directory", 200}, [VELOX_TEXT_RUN_ID] = {"run id", 32},
    [VELOX_TEXT_JOURNAL] = {"journal", VX_TEXT_BYTES},
};

int vx_config_allows(int which, uint64_t value)
{
    const option *const allowed = &options[which];
    return value >= allowed->least && value <= allowed->most &&
           (allowed->multiple == 0 || value % allowed->multiple == 0) &&
           (!allowed->power_of_two || (value & (value - 1)) == 0);
}

void vx_config_defaults(velox_config *config)
{
    memset(config, 0, sizeof *config);
    for (int i = 0; i < VELOX_OPTION_COUNT; i++)
        config->values[i] = options[i].fallback;
}

VELOX_EXPORT velox_config *velox_config_create(void)
{
    velox_config *config = malloc(sizeof *config);
    if (config != NULL)
        vx_config_defaults(config);
    return config;
}

VELOX_EXPORT void velox_config_destroy(velox_config *config)
{
    free(config);
}

VELOX_EXPORT int velox_config_set(velox_config *config, int which, uint64_t value, char *error)
{
    if (which < 0 || which >= VELOX_OPTION_COUNT) {
        snprintf(error, VELOX_ERROR_BYTES, "option %d is unknown", which);
        return VELOX_INVALID_ARGUMENT;
    }
    if (!vx_config_allows(which, value)) {
        const option *const allowed = &options[which];
        snprintf(error, VELOX_ERROR_BYTES, "%s: %" PRIu64 " is not allowed; %" PRIu64 " to %" PRIu64 "%s",
                 allowed->name, value, allowed->least, allowed->most,
                 allowed->power_of_two ? ", a power of two"
                                       : (allowed->multiple != 0 ? ", a multiple of 64" : ""));
        return VELOX_INVALID_ARGUMENT;
    }
    config->values[which] = value;
    return VELOX_OK;
}

VELOX_EXPORT int velox_config_set_text(velox_config *config, int which, const char *text, char *error)
{
    if (which < 0 || which >= VELOX_TEXT_COUNT) {
        snprintf(error, VELOX_ERROR_BYTES, "text option %d is unknown", which);
        return VELOX_INVALID_ARGUMENT;
    }
    if (strlen(text) >= texts[which].bytes) {
        snprintf(error, VELOX_ERROR_BYTES, "%s: longer than %zu bytes", texts[which].name,
                 texts[which].bytes - 1);
        return VELOX_INVALID_ARGUMENT;
    }
    strcpy(config->texts[which], text);
    return VELOX_OK;
}
