#include "controls.h"

#include "clock.h"
#include "command_log.h"
#include "config.h"
#include "words.h"

/* The bounds are those of the option of the same name. */
static velox_status check(const vx_controls *controls, int command, int stage, uint64_t value)
{
    switch (command) {
    case VELOX_COMMAND_BURST:
        if (!controls->generated)
            return VELOX_NOT_PERMITTED;
        return value >= 1 && value <= VX_BURST_MAX ? VELOX_OK : VELOX_INVALID_ARGUMENT;
    case VELOX_COMMAND_STALL:
    case VELOX_COMMAND_SLOW:
        return stage >= 0 && stage < VELOX_STAGES && value <= VX_FAULT_MAX_NS ? VELOX_OK
                                                                              : VELOX_INVALID_ARGUMENT;
    case VELOX_COMMAND_HOLD:
        return value <= 1 ? VELOX_OK : VELOX_INVALID_ARGUMENT;
    case VELOX_COMMAND_RATE_MILLIHZ:
        if (!controls->paced)
            return VELOX_NOT_PERMITTED;
        return vx_config_allows(VELOX_OPTION_RATE_MILLIHZ, value) ? VELOX_OK : VELOX_INVALID_ARGUMENT;
    case VELOX_COMMAND_BUNDLE_MAX:
        return vx_config_allows(VELOX_OPTION_BUNDLE_MAX, value) ? VELOX_OK : VELOX_INVALID_ARGUMENT;
    case VELOX_COMMAND_BUNDLE_TIMEOUT_NS:
        return vx_config_allows(VELOX_OPTION_BUNDLE_TIMEOUT_NS, value) ? VELOX_OK : VELOX_INVALID_ARGUMENT;
    case VELOX_COMMAND_WAIT:
        if (value < VELOX_SPIN || value > VELOX_BACKOFF)
            return VELOX_INVALID_ARGUMENT;
        return value == VELOX_SPIN && controls->threads > controls->usable_cores ? VELOX_NOT_PERMITTED
                                                                                 : VELOX_OK;
    default:
        return VELOX_INVALID_ARGUMENT;
    }
}

/* Relaxed stores: the release of the generation publishes them. `shown` words are only looked at. */
static void apply(vx_controls *controls, uint64_t now_ns, int command, int stage, uint64_t value)
{
    switch (command) {
    case VELOX_COMMAND_BURST:
        vx_store_relaxed(&controls->burst_total, vx_load_relaxed(&controls->burst_total) + value);
        break;
    case VELOX_COMMAND_STALL:
        vx_store_relaxed(&controls->stall_until_ns[stage], value == 0 ? 0 : now_ns + value);
        break;
    case VELOX_COMMAND_SLOW:
        vx_store_relaxed(&controls->slow_ns[stage], value);
        break;
    case VELOX_COMMAND_HOLD:
        vx_store_relaxed(&controls->hold, value);
        vx_store_relaxed(&controls->shown[VX_CONTROL_HOLD], value);
        break;
    case VELOX_COMMAND_RATE_MILLIHZ:
        vx_store_relaxed(&controls->rate_millihz, value);
        vx_store_relaxed(&controls->shown[VX_CONTROL_RATE_MILLIHZ], value);
        break;
    case VELOX_COMMAND_BUNDLE_MAX:
        vx_store_relaxed(&controls->bundle_max, value);
        vx_store_relaxed(&controls->shown[VX_CONTROL_BUNDLE_MAX], value);
        break;
    case VELOX_COMMAND_BUNDLE_TIMEOUT_NS:
        vx_store_relaxed(&controls->bundle_timeout_ns, value);
        vx_store_relaxed(&controls->shown[VX_CONTROL_BUNDLE_TIMEOUT_NS], value);
        break;
    default:
        vx_store_relaxed(&controls->wait, value);
        vx_store_relaxed(&controls->shown[VX_CONTROL_WAIT], value);
        break;
    }
}

static void record(vx_controls *controls, uint64_t now_ns, int command, int stage, uint64_t value)
{
    const uint64_t before = vx_load_relaxed(&controls->shown[VX_CONTROL_COMMANDS]);
    const uint64_t where = (uint64_t)(uint32_t)command | (uint64_t)(uint32_t)stage << 32;
    const uint64_t entry[VX_RECORD_WORDS] = {before + 1, now_ns, where, value};
    vx_record_write(controls->log + VX_RECORD_WORDS * (before % VX_LOG_RECORDS), entry);
    vx_counter_add(&controls->shown[VX_CONTROL_COMMANDS], 1);
}

velox_status vx_controls_command(vx_controls *controls, const vx_clock *clock, int command, int stage,
                                 uint64_t value)
{
    const velox_status status = check(controls, command, stage, value);
    if (status != VELOX_OK)
        return status;
    const uint64_t now_ns = vx_clock_now_ns(clock);
    apply(controls, now_ns, command, stage, value);
    record(controls, now_ns, command, stage, value);
    /* Release pairs with the stages' acquire of the generation: they see the settings. */
    vx_store_release(&controls->generation, vx_load_relaxed(&controls->generation) + 1);
    return VELOX_OK;
}
