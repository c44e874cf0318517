#include "order_book.h"

#include <string.h>

velox_status vx_book_init(vx_book *book, vx_level *levels, uint32_t level_count, uint32_t ticks_per_level,
                          int64_t base_price, VX_ATOMIC(uint64_t) * best)
{
    if (level_count == 0 || level_count > VELOX_LEVELS_MAX || level_count % VX_WORD_BITS != 0)
        return VELOX_INVALID_ARGUMENT;
    if (ticks_per_level == 0 || ticks_per_level > VX_TICKS_PER_LEVEL_MAX)
        return VELOX_INVALID_ARGUMENT;
    const uint64_t window = (uint64_t)level_count * ticks_per_level;
    if (base_price < 0 || base_price > VX_PRICE_MAX - (int64_t)window + 1)
        return VELOX_INVALID_ARGUMENT;

    memset(book, 0, sizeof *book);
    book->levels = levels;
    book->best = best;
    book->base_price = base_price;
    book->window = window;
    book->reciprocal = ((UINT64_C(1) << VX_RECIPROCAL_SHIFT) + ticks_per_level - 1) / ticks_per_level;
    book->level_count = level_count;
    book->ticks_per_level = ticks_per_level;
    return VELOX_OK;
}

int64_t vx_book_bid_price(const vx_book *book, uint32_t level)
{
    return book->base_price + (int64_t)level * book->ticks_per_level;
}

int64_t vx_book_ask_price(const vx_book *book, uint32_t level)
{
    return book->base_price + ((int64_t)level + 1) * book->ticks_per_level - 1;
}
