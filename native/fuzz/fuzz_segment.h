/* An input of fuzz_segment: u32 size of the file, u32 its size once it is open (no matter if larger), the
 * segment's header, and what lies in the file from its table on; the rest of the file is zeros. */
#ifndef VX_FUZZ_SEGMENT_H
#define VX_FUZZ_SEGMENT_H
#include "segment.h"

#define SEGMENT_BYTES_MAX (UINT32_C(1) << 20)

typedef struct segment_input {
    uint32_t bytes;
    uint32_t bytes_once_open;
    vx_segment_header header;
} segment_input;
_Static_assert(sizeof(segment_input) == 8 + sizeof(vx_segment_header), "without gaps");
#endif
