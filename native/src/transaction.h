/* Transactions and bundles: layouts, codec, validation. Layouts are asserted at compile time. */
#ifndef VX_TRANSACTION_H
#define VX_TRANSACTION_H

#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "velox.h"

#define VX_CACHE_LINE 64
#define VX_SPACING    128 /* two lines: adjacent-line prefetchers pull pairs */

typedef enum vx_side { VX_BID = 0, VX_ASK = 1 } vx_side;
typedef enum vx_kind { VX_ADD = 0, VX_REDUCE = 1 } vx_kind;

typedef struct vx_transaction {
    alignas(32) uint64_t id;
    int64_t price; /* fixed point, 4 decimals */
    uint32_t size;
    uint8_t side;
    uint8_t kind;
    uint16_t reserved; /* zero everywhere */
    uint64_t ts_ns;    /* intended arrival, monotonic */
} vx_transaction;
_Static_assert(sizeof(vx_transaction) == 32, "a transaction is 32 bytes");
_Static_assert(offsetof(vx_transaction, ts_ns) == 24, "fields lie as the codec writes them");

/* Size, side, kind and reserved as the one word that they lie in. */
#define VX_FIELDS_SIDE (UINT64_C(1) << 32)
#define VX_FIELDS_KIND (UINT64_C(1) << 40)
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the first field lies in the low bits");
_Static_assert(offsetof(vx_transaction, size) == 16 && offsetof(vx_transaction, side) == 20 &&
                   offsetof(vx_transaction, kind) == 21,
               "the fields lie as the word says");

static inline uint64_t vx_transaction_fields(const vx_transaction *transaction)
{
    uint64_t fields;
    memcpy(&fields, (const uint8_t *)transaction + offsetof(vx_transaction, size), sizeof fields);
    return fields;
}

static inline void vx_transaction_set_fields(vx_transaction *transaction, uint64_t fields)
{
    memcpy((uint8_t *)transaction + offsetof(vx_transaction, size), &fields, sizeof fields);
}

/* A transaction as registers hold it: id and price; the other fields and ts_ns. */
typedef uint64_t vx_half __attribute__((vector_size(16), may_alias));

typedef enum vx_flush { VX_FLUSH_SIZE = 0, VX_FLUSH_TIMEOUT = 1, VX_FLUSH_DRAIN = 2 } vx_flush;

/* Nine lines. A transaction's entry is kept relative to the open in units of 2^entry_shift ns: the shift is
 * the least by which the bundle's timeout fits 16 bits, so the error is below 2^entry_shift ns (2 ns at 100
 * us). */
typedef struct vx_bundle {
    alignas(VX_CACHE_LINE) uint64_t sequence;
    uint64_t open_ns;
    uint64_t close_ns;
    uint8_t count;
    uint8_t reason; /* vx_flush */
    uint8_t entry_shift;
    uint8_t reserved0;
    uint32_t reserved1;
    uint16_t entry[VELOX_BUNDLE_CAPACITY];
    vx_transaction transactions[VELOX_BUNDLE_CAPACITY];
} vx_bundle;
_Static_assert(sizeof(vx_bundle) == 576, "a bundle is nine cache lines");
_Static_assert(offsetof(vx_bundle, transactions) == 64, "the first line is the bundle's own");

/* 32 little-endian bytes, whatever this machine's order. */
void vx_transaction_encode(const vx_transaction *transaction, uint8_t bytes[32]);
void vx_transaction_decode(const uint8_t bytes[32], vx_transaction *transaction);
/* Prices lie in 1 .. VX_PRICE_MAX, sizes in 1 .. UINT32_MAX. */
#define VX_PRICE_MAX (INT64_C(1) << 53)
velox_transaction_error vx_transaction_check(const vx_transaction *transaction);

#endif
