/* One random run of the simulation: what is configured, what is commanded when, all from one seed. */
#ifndef VX_RANDOM_RUN_H
#define VX_RANDOM_RUN_H
#include "plain_book.h"
#include "random.h"
#include "simulation.h"

#define STREAM         ((vx_stream)99) /* of the test's own draws, apart from the engine's */
#define FILE_RECORDS   512
#define COMMANDS_MAX   40
#define TRANSACTIONS   20000 /* about as many, bursts and changes of rate aside, make the longest run */
#define RUN_NS_MAX     UINT64_C(100000000000)
#define UNPACED_NS_MAX UINT64_C(100000) /* 256 transactions a round of 1,000 ns */

/* What the bundles that open after since_ns are given. */
typedef struct bundle_settings {
    uint64_t since_ns;
    uint64_t max;
    uint64_t timeout_ns;
} bundle_settings;

typedef struct random_run {
    vx_random random;
    velox_config *config;
    velox_simulation *simulation;
    char input[128]; /* the file's path */
    uint64_t rate_millihz;
    uint64_t pattern;
    uint64_t length_ns;
    uint64_t shown[VELOX_COMMAND_COUNT]; /* what the segment must show: the latest value of each command */
    uint64_t accepted;                   /* commands, */
    uint64_t log[1 + COMMANDS_MAX][4];   /* and what the segment's log must say of each, from number 1 */
    uint64_t stalled_until_ns[VELOX_STAGES];
    uint64_t slow_ns[VELOX_STAGES];
    uint64_t held;
    uint64_t changes;
    bundle_settings settings[1 + COMMANDS_MAX]; /* as configured, then as changed */
    uint64_t file_records;
} random_run;

static inline uint64_t draw(random_run *run, uint64_t least, uint64_t most)
{
    return least + vx_random_next(&run->random) % (most - least + 1);
}

/* Every power of two alike: values over decades. */
static inline uint64_t draw_scale(random_run *run, uint64_t least, uint64_t most)
{
    const uint64_t powers = 63u - (uint64_t)__builtin_clzll(most / least);
    const uint64_t low = least << draw(run, 0, powers);
    return draw(run, low, most - low < low ? most : 2 * low);
}

static inline int chance(random_run *run, uint64_t one_in)
{
    return draw(run, 1, one_in) == 1;
}

static inline void set(random_run *run, velox_option option, uint64_t value)
{
    char error[VELOX_ERROR_BYTES];
    CHECK_EQUAL(velox_config_set(run->config, (int)option, value, error), VELOX_OK);
}

static inline uint64_t rings_slots(random_run *run)
{
    return UINT64_C(1) << draw(run, 1, 12);
}

/* From the first valid record to the latest: how long a pass takes. */
typedef struct file_span {
    uint64_t valid;
    uint64_t first_ns;
    uint64_t latest_ns;
} file_span;

static inline void span_add(file_span *span, const uint8_t bytes[32])
{
    vx_transaction t;
    vx_transaction_decode(bytes, &t);
    if (vx_transaction_check(&t) != VELOX_TRANSACTION_OK)
        return;
    if (span->valid++ == 0)
        span->first_ns = span->latest_ns = t.ts_ns;
    if (t.ts_ns > span->latest_ns)
        span->latest_ns = t.ts_ns;
}

/* Prices in the window and some about it, times that mostly rise, and now and then nonsense. */
static inline void write_records(random_run *run, const vx_vtx_header *header, FILE *file)
{
    const uint64_t width = (uint64_t)header->levels * header->ticks_per_level;
    uint64_t ts_ns = draw(run, 0, 1) * draw_scale(run, 1, UINT64_MAX / 4);
    file_span span = {0, 0, 0};
    for (uint64_t i = 0; i < run->file_records; i++) {
        vx_transaction t = {.id = draw(run, 0, 9), .size = (uint32_t)draw_scale(run, 1, UINT32_MAX)};
        t.price = header->base_price + (int64_t)draw(run, 0, width - 1);
        if (chance(run, 8))
            t.price = header->base_price - (int64_t)width + (int64_t)draw(run, 0, 3 * width);
        t.side = (uint8_t)draw(run, 0, 1);
        t.kind = (uint8_t)draw(run, 0, 1);
        t.ts_ns = ts_ns += draw_scale(run, 1, 1000000) - 1;
        uint8_t bytes[32];
        vx_transaction_encode(&t, bytes);
        if (chance(run, 8))
            bytes[draw(run, 8, 31)] ^= (uint8_t)draw_scale(run, 1, 255);
        span_add(&span, bytes);
        CHECK_EQUAL(fwrite(bytes, 1, sizeof bytes, file), sizeof bytes);
    }
    run->length_ns = span.latest_ns - span.first_ns;
}

