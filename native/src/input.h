/* A file of transactions (.vtx): header and 32-byte records, little-endian, read by mapping so that reading
 * makes no system call. The intended arrivals follow the records' own times, exactly and without drift.
 *
 * The file should stay as it is while it is played. One that another process cuts short ends before the first
 * record that is gone. */
#ifndef VX_INPUT_H
#define VX_INPUT_H
#include "mapped.h"
#include "transaction.h"

#define VX_VTX_MAGIC        "VELOXVTX"
#define VX_VTX_VERSION      1
#define VX_VTX_HEADER_BYTES 4096

typedef struct vx_vtx_header {
    char magic[8];
    uint32_t version;
    uint32_t header_bytes;
    uint64_t count; /* of records; 0: to the end of the file. Fewer than there are: the others are not read */
    char source[256]; /* name of what it was made from, NUL-padded */
    uint8_t source_sha256[32];
    int64_t base_price; /* the book's window, as the options of velox.h; levels 0: none given */
    uint32_t ticks_per_level;
    uint32_t levels;
    uint8_t zero[3768];
} vx_vtx_header;
_Static_assert(sizeof(vx_vtx_header) == VX_VTX_HEADER_BYTES, "records start on a page");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the header is read as it lies");

#define VX_TRANSACTION_ERRORS 6

/* Counters are cumulative and only read by others. */
typedef struct vx_input {
    int64_t base_price; /* of the book's window in the file's header */
    uint32_t ticks_per_level;
    uint32_t levels; /* 0: the file names no window */
    const uint8_t *records;
    vx_mapped map;
    int fd; /* the mapped file's */
    uint64_t count;
    uint64_t position;
    uint64_t start_ns;
    uint64_t held_ns;
    uint32_t speed_permille;
    uint8_t loop;
    uint8_t held;
    uint8_t ended;
    uint8_t ended_early;  /* by a cut: `position` of `count` records came in this pass */
    uint8_t pending;      /* `next` holds the record that comes next */
    vx_transaction next;  /* ts_ns: its intended arrival */
    uint64_t pass_valid;  /* valid records of this pass so far */
    uint64_t pass_start;  /* file time at which this pass started, since the first record of the first pass */
    uint64_t first_ts_ns; /* of this pass */
    uint64_t last_ts_ns;  /* highest of this pass */
    uint64_t rejected[VX_TRANSACTION_ERRORS]; /* by velox_transaction_error */
    uint64_t out_of_order;                    /* times that went backwards */
    uint64_t wraps;
} vx_input;

/* Maps and checks; `error` (VELOX_ERROR_BYTES) says what is wrong. VELOX_INPUT_MISSING: cannot be opened;
 * VELOX_INPUT_INVALID: no regular file, not of this format, or of another size than its header says. */
velox_status vx_input_open(const char *path, vx_input *input, char *error);
void vx_input_close(vx_input *input);

/* The first valid record is due at start_ns, the others at start_ns + (ts - first ts) * 1000 /
 * speed_permille; speed_permille 0: all at once, intended when they are asked for. With `loop` the file
 * starts over at its end, one mean gap of the pass (at least 1 ns; 1 s where it had but one record) after its
 * last record. */
void vx_input_start(vx_input *input, uint64_t start_ns, uint32_t speed_permille, int loop);
/* Writes the records due at now_ns, at most `capacity`, with ts_ns their intended arrival and ids as in the
 * file; gives their number. Records that fail vx_transaction_check are skipped and counted; a time that goes
 * backwards is counted and stands for the highest before it. Looks at 4 * capacity + 64 records at most. */
uint32_t vx_input_due(vx_input *input, uint64_t now_ns, vx_transaction *transactions, uint32_t capacity);
/* When to ask next: UINT64_MAX at the end and while held; 0 where no valid record was found yet. */
uint64_t vx_input_next_ns(const vx_input *input);
/* 1 once the last record was given. A looped input ends only if a whole pass had no valid record. */
int vx_input_ended(const vx_input *input);
/* Looks whether the file is still whole; if not, the reading thread ends it at its next record. From any
 * thread; a system call. */
void vx_input_look(const vx_input *input);
/* Time stands still from hold to release. */
void vx_input_hold(vx_input *input, uint64_t now_ns);
void vx_input_release(vx_input *input, uint64_t now_ns);

#endif
