/* The heartbeat's pair: whatever turn a reader finds, the two clocks are of that turn, though turns that
 * follow write over its copy, and no turn goes back. By the segment's own reader. */
#include "heartbeat.h"

#include <stddef.h>
#include <unistd.h>

#include "cases.h"
#include "reader.h"

#define TURNS    3 /* the third writes over the first one's copy */
#define READINGS 2
#define APART_NS 1000

typedef struct segment {
    uint64_t words[VX_HEARTBEAT_CLOCKS];
    vx_heartbeat heartbeat;
} segment;

static void setup(void *state)
{
    *(segment *)state = (segment){.words = {0}};
}

static void beat(void *state)
{
    segment *const s = state;
    for (uint64_t turn = 1; turn <= TURNS; turn++)
        vx_heartbeat_store(&s->heartbeat, s->words, turn, turn + APART_NS);
}

static void read_pair(void *state)
{
    static uint32_t words[VX_HEARTBEAT_CLOCKS] = {0, 1};
    static vx_row rows[VX_HEARTBEAT_CLOCKS];
    velox_reader reader = {.fd = STDOUT_FILENO, .map = {.base = state}, .state = UINT32_MAX, .beats = {0, 1}};
    uint64_t pair[VX_HEARTBEAT_CLOCKS];
    uint64_t last = 0;
    reader.rows = rows;
    reader.words = words;
    reader.row_count = reader.word_count = VX_HEARTBEAT_CLOCKS;
    reader.heartbeat = offsetof(segment, heartbeat);
    for (uint32_t i = 0; i < VX_HEARTBEAT_CLOCKS; i++)
        rows[i] = (vx_row){.kind = VELOX_KIND_GAUGE, .offset = offsetof(segment, words) + 8 * (uint64_t)i};
    for (int i = 0; i < READINGS; i++) {
        MODEL_CHECK(velox_reader_words(&reader, pair, VX_HEARTBEAT_CLOCKS) == VELOX_OK);
        MODEL_CHECK(pair[0] == 0 ? pair[1] == 0 : pair[1] == pair[0] + APART_NS);
        MODEL_CHECK(pair[0] >= last);
        last = pair[0];
    }
    if (last == TURNS - 1)
        model_see();
}

const model_case heartbeat_pair = {.name = "heartbeat, one turn on both clocks",
                                   .threads = 2,
                                   .setup = setup,
                                   .body = {beat, read_pair},
                                   .preemptions = 3,
                                   .deep_preemptions = 20,
                                   .must_see = 1};