static inline void write_input(random_run *run)
{
    static vx_vtx_header header;
    header = (vx_vtx_header){.magic = VX_VTX_MAGIC, .version = VX_VTX_VERSION};
    header.header_bytes = VX_VTX_HEADER_BYTES;
    header.levels = 64 * (uint32_t)draw(run, 1, 4);
    header.ticks_per_level = (uint32_t)draw_scale(run, 1, 1000);
    header.base_price = (int64_t)draw_scale(run, 1000000, VX_PRICE_MAX / 2);
    run->file_records = draw_scale(run, 1, FILE_RECORDS);
    FILE *const file = fopen(run->input, "wb");
    CHECK(file != NULL);
    CHECK_EQUAL(fwrite(&header, sizeof header, 1, file), 1);
    write_records(run, &header, file);
    CHECK_EQUAL(fclose(file), 0);
}

/* The longest run: some passes of the file. A looped one is not hastened, and ends after some passes even
 * where a wrong time makes one of nothing, lest it never come to an end. */
static inline uint64_t choose_input(random_run *run)
{
    char error[VELOX_ERROR_BYTES];
    const uint64_t loop = draw(run, 0, 1);
    const uint64_t speed = chance(run, 3) ? 0 : draw_scale(run, 1, loop != 0 ? 1000 : 1000000);
    write_input(run);
    CHECK_EQUAL(velox_config_set_text(run->config, VELOX_TEXT_INPUT, run->input, error), VELOX_OK);
    set(run, VELOX_OPTION_INPUT_SPEED_PERMILLE, speed);
    set(run, VELOX_OPTION_INPUT_LOOP, loop);
    if (speed == 0)
        return UNPACED_NS_MAX;
    const uint64_t passes_ns = run->length_ns < RUN_NS_MAX ? 4 * run->length_ns * 1000 / speed : RUN_NS_MAX;
    const uint64_t least_ns = loop != 0 ? 1000 : UNPACED_NS_MAX;
    return least_ns + (passes_ns < RUN_NS_MAX ? passes_ns : RUN_NS_MAX);
}

/* The longest run at this rate. */
static inline uint64_t choose_rate(random_run *run)
{
    run->rate_millihz = draw_scale(run, 1000, UINT64_C(1000000000000));
    set(run, VELOX_OPTION_RATE_MILLIHZ, run->rate_millihz);
    const uint64_t mean_ns = UINT64_C(1000000000000) / run->rate_millihz + 1;
    if (run->pattern == VELOX_MAX)
        return UNPACED_NS_MAX;
    return mean_ns < RUN_NS_MAX / TRANSACTIONS ? mean_ns * TRANSACTIONS : RUN_NS_MAX;
}

