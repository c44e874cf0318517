/* An input of fuzz_vtx: how the file is read, the parts of its header that mean something, and what follows
 * the header in the file. */
#ifndef VX_FUZZ_VTX_H
#define VX_FUZZ_VTX_H
#include "input.h"

typedef struct vtx_input {
    uint32_t speed_permille;
    uint8_t loop;
    uint8_t capacity;
    uint16_t cut;    /* bytes missing from the file's end */
    uint64_t script; /* a hold, a release or neither before each look, two bits each */
    uint64_t start_ns;
    char magic[8];
    uint32_t version;
    uint32_t header_bytes;
    uint64_t count;
    int64_t base_price;
    uint32_t ticks_per_level;
    uint32_t levels;
} vtx_input;
_Static_assert(sizeof(vtx_input) == 64, "without gaps");
#endif
