/* Readings. Each looks before and after its loads whether the file is whole: see reader.h. */
#include "reader.h"

#include <string.h>

#include "command_log.h"
#include "cut.h"
#include "export.h"

#define CUT_TRIES 64 /* a cut takes microseconds to load, and the next but one is milliseconds away */

typedef const VX_ATOMIC(uint64_t) * word_pointer;

static word_pointer word_at(const velox_reader *reader, uint64_t offset)
{
    return (word_pointer)(const void *)(reader->map.base + offset);
}

/* What was emptied and has grown again has its size, but no magic any more. */
static int has_magic(const velox_reader *reader)
{
    return reader->map.region == NULL || memcmp(reader->map.base, VX_SEGMENT_MAGIC, 8) == 0;
}

static velox_status check_whole(const velox_reader *reader)
{
    return has_magic(reader) && vx_mapped_is_whole(&reader->map, reader->fd) ? VELOX_OK
                                                                             : VELOX_SEGMENT_TRUNCATED;
}

/* What the loads before it came to. */
static velox_status or_cut_short(const velox_reader *reader, velox_status status)
{
    const velox_status whole = check_whole(reader);
    return whole == VELOX_OK ? status : whole;
}

/* The row, when it is of the kind; else NULL. */
static const vx_row *find(const velox_reader *reader, uint32_t row, velox_kind kind)
{
    return row < reader->row_count && reader->rows[row].kind == (uint32_t)kind ? &reader->rows[row] : NULL;
}

VELOX_EXPORT int velox_reader_header(const velox_reader *reader, uint64_t *words)
{
    memcpy(words, reader->header, sizeof reader->header);
    return VELOX_OK;
}

VELOX_EXPORT int velox_reader_run_id(const velox_reader *reader, char *text)
{
    memcpy(text, reader->run_id, sizeof reader->run_id);
    return VELOX_OK;
}

VELOX_EXPORT int velox_reader_table(const velox_reader *reader, void *rows, uint64_t bytes)
{
    const uint64_t needed = reader->row_count * sizeof *reader->rows;
    if (bytes < needed)
        return VELOX_INVALID_ARGUMENT;
    memcpy(rows, reader->rows, needed);
    return VELOX_OK;
}

static uint64_t load_word(const velox_reader *reader, uint32_t index)
{
    /* Acquire pairs with the release by which each stage stores its words, the first before the last: who
     * loads a later one has seen the earlier ones, which it loads only after. So in >= out. And with the
     * release of the state: loaded before all others, none of them is from before it. */
    return vx_load_acquire(word_at(reader, reader->rows[reader->words[index]].offset));
}

/* Puts the pair of one turn where its words are. */
static velox_status load_heartbeat(const velox_reader *reader, uint64_t *words)
{
    uint64_t pair[VX_HEARTBEAT_CLOCKS];
    if (reader->heartbeat == 0)
        return VELOX_OK;
    if (!vx_heartbeat_load((const vx_heartbeat *)(const void *)(reader->map.base + reader->heartbeat), pair))
        return VELOX_TIMED_OUT;
    for (int i = 0; i < VX_HEARTBEAT_CLOCKS; i++)
        words[reader->beats[i]] = pair[i];
    return VELOX_OK;
}

VELOX_EXPORT int velox_reader_words(const velox_reader *reader, uint64_t *words, uint32_t count)
{
    if (count < reader->word_count)
        return VELOX_INVALID_ARGUMENT;
    const velox_status status = check_whole(reader);
    if (status != VELOX_OK)
        return (int)status;
    const int has_state = reader->state < reader->word_count;
    const uint64_t state = has_state ? load_word(reader, reader->state) : 0;
    for (uint32_t i = reader->word_count; i-- > 0;)
        words[i] = load_word(reader, i);
    if (has_state)
        words[reader->state] = state;
    return (int)or_cut_short(reader, load_heartbeat(reader, words));
}

/* Puts one stage's cut where its words are. */
static void spread_cut(const velox_reader *reader, const vx_row *cut, const uint64_t *from, uint64_t *words)
{
    for (uint32_t i = 0; i < reader->word_count; i++) {
        const vx_row *const row = &reader->rows[reader->words[i]];
        if (row->stage == cut->stage && row->offset >= cut->source &&
            (row->offset - cut->source) / 8 < cut->param)
            words[i] = from[(row->offset - cut->source) / 8];
    }
}

