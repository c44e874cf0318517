/* A record of the command log, written over by the next while it is read: whole or none. */
#include "command_log.h"

#include "cases.h"

typedef struct log {
    uint64_t slot[VX_RECORD_WORDS];
} log;

static void setup(void *state)
{
    *(log *)state = (log){{0}};
}

static void write_two(void *state)
{
    log *const s = state;
    for (uint64_t number = 1; number <= 2; number++) {
        const uint64_t record[VX_RECORD_WORDS] = {number, 10 * number, 20 * number, 30 * number};
        vx_record_write(s->slot, record);
    }
}

static void read_one(void *state)
{
    const log *const s = state;
    uint64_t record[VX_RECORD_WORDS];
    vx_record_read(s->slot, record);
    for (uint64_t i = 1; i < VX_RECORD_WORDS; i++)
        MODEL_CHECK(record[i] == 10 * i * record[0]);
    if (record[0] == 1)
        model_see();
}

const model_case command_log = {.name = "command log, a record written over",
                                .threads = 2,
                                .setup = setup,
                                .body = {write_two, read_one},
                                .preemptions = 20,
                                .deep_preemptions = 20,
                                .must_see = 1};
