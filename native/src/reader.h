/* A segment opened for reading: mapped, with private copies of its header and table, which were checked
 * against the file and cannot change under the reader. Any number of threads may read through one.
 *
 * Should the file be truncated while it is open, whatever reading meets it is VELOX_SEGMENT_TRUNCATED, and so
 * is every later one: its size is looked at before and after the loads, and what was missing between is
 * marked (mapped.h). */
#ifndef VX_READER_H
#define VX_READER_H
#include "heartbeat.h"
#include "mapped.h"
#include "segment.h"

#define VX_READER_ROWS_MAX 4096
#define VX_READER_CUT_MAX  512 /* words of one stage's cut */

struct velox_reader {
    int fd;
    vx_mapped map;                       /* what the header says, never more than the file had */
    uint64_t header[VELOX_HEADER_COUNT]; /* with the version */
    char run_id[VELOX_LABEL_BYTES];      /* ends in NUL */
    uint32_t row_count;
    uint32_t word_count;
    uint32_t cut_count;
    uint64_t sequence; /* offset of the newest cut's number; 0: there is none */
    uint32_t state;    /* which word is the state; UINT32_MAX: there is none */
    /* Which words are the heartbeat's by each clock, and the offset of its vx_heartbeat; 0: there is none. */
    uint32_t beats[VX_HEARTBEAT_CLOCKS];
    uint64_t heartbeat;
    vx_row *rows;    /* the table */
    uint32_t *words; /* table row of each word (COUNTER, GAUGE, CONFIG) */
    uint32_t *cuts;  /* table row of each CUT */
};

/* The sizes that the header states, against the file's. `why` says what is wrong. */
velox_status vx_reader_check_header(const uint64_t *header, uint64_t file_bytes, const char **why);
/* Every row of the reader's private table: kind, texts, stage, ring, place, alignment, sizes; numbers of
 * words, stages and rings as the header has them. `row` is the one at fault. */
velox_status vx_reader_check_table(const velox_reader *reader, uint32_t *row, const char **why);

static inline int vx_row_is_word(const vx_row *row)
{
    return row->kind == VELOX_KIND_COUNTER || row->kind == VELOX_KIND_GAUGE || row->kind == VELOX_KIND_CONFIG;
}
#endif
