/* Plans a segment: rows of the self-describing table and where their data lie. A plan is filled in order,
 * stages first to last and each stage's words first stored to last, because readers load the words last to
 * first. */
#ifndef VX_LAYOUT_H
#define VX_LAYOUT_H
#include "velox.h"
#include <stdint.h>

#define VX_ROWS_MAX     512
#define VX_HEADER_BYTES 4096

/* As it lies in the segment, little-endian. */
typedef struct vx_row {
    char name[VELOX_NAME_BYTES];   /* snake_case, unique, NUL-padded */
    char label[VELOX_LABEL_BYTES]; /* for people */
    uint32_t kind;                 /* velox_kind */
    uint32_t unit;                 /* velox_unit */
    uint32_t role;                 /* velox_role */
    int32_t stage;                 /* -1: none */
    int32_t ring;                  /* -1: none */
    uint32_t param;
    uint64_t offset; /* of its data, from the segment's start */
    uint64_t bytes;  /* of its data */
    uint64_t source; /* VELOX_KIND_CUT: offset of the block it copies; see also velox_role */
} vx_row;
_Static_assert(sizeof(vx_row) == VELOX_ROW_BYTES, "one row of the table");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the segment is written and read as it lies");

typedef struct vx_layout {
    uint32_t count;
    uint64_t bytes; /* planned so far; the header and a full table come first */
    vx_row rows[VX_ROWS_MAX];
} vx_layout;

void vx_layout_init(vx_layout *layout);
/* Room for `bytes`, aligned to 128; its offset. */
uint64_t vx_layout_reserve(vx_layout *layout, uint64_t bytes);
/* Appends a row and gives it for further settings (stage, ring, param, source start as -1, -1, 0, 0). Names
 * and labels that are too long are cut. Beyond VX_ROWS_MAX rows the last is overwritten, but counted:
 * vx_segment_create refuses the plan. */
vx_row *vx_layout_add(vx_layout *layout, velox_kind kind, velox_unit unit, velox_role role, uint64_t offset,
                      uint64_t bytes, const char *name, const char *label);
#endif
