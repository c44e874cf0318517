/* The mapped segment. File: header (VX_HEADER_BYTES) | table | data as planned by a vx_layout. */
#ifndef VX_SEGMENT_H
#define VX_SEGMENT_H
#include "atomics.h"
#include "layout.h"

/* First bytes of the file; the version is stored last, with release: a reader that loads it (acquire) sees all the rest. */
typedef struct vx_segment_header {
    char magic[8]; /* "VELOXSEG" */
    VX_ATOMIC(uint64_t) version;
    uint64_t header[16]; /* by velox_header; [VELOX_HEADER_VERSION] unused here */
    char run_id[32];
} vx_segment_header;

typedef struct vx_segment {
    uint8_t *base;
    uint64_t bytes;
    char path[256];
    int fd;      /* held with an flock for as long as the owner lives: cleaning tells a live one by it, and by pid */
} vx_segment;

/* Creates DIR/velox-<uid>-<pid>-<n>.seg: 0600, exclusive, no links followed, fully allocated and touched, table written,
 * header from `header` (VELOX_HEADER_COUNT words; BYTES, ROWS, WORDS are filled in). Version not yet stored. */
velox_status vx_segment_create(vx_segment *segment, const vx_layout *layout, const char *directory, const char *run_id,
                               const uint64_t *header, char *error);
void vx_segment_publish(vx_segment *segment); /* stores the version */
void vx_segment_destroy(vx_segment *segment); /* unlinks, unmaps */
#endif
