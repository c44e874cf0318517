/* What the tests of the input share: a file of up to 256 transactions, 10 ns apart. */
#ifndef VX_INPUT_FILE_H
#define VX_INPUT_FILE_H
#include "input.h"

#include <string.h>
#include <unistd.h>

#include "check.h"
#include "scratch.h"

static char path[64];
static char error[VELOX_ERROR_BYTES];
static vx_input input;
static vx_vtx_header header;
static vx_transaction records[256];

static inline void reset(uint64_t count)
{
    header = (vx_vtx_header){.version = 1,
                             .header_bytes = 4096,
                             .count = count,
                             .base_price = 1000000,
                             .ticks_per_level = 16,
                             .levels = 1024};
    memcpy(header.magic, VX_VTX_MAGIC, 8);
    for (uint32_t i = 0; i < 256; i++)
        records[i] =
            (vx_transaction){.id = 500 + i, .price = 1000000 + i, .size = 1 + i, .ts_ns = 90 + 10 * i};
}

/* Header, `bytes` of records. */
static inline void write_file(size_t header_bytes, size_t bytes)
{
    FILE *const file = fopen(path, "wb");
    CHECK(file != NULL);
    CHECK_EQUAL(fwrite(&header, 1, header_bytes, file), header_bytes);
    for (size_t i = 0; i < bytes; i += 32) {
        uint8_t record[32];
        vx_transaction_encode(&records[i / 32], record);
        const size_t part = bytes - i < 32 ? bytes - i : 32;
        CHECK_EQUAL(fwrite(record, 1, part, file), part);
    }
    CHECK_EQUAL(fclose(file), 0);
}

static inline void open_records(uint32_t count)
{
    write_file(4096, 32 * (size_t)count);
    CHECK_EQUAL(vx_input_open(path, &input, error), VELOX_OK);
    CHECK_EQUAL(input.count, count);
}

#endif
