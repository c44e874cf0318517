/* One order book outside any pipeline: velox_book_* of the public header, for property tests and for use from
 * Python. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export.h"
#include "order_book.h"

#define WINDOW_RULES                                                                                         \
    "order book: levels must be a multiple of 64 in 64 .. 4096, ticks a level in 1 .. 1,000,000, the base "  \
    "price not negative and the highest price at most 2^53"

struct velox_book {
    vx_book book;
    alignas(VX_SPACING) VX_ATOMIC(uint64_t) best;
    vx_level levels[];
};

static int refuse(char *error, velox_status status, const char *message)
{
    if (error != NULL)
        snprintf(error, VELOX_ERROR_BYTES, "%s", message);
    return (int)status;
}

VELOX_EXPORT int velox_book_create(uint32_t levels, uint32_t ticks_per_level, int64_t base_price,
                                   velox_book **out, char *error)
{
    *out = NULL;
    if (levels > VELOX_LEVELS_MAX)
        return refuse(error, VELOX_INVALID_ARGUMENT, WINDOW_RULES);
    size_t bytes = sizeof(velox_book) + (size_t)2 * levels * sizeof(vx_level);
    bytes = (bytes + VX_SPACING - 1) / VX_SPACING * VX_SPACING;
    velox_book *made = aligned_alloc(VX_SPACING, bytes);
    if (made == NULL)
        return refuse(error, VELOX_OUT_OF_MEMORY, "no memory for the order book");
    memset(made, 0, bytes);
    if (vx_book_init(&made->book, made->levels, levels, ticks_per_level, base_price, &made->best) !=
        VELOX_OK) {
        free(made);
        return refuse(error, VELOX_INVALID_ARGUMENT, WINDOW_RULES);
    }
    *out = made;
    return VELOX_OK;
}

VELOX_EXPORT void velox_book_destroy(velox_book *book)
{
    free(book);
}

VELOX_EXPORT int velox_book_apply(velox_book *book, const void *transactions, uint64_t count,
                                  uint8_t *results)
{
    const uint8_t *bytes = transactions;
    for (uint64_t i = 0; i < count; i++) {
        vx_transaction transaction;
        vx_transaction_decode(bytes + i * sizeof transaction, &transaction);
        results[i] = (uint8_t)vx_book_apply(&book->book, &transaction, transaction.ts_ns).rejection;
    }
    return VELOX_OK;
}

VELOX_EXPORT int velox_book_best(const velox_book *book, int32_t *best)
{
    const uint64_t pair = vx_book_best(&book->book);
    best[0] = vx_best_bid(pair);
    best[1] = vx_best_ask(pair);
    return VELOX_OK;
}

VELOX_EXPORT int velox_book_quantities(const velox_book *book, uint64_t *quantities, uint32_t count)
{
    if (count != 2 * book->book.level_count)
        return VELOX_INVALID_ARGUMENT;
    for (uint32_t i = 0; i < count; i++)
        /* Relaxed: each level stands for itself; what the best pair told was acquired with it. */
        quantities[i] = vx_load_relaxed(&book->levels[i].quantity);
    return VELOX_OK;
}
