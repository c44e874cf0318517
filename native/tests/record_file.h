/* A file of transactions for the pipeline, valid and invalid, and what a book must hold after them. */
#ifndef VX_RECORD_FILE_H
#define VX_RECORD_FILE_H
#include "input.h"
#include "plain_book.h"
#include "random.h"

#ifdef VX_LIGHT
#define RECORDS 20000
#else
#define RECORDS 300000
#endif
#define LEVELS 128
#define TICKS  7
#define BASE   INT64_C(5000000)
#define GAP_NS 1000

typedef struct source {
    vx_transaction records[RECORDS];
    uint64_t count;
    uint64_t out_of_order;
    uint64_t invalid[VX_TRANSACTION_ERRORS]; /* by velox_transaction_error */
    plain_book book;                         /* after all valid ones */
} source;

static char path[64];
static source file;

/* One in 16 is invalid, each cause as often; one in 16 lies outside the book's window; one in 64 goes back in
 * time. */
static inline vx_transaction make_record(vx_random *random, uint64_t i)
{
    const uint64_t bits = vx_random_next(random);
    vx_transaction t = {.id = 7, .size = 1 + (uint32_t)(bits >> 8 & 0xfff), .ts_ns = 1000 + i * GAP_NS};
    t.side = (uint8_t)(bits & 1);
    t.kind = (uint8_t)(bits >> 1 & 1);
    t.price = BASE + (int64_t)(vx_random_next(random) % (LEVELS * TICKS));
    if (i % 64 == 33)
        t.ts_ns -= 5 * GAP_NS; /* stands for the highest before it */
    if (i % 16 == 3)
        t.price += (bits >> 2 & 1) != 0 ? LEVELS * TICKS : -LEVELS * TICKS;
    if (i % 16 != 9)
        return t;
    switch (1 + i / 16 % 5) {
    case VELOX_TRANSACTION_BAD_SIDE:
        t.side = 2;
        break;
    case VELOX_TRANSACTION_BAD_KIND:
        t.kind = 255;
        break;
    case VELOX_TRANSACTION_BAD_PRICE:
        t.price = (bits >> 2 & 1) != 0 ? 0 : INT64_MIN;
        break;
    case VELOX_TRANSACTION_BAD_SIZE:
        t.size = 0;
        break;
    default:
        t.reserved = 1;
        break;
    }
    return t;
}

static inline void make_source(uint64_t count)
{
    vx_random random;
    vx_random_seed(&random, count, (vx_stream)98);
    memset(file.invalid, 0, sizeof file.invalid);
    plain_book_init(&file.book, LEVELS, TICKS, BASE);
    file.count = count;
    file.out_of_order = (count + 30) / 64;
    for (uint64_t i = 0; i < count; i++) {
        file.records[i] = make_record(&random, i);
        if (i % 16 == 9)
            file.invalid[1 + i / 16 % 5]++;
        else
            plain_apply(&file.book, &file.records[i]);
    }
}

static inline void write_source(uint32_t levels)
{
    static vx_vtx_header header;
    header = (vx_vtx_header){.magic = VX_VTX_MAGIC, .version = 1, .header_bytes = 4096, .levels = levels};
    header.base_price = BASE;
    header.ticks_per_level = TICKS;
    FILE *const to = fopen(path, "wb");
    CHECK(to != NULL);
    CHECK_EQUAL(fwrite(&header, sizeof header, 1, to), 1);
    for (uint64_t i = 0; i < file.count; i++) {
        uint8_t bytes[32];
        vx_transaction_encode(&file.records[i], bytes);
        CHECK_EQUAL(fwrite(bytes, sizeof bytes, 1, to), 1);
    }
    CHECK_EQUAL(fclose(to), 0);
}

#endif
