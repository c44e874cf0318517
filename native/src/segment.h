/* The mapped segment. File: header (VX_HEADER_BYTES) | table | data as planned by a vx_layout.
 *
 * The owner holds an flock on the file for as long as it lives, however it ends; a file that can be locked
 * has no owner, and only then may it be unlinked by another. (A child forked without exec shares the lock
 * until it ends.) */
#ifndef VX_SEGMENT_H
#define VX_SEGMENT_H
#include "atomics.h"
#include "layout.h"

#define VX_SEGMENT_MAGIC     "VELOXSEG" /* 8 bytes, without the NUL */
#define VX_SEGMENT_DIRECTORY "/dev/shm"
#define VX_SEGMENT_PATH      256

/* First bytes of the file; the version is stored last, with release: a reader that loads it (acquire) sees
 * all the rest. */
typedef struct vx_segment_header {
    char magic[8];
    VX_ATOMIC(uint64_t) version;
    uint64_t header[VELOX_HEADER_COUNT]; /* by velox_header; [VELOX_HEADER_VERSION] unused here */
    char run_id[VELOX_LABEL_BYTES];
} vx_segment_header;
_Static_assert(sizeof(vx_segment_header) == 8 + 8 + 8 * VELOX_HEADER_COUNT + VELOX_LABEL_BYTES,
               "without gaps");
_Static_assert(sizeof(vx_segment_header) <= VX_HEADER_BYTES, "the table follows the header");

static inline void vx_segment_set_version(vx_segment_header *head, uint64_t version)
{
    /* Release pairs with the acquire in vx_segment_version: who sees the version sees header and table. */
    vx_store_release(&head->version, version);
}

/* 0: header and table are not complete yet, and not to be read. */
static inline uint64_t vx_segment_version(const vx_segment_header *head)
{
    /* Acquire pairs with the release in vx_segment_set_version. */
    return vx_load_acquire(&head->version);
}

typedef struct vx_segment {
    uint8_t *base;
    uint64_t bytes;
    char path[VX_SEGMENT_PATH];
    int fd; /* the one that holds the flock */
} vx_segment;

/* Creates DIR/velox-<uid>-<pid>-<n>.seg (directory empty: /dev/shm): 0600, exclusive, no links
 * followed, fully allocated and touched, table written, header from `header` (VELOX_HEADER_COUNT words;
 * BYTES, ROWS, WORDS are filled in). Version not yet stored. On failure nothing is left behind and `error`
 * (VELOX_ERROR_BYTES) says what and where. */
velox_status vx_segment_create(vx_segment *segment, const vx_layout *layout, const char *directory,
                               const char *run_id, const uint64_t *header, char *error);
void vx_segment_publish(vx_segment *segment); /* stores the version */
void vx_segment_destroy(vx_segment *segment); /* unlinks, unmaps; a second time, or all zero: nothing */

/* True when `name` in the open directory `at` (AT_FDCWD) is the very file open as fd. */
int vx_segment_is_linked(int at, const char *name, int fd);
#endif