static void load_cuts(const velox_reader *reader, uint64_t sequence, uint64_t *words)
{
    uint64_t loaded[VX_READER_CUT_MAX];
    for (uint32_t i = 0; i < reader->cut_count; i++) {
        const vx_row *const cut = &reader->rows[reader->cuts[i]];
        vx_cut_load(word_at(reader, cut->offset), cut->param, sequence, loaded);
        spread_cut(reader, cut, loaded, words);
    }
}

VELOX_EXPORT int velox_reader_cut(const velox_reader *reader, uint64_t *words, uint32_t count,
                                  uint64_t *sequence)
{
    if (count < reader->word_count)
        return VELOX_INVALID_ARGUMENT;
    const velox_status status = check_whole(reader);
    if (status != VELOX_OK || reader->sequence == 0)
        return status != VELOX_OK ? (int)status : VELOX_NOT_READY;
    const word_pointer newest = word_at(reader, reader->sequence);
    memset(words, 0, reader->word_count * sizeof *words);
    for (int i = 0; i < CUT_TRIES; i++) {
        *sequence = vx_cut_newest(newest);
        if (*sequence == 0)
            return (int)or_cut_short(reader, VELOX_NOT_READY);
        load_cuts(reader, *sequence, words);
        if (vx_cut_still(newest, *sequence))
            return (int)or_cut_short(reader, VELOX_OK);
    }
    return (int)or_cut_short(reader, VELOX_TIMED_OUT);
}

/* Loads every stride-th word. Relaxed: counters loaded with acquire before say what must be seen here
 * (histogram.h). */
static velox_status load_words(const velox_reader *reader, uint64_t offset, uint32_t stride, uint64_t *words,
                               uint64_t count)
{
    const velox_status status = check_whole(reader);
    const word_pointer from = word_at(reader, offset);
    for (uint64_t i = 0; status == VELOX_OK && i < count; i++)
        words[i] = vx_load_relaxed(&from[i * stride]);
    return or_cut_short(reader, status);
}

VELOX_EXPORT int velox_reader_histogram(const velox_reader *reader, uint32_t row, uint64_t *words,
                                        uint32_t count)
{
    const vx_row *const histogram = find(reader, row, VELOX_KIND_HISTOGRAM);
    if (histogram == NULL || count < 1 + VELOX_HISTOGRAM_BUCKETS)
        return VELOX_INVALID_ARGUMENT;
    return (int)load_words(reader, histogram->offset, 1, words, 1 + VELOX_HISTOGRAM_BUCKETS);
}

VELOX_EXPORT int velox_reader_book(const velox_reader *reader, uint32_t row, uint64_t *quantities,
                                   uint32_t count)
{
    const vx_row *const book = find(reader, row, VELOX_KIND_BOOK);
    if (book == NULL || count / 2 < book->param)
        return VELOX_INVALID_ARGUMENT;
    return (int)load_words(reader, book->offset, 64 / 8, quantities, 2 * (uint64_t)book->param);
}

VELOX_EXPORT int velox_reader_log(const velox_reader *reader, uint32_t row, uint64_t *records, uint32_t count)
{
    const vx_row *const log = find(reader, row, VELOX_KIND_LOG);
    if (log == NULL || count / 4 < log->param)
        return VELOX_INVALID_ARGUMENT;
    const velox_status status = check_whole(reader);
    for (uint32_t i = 0; status == VELOX_OK && i < log->param; i++)
        vx_record_read(word_at(reader, log->offset) + (size_t)i * VX_RECORD_WORDS,
                       records + (size_t)i * VX_RECORD_WORDS);
    return (int)or_cut_short(reader, status);
}

VELOX_EXPORT int velox_reader_text(const velox_reader *reader, uint32_t row, char *text, uint32_t bytes)
{
    const vx_row *const source = find(reader, row, VELOX_KIND_TEXT);
    if (source == NULL || bytes == 0)
        return VELOX_INVALID_ARGUMENT;
    velox_status status = check_whole(reader);
    const uint32_t length = source->param < bytes ? source->param : bytes - 1;
    text[0] = '\0';
    if (status != VELOX_OK)
        return (int)status;
    memcpy(text, reader->map.base + source->offset,
           length); /* set before the version was stored, and not after */
    text[length] = '\0';
    status = or_cut_short(reader, VELOX_OK);
    if (status != VELOX_OK)
        text[0] = '\0';
    return (int)status;
}
