/* Transactions of any content: validation, the codec, and a book of any window against plain arrays. An input
 * is u8 levels / 64, u32 ticks a level, i64 base price, then records. */
#include "fuzz.h"
#include "plain_book.h"

#define RECORDS_MAX 4096

static void check_codec(const uint8_t *record, uint8_t error)
{
    vx_transaction t;
    uint8_t again[32];
    vx_transaction_decode(record, &t);
    vx_transaction_encode(&t, again);
    PROMISE(memcmp(again, record, sizeof again) == 0);
    PROMISE(error == (uint8_t)vx_transaction_check(&t));
    PROMISE((error == VELOX_TRANSACTION_OK) == !plain_is_invalid(&t));
}

/* All at once or one by one, with their errors or without. */
static void check_validation(const uint8_t *records, uint64_t count)
{
    uint8_t *const errors = malloc(count + 1);
    PROMISE(errors != NULL);
    const int first = velox_transactions_validate(records, count, errors);
    PROMISE(velox_transactions_validate(records, count, NULL) == first);
    int found = VELOX_TRANSACTION_OK;
    for (uint64_t i = 0; i < count; i++) {
        check_codec(records + 32 * i, errors[i]);
        PROMISE(velox_transactions_validate(records + 32 * i, 1, NULL) == errors[i]);
        found = found == VELOX_TRANSACTION_OK ? errors[i] : found;
    }
    PROMISE(first == found);
    free(errors);
}

static void check_levels(const velox_book *book, const plain_book *plain)
{
    static uint64_t quantities[2 * VELOX_LEVELS_MAX];
    int32_t best[2];
    PROMISE(velox_book_quantities(book, quantities, 2 * plain->levels) == VELOX_OK);
    PROMISE(velox_book_best(book, best) == VELOX_OK);
    PROMISE(best[0] == plain->best[0] && best[1] == plain->best[1]);
    for (uint32_t side = 0; side < 2; side++)
        PROMISE(memcmp(quantities + side * plain->levels, plain->quantity[side], 8 * (size_t)plain->levels) ==
                0);
}

static void check_book(const uint8_t *records, uint64_t count, uint32_t levels, uint32_t ticks, int64_t base)
{
    static plain_book plain;
    static uint8_t results[RECORDS_MAX];
    char error[VELOX_ERROR_BYTES];
    velox_book *book = NULL;
    if (velox_book_create(levels, ticks, base, &book, error) != VELOX_OK) {
        fuzz_check_message(error);
        return;
    }
    plain_book_init(&plain, levels, ticks, base);
    PROMISE(velox_book_apply(book, records, count, results) == VELOX_OK);
    for (uint64_t i = 0; i < count; i++) {
        vx_transaction t;
        const uint64_t before = plain.results[results[i]];
        vx_transaction_decode(records + 32 * i, &t);
        plain_apply(&plain, &t);
        PROMISE(plain.results[results[i]] == before + 1);
    }
    check_levels(book, &plain);
    velox_book_destroy(book);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fuzz_bytes from = {bytes, size};
    const uint32_t levels = 64 * (uint32_t)fuzz_number(&from, 1);
    const uint32_t ticks = (uint32_t)fuzz_number(&from, 4);
    const int64_t base = (int64_t)fuzz_number(&from, 8);
    const uint64_t count = from.left / 32 < RECORDS_MAX ? from.left / 32 : RECORDS_MAX;
    check_validation(from.at, count);
    check_book(from.at, count, levels, ticks, base);
    return 0;
}
