#include "layout.h"

#include <assert.h>
#include <string.h>

#define DATA_ALIGNMENT 128 /* two lines: neighbouring lines are fetched in pairs */

void vx_layout_init(vx_layout *layout)
{
    memset(layout, 0, sizeof *layout);
    layout->bytes = VX_HEADER_BYTES + VX_ROWS_MAX * sizeof(vx_row);
    _Static_assert((VX_HEADER_BYTES + VX_ROWS_MAX * sizeof(vx_row)) % DATA_ALIGNMENT == 0,
                   "data start aligned");
}

uint64_t vx_layout_reserve(vx_layout *layout, uint64_t bytes)
{
    const uint64_t offset = layout->bytes;
    layout->bytes = (offset + bytes + DATA_ALIGNMENT - 1) / DATA_ALIGNMENT * DATA_ALIGNMENT;
    return offset;
}

/* Copies at most room - 1 bytes; the rest stays NUL. */
static void put_text(char *to, size_t room, const char *text)
{
    const size_t length = strlen(text);
    assert(length < room);
    memcpy(to, text, length < room ? length : room - 1);
}

vx_row *vx_layout_add(vx_layout *layout, velox_kind kind, velox_unit unit, velox_role role, uint64_t offset,
                      uint64_t bytes, const char *name, const char *label)
{
    vx_row *const row = &layout->rows[layout->count < VX_ROWS_MAX ? layout->count : VX_ROWS_MAX - 1];
    layout->count++;
    memset(row, 0, sizeof *row);
    put_text(row->name, sizeof row->name, name);
    put_text(row->label, sizeof row->label, label);
    row->kind = kind;
    row->unit = unit;
    row->role = role;
    row->stage = -1;
    row->ring = -1;
    row->offset = offset;
    row->bytes = bytes;
    return row;
}
