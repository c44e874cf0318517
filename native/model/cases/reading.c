#include "reading.h"

#include <string.h>
#include <unistd.h>

#include "model.h"
#include "reader.h"
#include "words.h"

void read_described(const void *base, const uint64_t *const words[], uint32_t count, uint32_t state,
                    uint64_t *values)
{
    vx_row rows[READ_MAX];
    uint32_t order[READ_MAX];
    velox_reader reader = {.fd = STDOUT_FILENO, .map = {.base = base}, .state = state};
    reader.rows = rows;
    reader.words = order;
    reader.row_count = reader.word_count = count;
    for (uint32_t i = 0; i < count; i++) {
        order[i] = i;
        rows[i].kind = VELOX_KIND_GAUGE;
        rows[i].offset = (uint64_t)((const uint8_t *)words[i] - (const uint8_t *)base);
    }
    MODEL_CHECK(velox_reader_words(&reader, values, count) == VELOX_OK);
}

/* The engine's own table, planned once: it is the same in every execution. */
static const vx_layout *table(const vx_places **places)
{
    static vx_layout layout;
    static vx_places planned;
    const uint32_t slots[VELOX_RINGS] = {2, 2, 2};
    if (layout.count == 0)
        vx_words_plan(&layout, &planned, slots, 64, 1);
    *places = &planned;
    return &layout;
}

void read_block(const uint64_t *block, int stage, uint64_t *values)
{
    const vx_places *places;
    const vx_layout *const layout = table(&places);
    const uint64_t first = places->blocks[stage];
    const uint64_t *words[READ_MAX] = {NULL};
    uint64_t loaded[READ_MAX] = {0};
    uint32_t count = 0;
    for (uint32_t i = 0; i < layout->count; i++) {
        const vx_row *const row = &layout->rows[i];
        if (vx_row_is_word(row) && row->offset >= first && row->offset < first + 8 * VX_BLOCK_WORDS)
            words[count++] = block + (row->offset - first) / 8;
    }
    read_described(block, words, count, NO_STATE, loaded);
    memset(values, 0, VX_BLOCK_WORDS * sizeof *values);
    for (uint32_t i = 0; i < count; i++)
        values[words[i] - block] = loaded[i];
}