static inline void configure(random_run *run)
{
    run->pattern = draw(run, VELOX_POISSON, VELOX_FILE);
    set(run, VELOX_OPTION_PATTERN, run->pattern);
    set(run, VELOX_OPTION_SEED, draw(run, 0, UINT64_MAX - 1));
    for (int ring = VELOX_OPTION_RING0_SLOTS; ring <= VELOX_OPTION_RING2_SLOTS; ring++)
        set(run, (velox_option)ring, rings_slots(run));
    run->settings[0].max = draw(run, 1, VELOX_BUNDLE_CAPACITY);
    run->settings[0].timeout_ns = draw_scale(run, 1000, UINT64_C(10000000000));
    set(run, VELOX_OPTION_BUNDLE_MAX, run->settings[0].max);
    set(run, VELOX_OPTION_BUNDLE_TIMEOUT_NS, run->settings[0].timeout_ns);
    set(run, VELOX_OPTION_ON_FULL, draw(run, VELOX_DROP, VELOX_BLOCK));
    set(run, VELOX_OPTION_LEVELS, 64 * draw_scale(run, 1, 64));
    set(run, VELOX_OPTION_TICKS_PER_LEVEL, draw_scale(run, 1, 1000000));
    set(run, VELOX_OPTION_BASE_PRICE, draw_scale(run, 1, (uint64_t)VX_PRICE_MAX / 2));
    set(run, VELOX_OPTION_REDUCE_PERMILLE, draw(run, 0, 500));
    uint64_t longest_ns = choose_rate(run);
    if (run->pattern == VELOX_FILE)
        longest_ns = choose_input(run);
    run->length_ns = draw_scale(run, 1000, longest_ns);
    run->shown[VELOX_COMMAND_RATE_MILLIHZ] = run->rate_millihz;
    run->shown[VELOX_COMMAND_BUNDLE_MAX] = run->settings[0].max;
    run->shown[VELOX_COMMAND_BUNDLE_TIMEOUT_NS] = run->settings[0].timeout_ns;
    run->shown[VELOX_COMMAND_WAIT] = VELOX_SPIN;
}

/* A value the command may well have; few are refused. */
static inline uint64_t draw_value(random_run *run, velox_command command)
{
    switch (command) {
    case VELOX_COMMAND_BURST:
        return draw_scale(run, 1, TRANSACTIONS);
    case VELOX_COMMAND_STALL:
        return chance(run, 4) ? 0 : draw_scale(run, 1, chance(run, 4) ? VX_FAULT_MAX_NS : run->length_ns);
    case VELOX_COMMAND_SLOW:
        return chance(run, 4) ? 0
                              : draw_scale(run, 1, chance(run, 8) ? VX_FAULT_MAX_NS : run->length_ns / 10);
    case VELOX_COMMAND_HOLD:
        return draw(run, 0, 1);
    case VELOX_COMMAND_RATE_MILLIHZ: /* as long a run must stay bounded */
        return draw_scale(run, 1000, run->rate_millihz < 500000 ? 1000000 : 2 * run->rate_millihz);
    case VELOX_COMMAND_BUNDLE_MAX:
        return draw(run, 0, VELOX_BUNDLE_CAPACITY + 1);
    case VELOX_COMMAND_BUNDLE_TIMEOUT_NS:
        return draw_scale(run, 999, UINT64_C(10000000000));
    default:
        return draw(run, VELOX_WAIT_AUTO, VELOX_BACKOFF);
    }
}

static inline void change_settings(random_run *run, uint64_t now_ns, velox_command which, uint64_t value)
{
    bundle_settings changed = run->settings[run->changes++];
    changed.since_ns = now_ns;
    *(which == VELOX_COMMAND_BUNDLE_MAX ? &changed.max : &changed.timeout_ns) = value;
    run->settings[run->changes] = changed;
}

static inline void command(random_run *run)
{
    const velox_command which = (velox_command)draw(run, 0, VELOX_COMMAND_COUNT - 1);
    const int stage = (int)draw(run, 0, VELOX_STAGES - 1);
    const uint64_t value = draw_value(run, which);
    if (velox_simulation_command(run->simulation, (int)which, stage, value) != VELOX_OK)
        return;
    run->shown[which] = value;
    const uint64_t now_ns = velox_simulation_now_ns(run->simulation);
    const uint64_t record[4] = {++run->accepted, now_ns, (uint64_t)which | (uint64_t)stage << 32, value};
    memcpy(run->log[run->accepted], record, sizeof record);
    if (which == VELOX_COMMAND_STALL)
        run->stalled_until_ns[stage] = value == 0 ? 0 : now_ns + value;
    if (which == VELOX_COMMAND_SLOW)
        run->slow_ns[stage] = value;
    if (which == VELOX_COMMAND_BUNDLE_MAX || which == VELOX_COMMAND_BUNDLE_TIMEOUT_NS)
        change_settings(run, now_ns, which, value);
    if (which == VELOX_COMMAND_HOLD)
        run->held = value;
}
#endif
