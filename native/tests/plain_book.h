/* What an order book must hold after a sequence of transactions, by arrays and division: the engine's rules
 * (order_book.h) said again without its levels' reciprocal, its bitmaps and its compare-and-swap. */
#ifndef VX_PLAIN_BOOK_H
#define VX_PLAIN_BOOK_H
#include "reading.h"
#include "transaction.h"

typedef struct plain_book {
    uint32_t levels;
    int64_t ticks;
    int64_t base;
    uint64_t quantity[2][VELOX_LEVELS_MAX];
    uint64_t results[VELOX_REJECTION_COUNT]; /* by velox_rejection */
    uint64_t crossed;
    int32_t best[2]; /* -1: the side is empty */
} plain_book;

static inline void plain_book_init(plain_book *book, uint32_t levels, int64_t ticks, int64_t base)
{
    *book = (plain_book){.levels = levels, .ticks = ticks, .base = base, .best = {-1, -1}};
}

static inline int plain_is_invalid(const vx_transaction *t)
{
    return t->side > 1 || t->kind > 1 || t->reserved != 0 || t->size == 0 || t->price < 1 ||
           t->price > INT64_C(9007199254740992);
}

static inline void plain_find_best(plain_book *book)
{
    book->best[0] = (int32_t)book->levels - 1;
    while (book->best[0] >= 0 && book->quantity[0][book->best[0]] == 0)
        book->best[0]--;
    book->best[1] = 0;
    while (book->best[1] < (int32_t)book->levels && book->quantity[1][book->best[1]] == 0)
        book->best[1]++;
    if (book->best[1] == (int32_t)book->levels)
        book->best[1] = -1;
}

static inline velox_rejection plain_change(plain_book *book, const vx_transaction *t, int64_t level)
{
    uint64_t *const quantity = &book->quantity[t->side][level];
    const uint64_t before = *quantity;
    if (t->kind == 1 && before < t->size)
        return VELOX_REJECTED_UNDERFLOW;
    if (t->kind == 0 && before > (uint64_t)INT64_MAX - t->size)
        return VELOX_REJECTED_OVERFLOW;
    *quantity = t->kind == 1 ? before - t->size : before + t->size;
    if (before == 0 || *quantity == 0) {
        plain_find_best(book);
        book->crossed += book->best[1] >= 0 && book->best[0] >= book->best[1];
    }
    return VELOX_ACCEPTED;
}

static inline void plain_apply(plain_book *book, const vx_transaction *t)
{
    velox_rejection result = VELOX_REJECTED_INVALID;
    if (!plain_is_invalid(t)) {
        const int64_t level = t->price < book->base ? -1 : (t->price - book->base) / book->ticks;
        result = level < 0 || level >= (int64_t)book->levels ? VELOX_REJECTED_WINDOW
                                                             : plain_change(book, t, level);
    }
    book->results[result]++;
}

/* Level by level, the best pair, and what became of each transaction. Words have been taken; the pipeline is
 * at rest. */
static inline void plain_check(const plain_book *book, const reading *r)
{
    static uint64_t quantities[2 * VELOX_LEVELS_MAX];
    uint32_t row = 0;
    while (r->rows[row].kind != VELOX_KIND_BOOK)
        row++;
    CHECK_EQUAL(r->rows[row].param, book->levels);
    CHECK_EQUAL(velox_reader_book(r->reader, row, quantities, 2 * book->levels), VELOX_OK);
    for (uint32_t side = 0; side < 2; side++)
        for (uint32_t level = 0; level < book->levels; level++)
            CHECK_EQUAL(quantities[side * book->levels + level], book->quantity[side][level]);
    const uint64_t best = word(r, "best_pair");
    CHECK_EQUAL((int32_t)(best >> 16 & 0xffff) - 1, book->best[0]);
    CHECK_EQUAL((int32_t)(best & 0xffff) - 1, book->best[1]);
    CHECK_EQUAL(word(r, "order_book_applied_total"), book->results[VELOX_ACCEPTED]);
    CHECK_EQUAL(word(r, "order_book_rejected_window_total"), book->results[VELOX_REJECTED_WINDOW]);
    CHECK_EQUAL(word(r, "order_book_rejected_overflow_total"), book->results[VELOX_REJECTED_OVERFLOW]);
    CHECK_EQUAL(word(r, "order_book_rejected_underflow_total"), book->results[VELOX_REJECTED_UNDERFLOW]);
    CHECK_EQUAL(word(r, "order_book_rejected_invalid_total"), book->results[VELOX_REJECTED_INVALID]);
    CHECK_EQUAL(word(r, "order_book_rejected_contention_total"), 0);
    CHECK_EQUAL(word(r, "order_book_crossed_total"), book->crossed);
}
#endif
