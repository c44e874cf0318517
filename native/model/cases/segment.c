/* The segment's version: a reader of another process that sees it sees the header and the table behind it. */
#include "segment.h"

#include "cases.h"

#define TABLE_WORDS 4

typedef struct file {
    vx_segment_header head;
    uint64_t table[TABLE_WORDS];
} file;

static void setup(void *state)
{
    *(file *)state = (file){.head.version = 0};
}

static void publish(void *state)
{
    file *const s = state;
    vx_plain_write(s->head.header, sizeof s->head.header);
    s->head.header[VELOX_HEADER_ROWS] = TABLE_WORDS;
    vx_plain_write(s->table, sizeof s->table);
    s->table[TABLE_WORDS - 1] = 7;
    vx_segment_set_version(&s->head, VELOX_SEGMENT_VERSION);
}

static void open_segment(void *state)
{
    const file *const s = state;
    if (vx_segment_version(&s->head) != VELOX_SEGMENT_VERSION)
        return;
    vx_plain_read(s->head.header, sizeof s->head.header);
    MODEL_CHECK(s->head.header[VELOX_HEADER_ROWS] == TABLE_WORDS);
    vx_plain_read(s->table, sizeof s->table);
    MODEL_CHECK(s->table[TABLE_WORDS - 1] == 7);
    model_see();
}

const model_case segment_version = {.name = "segment, version published last",
                                    .threads = 2,
                                    .setup = setup,
                                    .body = {publish, open_segment},
                                    .preemptions = 20,
                                    .deep_preemptions = 20,
                                    .must_see = 1};
