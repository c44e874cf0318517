/* Nothing in a segment is trusted: each check leaves the following ones and the readings nothing to fall
 * over. */
#include <string.h>

#include "reader.h"

velox_status vx_reader_check_header(const uint64_t *header, uint64_t file_bytes, const char **why)
{
    const uint64_t bytes = header[VELOX_HEADER_BYTES];
    const uint64_t rows = header[VELOX_HEADER_ROWS];
    if (bytes > file_bytes) {
        *why = "the file is shorter than its header says";
        return VELOX_SEGMENT_TRUNCATED;
    }
    if (bytes < VX_HEADER_BYTES || rows > VX_READER_ROWS_MAX ||
        rows * sizeof(vx_row) > bytes - VX_HEADER_BYTES)
        *why = "its header's sizes contradict each other";
    else if (header[VELOX_HEADER_STAGES] > rows || header[VELOX_HEADER_RINGS] > rows)
        *why = "its header names more stages or rings than the table can hold";
    else if (header[VELOX_HEADER_PID] > INT32_MAX)
        *why = "its header names a process that cannot be";
    else if (header[VELOX_HEADER_START_NS] > INT64_MAX || header[VELOX_HEADER_START_UNIX_NS] > INT64_MAX)
        *why = "its header says that it started after all times";
    else
        return VELOX_OK;
    return VELOX_SEGMENT_FOREIGN;
}

/* snake_case, and ended by NUL. */
static int name_is_proper(const char *name)
{
    const size_t length = strnlen(name, VELOX_NAME_BYTES);
    if (length == 0 || length == VELOX_NAME_BYTES)
        return 0;
    return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == length;
}

/* Ended by NUL and without control characters: labels are shown on terminals. */
static int label_is_proper(const char *label)
{
    const size_t length = strnlen(label, VELOX_LABEL_BYTES);
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)label[i] < 0x20 || label[i] == 0x7f)
            return 0;
    return length < VELOX_LABEL_BYTES;
}

/* Bytes that the row's kind needs at least; UINT64_MAX for a kind that is unknown. param < 2^32: no product
 * overflows. */
static uint64_t bytes_needed(const vx_row *row)
{
    switch ((velox_kind)row->kind) {
    case VELOX_KIND_STAGE:
    case VELOX_KIND_RING:
        return 0;
    case VELOX_KIND_COUNTER:
    case VELOX_KIND_GAUGE:
    case VELOX_KIND_CONFIG:
        return 8;
    case VELOX_KIND_HISTOGRAM:
        return UINT64_C(8) * (1 + VELOX_HISTOGRAM_BUCKETS);
    case VELOX_KIND_CUT:
        return UINT64_C(2) * 8 * row->param;
    case VELOX_KIND_BOOK:
        return UINT64_C(2) * 64 * row->param;
    case VELOX_KIND_LOG:
        return UINT64_C(4) * 8 * row->param;
    case VELOX_KIND_TEXT:
        return row->param;
    }
    return UINT64_MAX;
}

static int has_fixed_size(const vx_row *row)
{
    return vx_row_is_word(row) || row->kind == VELOX_KIND_HISTOGRAM;
}

/* [offset, offset + bytes) lies in the file's data and starts on a word. */
static int lies_inside(const velox_reader *reader, uint64_t offset, uint64_t bytes)
{
    const uint64_t data = VX_HEADER_BYTES + reader->row_count * sizeof(vx_row);
    return offset % 8 == 0 && offset >= data && offset <= reader->map.bytes &&
           bytes <= reader->map.bytes - offset;
}

static const char *check_cut(const velox_reader *reader, const vx_row *row)
{
    if (row->param == 0 || row->param > VX_READER_CUT_MAX || row->stage < 0)
        return "is a cut of no stage or of too many words";
    return lies_inside(reader, row->source, 8 * (uint64_t)row->param) ? NULL
                                                                      : "is a cut of what is not in the file";
}

static const char *check_heartbeat(const velox_reader *reader, const vx_row *row)
{
    if (row->role != VELOX_ROLE_CONTROL_HEARTBEAT_NS || row->source == 0)
        return NULL;
    return lies_inside(reader, row->source, sizeof(vx_heartbeat)) ? NULL
                                                                  : "has its pair where the file is not";
}

static const char *check_place(const velox_reader *reader, const vx_row *row)
{
    const uint64_t needed = bytes_needed(row);
    if (needed == UINT64_MAX)
        return "is of an unknown kind";
    if (row->kind == VELOX_KIND_STAGE || row->kind == VELOX_KIND_RING)
        return row->bytes == 0 ? NULL : "has data where its kind has none";
    if (row->bytes < needed || (has_fixed_size(row) && row->bytes != needed))
        return "has another size than its kind";
    return lies_inside(reader, row->offset, row->bytes) ? NULL
                                                        : "lies outside the file or off a word's boundary";
}

static const char *check_stage_and_ring(const velox_reader *reader, const vx_row *row)
{
    const int64_t stages = (int64_t)reader->header[VELOX_HEADER_STAGES];
    const int64_t rings = (int64_t)reader->header[VELOX_HEADER_RINGS];
    const int needs_stage = row->kind == VELOX_KIND_STAGE || row->kind == VELOX_KIND_RING;
    if (row->stage >= stages || row->stage < (needs_stage ? 0 : -1))
        return "names a stage that is not there";
    if (row->ring >= rings || row->ring < (row->kind == VELOX_KIND_RING ? 0 : -1))
        return "names a ring that is not there";
    return NULL;
}

static int name_is_taken(const velox_reader *reader, uint32_t index)
{
    for (uint32_t i = 0; i < index; i++)
        if (strcmp(reader->rows[i].name, reader->rows[index].name) == 0)
            return 1;
    return 0;
}

static const char *check_row(const velox_reader *reader, uint32_t index)
{
    const vx_row *const row = &reader->rows[index];
    if (!name_is_proper(row->name) || !label_is_proper(row->label))
        return "has no proper name or label";
    if (name_is_taken(reader, index))
        return "has the name of another";
    const char *why = check_place(reader, row);
    if (why == NULL)
        why = check_stage_and_ring(reader, row);
    if (why == NULL && row->kind == VELOX_KIND_CUT)
        why = check_cut(reader, row);
    if (why == NULL && row->kind == VELOX_KIND_GAUGE)
        why = check_heartbeat(reader, row);
    return why;
}

velox_status vx_reader_check_table(const velox_reader *reader, uint32_t *row, const char **why)
{
    uint64_t words = 0;
    uint64_t stages = 0;
    uint64_t rings = 0;
    for (*row = 0; *row < reader->row_count; ++*row) {
        *why = check_row(reader, *row);
        if (*why != NULL)
            return VELOX_SEGMENT_FOREIGN;
        words += (uint64_t)vx_row_is_word(&reader->rows[*row]);
        stages += reader->rows[*row].kind == VELOX_KIND_STAGE;
        rings += reader->rows[*row].kind == VELOX_KIND_RING;
    }
    if (words == reader->header[VELOX_HEADER_WORDS] && stages == reader->header[VELOX_HEADER_STAGES] &&
        rings == reader->header[VELOX_HEADER_RINGS])
        return VELOX_OK;
    *why = "table and header disagree on words, stages or rings";
    return VELOX_SEGMENT_FOREIGN;
}
