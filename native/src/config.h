/* A pipeline's configuration: validated values, one by option. */
#ifndef VX_CONFIG_H
#define VX_CONFIG_H
#include "transaction.h"

#define VX_TEXT_BYTES   4096
#define VX_BURST_MAX    UINT64_C(100000000)     /* transactions of one burst command */
#define VX_FAULT_MAX_NS UINT64_C(3600000000000) /* longest stall: an hour */

struct velox_config {
    uint64_t values[VELOX_OPTION_COUNT];
    char texts[VELOX_TEXT_COUNT][VX_TEXT_BYTES];
};

void vx_config_defaults(velox_config *config);
/* Whether the option allows the value. */
int vx_config_allows(int option, uint64_t value);
#endif
