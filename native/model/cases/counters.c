/* Counters before publication: whoever reads the counts of the stages from last to first never sees more come
 * out of a stage's far side than went in at its near one. By the segment's own reader. */
#include <unistd.h>

#include "cases.h"
#include "reader.h"
#include "ring.h"

#define STAGES 3
#define ITEMS  2

typedef struct pipeline {
    vx_ring rings[STAGES - 1];
    uint64_t slots[STAGES - 1][ITEMS];
    uint64_t counts[STAGES]; /* items handled */
} pipeline;

static void setup(void *state)
{
    pipeline *const s = state;
    for (int i = 0; i < STAGES - 1; i++)
        vx_ring_init_over(&s->rings[i], s->slots[i], ITEMS, sizeof s->slots[i][0]);
    for (int i = 0; i < STAGES; i++)
        s->counts[i] = 0;
}

static void first(void *state)
{
    pipeline *const s = state;
    for (uint64_t i = 0; i < ITEMS; i++) {
        vx_counter_add(&s->counts[0], 1);
        vx_ring_push(&s->rings[0], &i);
    }
}

static void middle(void *state)
{
    pipeline *const s = state;
    void *item;
    for (int i = 0; i < ITEMS; i++) {
        if (vx_ring_peek(&s->rings[0], 1, &item) == 0)
            continue;
        vx_counter_add(&s->counts[1], 1);
        vx_ring_push(&s->rings[1], item);
        vx_ring_release(&s->rings[0], 1);
    }
}

static void last(void *state)
{
    pipeline *const s = state;
    void *item;
    for (int i = 0; i < ITEMS; i++) {
        if (vx_ring_peek(&s->rings[1], 1, &item) == 0)
            continue;
        vx_counter_add(&s->counts[2], 1);
        vx_ring_release(&s->rings[1], 1);
    }
}

static void read_backwards(void *state)
{
    static uint32_t words[STAGES] = {0, 1, 2};
    static vx_row rows[STAGES];
    const pipeline *const s = state;
    velox_reader reader = {
        .fd = STDOUT_FILENO, .map = {.base = (const uint8_t *)s->counts}, .state = UINT32_MAX};
    uint64_t counts[STAGES];
    reader.rows = rows;
    reader.words = words;
    reader.row_count = reader.word_count = STAGES;
    for (uint32_t i = 0; i < STAGES; i++)
        rows[i] = (vx_row){.kind = VELOX_KIND_COUNTER, .offset = i * sizeof *s->counts};
    MODEL_CHECK(velox_reader_words(&reader, counts, STAGES) == VELOX_OK);
    for (int i = 1; i < STAGES; i++)
        MODEL_CHECK(counts[i - 1] >= counts[i]);
    if (counts[2] != 0)
        model_see();
}

const model_case counters_in_and_out = {.name = "counters read from last stage to first",
                                        .threads = 4,
                                        .setup = setup,
                                        .body = {first, middle, last, read_backwards},
                                        .preemptions = 3,
                                        .deep_preemptions = 20,
                                        .must_see = 1};
