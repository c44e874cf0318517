/* Codec and validation of transactions. */
#include "transaction.h"

#include "export.h"

#define TRANSACTION_BYTES sizeof(vx_transaction)

/* Compilers make one move of each of these on a little-endian machine. */
static uint64_t get_u64(const uint8_t *bytes)
{
    return (uint64_t)bytes[0] | (uint64_t)bytes[1] << 8 | (uint64_t)bytes[2] << 16 |
           (uint64_t)bytes[3] << 24 | (uint64_t)bytes[4] << 32 | (uint64_t)bytes[5] << 40 |
           (uint64_t)bytes[6] << 48 | (uint64_t)bytes[7] << 56;
}

static uint32_t get_u32(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static void put_uint(uint8_t *bytes, uint64_t value, unsigned width)
{
    for (unsigned i = 0; i < width; i++)
        bytes[i] = (uint8_t)(value >> 8 * i);
}

void vx_transaction_encode(const vx_transaction *transaction, uint8_t bytes[32])
{
    put_uint(bytes, transaction->id, 8);
    put_uint(bytes + 8, (uint64_t)transaction->price, 8);
    put_uint(bytes + 16, transaction->size, 4);
    bytes[20] = transaction->side;
    bytes[21] = transaction->kind;
    put_uint(bytes + 22, transaction->reserved, 2);
    put_uint(bytes + 24, transaction->ts_ns, 8);
}

void vx_transaction_decode(const uint8_t bytes[32], vx_transaction *transaction)
{
    transaction->id = get_u64(bytes);
    transaction->price = (int64_t)get_u64(bytes + 8);
    transaction->size = get_u32(bytes + 16);
    transaction->side = bytes[20];
    transaction->kind = bytes[21];
    transaction->reserved = (uint16_t)(bytes[22] | bytes[23] << 8);
    transaction->ts_ns = get_u64(bytes + 24);
}

velox_transaction_error vx_transaction_check(const vx_transaction *transaction)
{
    if (transaction->side > VX_ASK)
        return VELOX_TRANSACTION_BAD_SIDE;
    if (transaction->kind > VX_REDUCE)
        return VELOX_TRANSACTION_BAD_KIND;
    if (transaction->price < 1 || transaction->price > VX_PRICE_MAX)
        return VELOX_TRANSACTION_BAD_PRICE;
    if (transaction->size == 0)
        return VELOX_TRANSACTION_BAD_SIZE;
    if (transaction->reserved != 0)
        return VELOX_TRANSACTION_BAD_RESERVED;
    return VELOX_TRANSACTION_OK;
}

/* errors[i], unless `errors` is NULL, is what is wrong with transaction i; the first error of all is
 * returned. */
VELOX_EXPORT int velox_transactions_validate(const void *bytes, uint64_t count, uint8_t *errors)
{
    const uint8_t *record = bytes;
    int first_error = VELOX_TRANSACTION_OK;
    for (uint64_t i = 0; i < count; i++, record += TRANSACTION_BYTES) {
        vx_transaction transaction;
        vx_transaction_decode(record, &transaction);
        const velox_transaction_error error = vx_transaction_check(&transaction);
        if (errors != NULL)
            errors[i] = (uint8_t)error;
        if (first_error == VELOX_TRANSACTION_OK)
            first_error = (int)error;
    }
    return first_error;
}
