/* The order book by one thread: window, levels, rejections and best pair at their edges. */
#include "order_book.h"

#include <string.h>

#include "check.h"

#define LEVELS 128
#define TICKS  16
#define BASE   INT64_C(1000000)
#define TOP    (BASE + LEVELS * TICKS - 1)

typedef struct fixture {
    vx_book book;
    vx_level levels[2 * VELOX_LEVELS_MAX];
    VX_ATOMIC(uint64_t) best;
} fixture;

static fixture made;

static vx_book *new_book(uint32_t levels, uint32_t ticks, int64_t base)
{
    memset(&made, 0, sizeof made);
    CHECK_EQUAL(vx_book_init(&made.book, made.levels, levels, ticks, base, &made.best), VELOX_OK);
    return &made.book;
}

static vx_applied apply(vx_side side, vx_kind kind, int64_t price, uint32_t size)
{
    const vx_transaction transaction = {
        .price = price, .size = size, .side = (uint8_t)side, .kind = (uint8_t)kind};
    return vx_book_apply(&made.book, &transaction, 42);
}

static int32_t bid(void)
{
    return vx_best_bid(vx_load_relaxed(&made.best));
}

static int32_t ask(void)
{
    return vx_best_ask(vx_load_relaxed(&made.best));
}

static uint64_t version(void)
{
    return vx_load_relaxed(&made.best) >> 32;
}

static uint64_t quantity(vx_side side, uint32_t level)
{
    return vx_load_relaxed(&vx_book_level_at(&made.book, side, level)->quantity);
}

static void should_refuse_a_window_that_is_not_allowed(void)
{
    static const struct {
        uint32_t levels, ticks;
        int64_t base;
    } refused[] = {{0, 16, 1},
                   {63, 16, 1},
                   {65, 16, 1},
                   {VELOX_LEVELS_MAX + 64, 16, 1},
                   {64, 0, 1},
                   {64, VX_TICKS_PER_LEVEL_MAX + 1, 1},
                   {64, 16, -1},
                   {64, 16, INT64_MIN},
                   {64, 16, VX_PRICE_MAX - 64 * 16 + 2},
                   {64, 16, INT64_MAX}};
    vx_book book;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        CHECK_EQUAL(vx_book_init(&book, made.levels, refused[i].levels, refused[i].ticks, refused[i].base,
                                 &made.best),
                    VELOX_INVALID_ARGUMENT);
    new_book(64, 16, VX_PRICE_MAX - 64 * 16 + 1);
    CHECK_EQUAL(apply(VX_BID, VX_ADD, VX_PRICE_MAX, 1).rejection, VELOX_ACCEPTED);
    CHECK_EQUAL(bid(), 63);
}

static void should_map_every_level_exactly_whatever_the_ticks(void)
{
    static const uint32_t ticks[] = {1, 2, 3, 7, 10, 16, 100, 641, 6700, 65537, 999983, 999999, 1000000};
    for (size_t i = 0; i < sizeof ticks / sizeof *ticks; i++) {
        const vx_book *book = new_book(VELOX_LEVELS_MAX, ticks[i], 1);
        for (uint32_t level = 0; level < VELOX_LEVELS_MAX; level++) {
            const uint64_t first = (uint64_t)level * ticks[i];
            CHECK_EQUAL(vx_book_level(book, first), level);
            CHECK_EQUAL(vx_book_level(book, first + ticks[i] - 1), level);
        }
    }
}

static void should_map_random_ticks_exactly_at_the_top_of_the_window(void)
{
    for (uint32_t ticks = 1; ticks <= VX_TICKS_PER_LEVEL_MAX; ticks += 97) {
        const vx_book *book = new_book(64, ticks, 1);
        const uint64_t top = (uint64_t)VELOX_LEVELS_MAX * ticks;
        CHECK_EQUAL(vx_book_level(book, top - 1), VELOX_LEVELS_MAX - 1);
        CHECK_EQUAL(vx_book_level(book, top - ticks), VELOX_LEVELS_MAX - 1);
        CHECK_EQUAL(vx_book_level(book, top - ticks - 1), VELOX_LEVELS_MAX - 2);
    }
}

static void should_report_a_level_by_its_lower_bound_for_bids_and_its_upper_for_asks(void)
{
    const vx_book *book = new_book(LEVELS, TICKS, BASE);
    CHECK_EQUAL(vx_book_bid_price(book, 0), BASE);
    CHECK_EQUAL(vx_book_ask_price(book, 0), BASE + TICKS - 1);
    CHECK_EQUAL(vx_book_bid_price(book, LEVELS - 1), TOP - TICKS + 1);
    CHECK_EQUAL(vx_book_ask_price(book, LEVELS - 1), TOP);
}

static void should_reject_prices_outside_the_window_and_never_wrap(void)
{
    new_book(LEVELS, TICKS, BASE);
    CHECK_EQUAL(apply(VX_BID, VX_ADD, BASE - 1, 1).rejection, VELOX_REJECTED_WINDOW);
    CHECK_EQUAL(apply(VX_ASK, VX_ADD, TOP + 1, 1).rejection, VELOX_REJECTED_WINDOW);
    CHECK_EQUAL(apply(VX_ASK, VX_ADD, 1, 1).rejection, VELOX_REJECTED_WINDOW);
    CHECK_EQUAL(apply(VX_BID, VX_ADD, VX_PRICE_MAX, 1).rejection, VELOX_REJECTED_WINDOW);
    CHECK_EQUAL(bid(), -1);
    CHECK_EQUAL(ask(), -1);
    CHECK_EQUAL(apply(VX_BID, VX_ADD, BASE, 1).rejection, VELOX_ACCEPTED);
    CHECK_EQUAL(apply(VX_ASK, VX_ADD, TOP, 1).rejection, VELOX_ACCEPTED);
    CHECK_EQUAL(bid(), 0);
    CHECK_EQUAL(ask(), LEVELS - 1);
}

static void should_reject_exactly_what_the_check_of_transactions_refuses(void)
{
    const vx_transaction good = {.price = BASE, .size = 1};
    vx_transaction bad[] = {good, good, good, good, good, good, good, good, good};
    bad[0].side = 2;
    bad[1].side = 255;
    bad[2].kind = 2;
    bad[3].kind = 254;
    bad[4].price = 0;
    bad[5].price = INT64_MIN;
    bad[6].price = VX_PRICE_MAX + 1;
    bad[7].size = 0;
    bad[8].reserved = 256;
    new_book(LEVELS, TICKS, BASE);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK(vx_transaction_check(&bad[i]) != VELOX_TRANSACTION_OK);
        CHECK_EQUAL(vx_book_apply(&made.book, &bad[i], 1).rejection, VELOX_REJECTED_INVALID);
    }
    CHECK_EQUAL(vx_load_relaxed(&made.best), 0);
    new_book(64, TICKS, 0); /* a window from price 0 does not make 0 a price */
    CHECK_EQUAL(apply(VX_BID, VX_ADD, 0, 1).rejection, VELOX_REJECTED_INVALID);
}

static void should_reject_an_overflow_and_keep_the_quantity(void)
{
    new_book(LEVELS, TICKS, BASE);
    apply(VX_ASK, VX_ADD, BASE, 1);
    vx_store_relaxed(&made.levels[LEVELS].quantity, VX_QUANTITY_MAX - 5);
    CHECK_EQUAL(apply(VX_ASK, VX_ADD, BASE, 6).rejection, VELOX_REJECTED_OVERFLOW);
    CHECK_EQUAL(apply(VX_ASK, VX_ADD, BASE, UINT32_MAX).rejection, VELOX_REJECTED_OVERFLOW);
    CHECK_EQUAL(quantity(VX_ASK, 0), VX_QUANTITY_MAX - 5);
    CHECK_EQUAL(apply(VX_ASK, VX_ADD, BASE, 5).rejection, VELOX_ACCEPTED);
    CHECK_EQUAL(quantity(VX_ASK, 0), VX_QUANTITY_MAX);
    CHECK_EQUAL(apply(VX_ASK, VX_REDUCE, BASE, UINT32_MAX).rejection, VELOX_ACCEPTED);
    CHECK_EQUAL(quantity(VX_ASK, 0), VX_QUANTITY_MAX - UINT32_MAX);
}

static void should_reject_a_reduce_of_more_than_there_is_and_change_nothing(void)
{
    new_book(LEVELS, TICKS, BASE);
    CHECK_EQUAL(apply(VX_BID, VX_REDUCE, BASE, 1).rejection, VELOX_REJECTED_UNDERFLOW);
    CHECK_EQUAL(apply(VX_BID, VX_REDUCE, BASE, UINT32_MAX).rejection, VELOX_REJECTED_UNDERFLOW);
    apply(VX_BID, VX_ADD, BASE, 10);
    const uint64_t best = vx_load_relaxed(&made.best);
    CHECK_EQUAL(apply(VX_BID, VX_REDUCE, BASE, 11).rejection, VELOX_REJECTED_UNDERFLOW);
    CHECK_EQUAL(quantity(VX_BID, 0), 10);
    CHECK_EQUAL(vx_load_relaxed(&made.best), best);
    CHECK_EQUAL(apply(VX_ASK, VX_REDUCE, BASE, 10).rejection,
                VELOX_REJECTED_UNDERFLOW); /* the other side's */
    CHECK_EQUAL(apply(VX_BID, VX_REDUCE, BASE, 10).rejection, VELOX_ACCEPTED);
    CHECK_EQUAL(quantity(VX_BID, 0), 0);
}

static void should_fall_back_to_the_next_best_when_a_level_empties(void)
{
    new_book(LEVELS, TICKS, BASE);
    apply(VX_BID, VX_ADD, BASE, 1);
    apply(VX_BID, VX_ADD, BASE + 70 * TICKS, 1);
    apply(VX_BID, VX_ADD, BASE + 71 * TICKS, 1);
    apply(VX_ASK, VX_ADD, BASE + 72 * TICKS, 1);
    apply(VX_ASK, VX_ADD, TOP, 1);
    CHECK_EQUAL(bid(), 71);
    CHECK_EQUAL(ask(), 72);
    apply(VX_BID, VX_REDUCE, BASE + 71 * TICKS, 1);
    CHECK_EQUAL(bid(), 70);
    apply(VX_BID, VX_REDUCE, BASE + 70 * TICKS, 1);
    CHECK_EQUAL(bid(), 0);
    apply(VX_BID, VX_REDUCE, BASE, 1);
    CHECK_EQUAL(bid(), -1);
    CHECK_EQUAL(ask(), 72);
    apply(VX_ASK, VX_REDUCE, BASE + 72 * TICKS, 1);
    CHECK_EQUAL(ask(), LEVELS - 1);
    apply(VX_ASK, VX_REDUCE, TOP, 1);
    CHECK_EQUAL(ask(), -1);
}

static void should_raise_the_version_whenever_a_level_fills_or_empties(void)
{
    new_book(LEVELS, TICKS, BASE);
    apply(VX_BID, VX_ADD, BASE + 5 * TICKS, 3);
    CHECK_EQUAL(version(), 1);
    apply(VX_BID, VX_ADD, BASE + 5 * TICKS, 3); /* neither */
    CHECK_EQUAL(version(), 1);
    apply(VX_BID, VX_ADD, BASE, 3); /* fills behind the best */
    CHECK_EQUAL(version(), 2);
    CHECK_EQUAL(bid(), 5);
    apply(VX_BID, VX_REDUCE, BASE, 3);
    CHECK_EQUAL(version(), 3);
    vx_store_relaxed(&made.best, UINT64_C(0xffffffff00060000));
    apply(VX_ASK, VX_ADD, BASE + 9 * TICKS, 1); /* the version starts over and leaves the levels alone */
    CHECK_EQUAL(vx_load_relaxed(&made.best), (UINT64_C(6) << 16) + 10);
}

static void should_tell_a_crossed_book_when_a_level_fills_or_empties(void)
{
    new_book(LEVELS, TICKS, BASE);
    CHECK_EQUAL(apply(VX_BID, VX_ADD, BASE + 10 * TICKS, 1).crossed, 0);
    CHECK_EQUAL(apply(VX_ASK, VX_ADD, BASE + 11 * TICKS, 1).crossed, 0);
    CHECK_EQUAL(apply(VX_ASK, VX_ADD, BASE + 10 * TICKS, 1).crossed, 1);
    CHECK_EQUAL(apply(VX_ASK, VX_ADD, BASE + 10 * TICKS, 1).crossed, 0); /* filled already */
    CHECK_EQUAL(apply(VX_BID, VX_ADD, BASE, 1).crossed, 1);              /* still crossed after it */
    CHECK_EQUAL(apply(VX_ASK, VX_REDUCE, BASE + 10 * TICKS, 2).crossed, 0);
}

static void should_keep_the_time_of_the_last_accepted_transaction(void)
{
    new_book(LEVELS, TICKS, BASE);
    vx_transaction transaction = {.price = BASE, .size = 2};
    vx_book_apply(&made.book, &transaction, 7);
    CHECK_EQUAL(vx_load_relaxed(&made.levels[0].updated_ns), 7);
    transaction.kind = VX_REDUCE;
    transaction.size = 3;
    vx_book_apply(&made.book, &transaction, 8);
    CHECK_EQUAL(vx_load_relaxed(&made.levels[0].updated_ns), 7);
}

static void should_find_no_level_for_what_it_refuses(void)
{
    new_book(LEVELS, TICKS, BASE);
    const vx_transaction odd[] = {{.price = INT64_MIN, .side = 255, .size = 1},
                                  {.price = TOP + 1, .side = 1, .size = 1},
                                  {.price = BASE - 1, .size = 1},
                                  {.price = BASE, .size = 0},
                                  {.price = BASE, .size = 1, .kind = 2},
                                  {.price = BASE, .size = 1, .reserved = 1},
                                  {.price = BASE, .size = 1, .side = 2}};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        CHECK(vx_book_find(&made.book, &odd[i]) == NULL);
        CHECK_EQUAL(vx_book_refusal(&odd[i]), vx_book_apply(&made.book, &odd[i], 1).rejection);
    }
    const vx_transaction ask = {.price = TOP, .size = 1, .side = VX_ASK};
    CHECK(vx_book_find(&made.book, &ask) == &made.levels[2 * LEVELS - 1]);
    CHECK_EQUAL(vx_load_relaxed(&made.best), 0);
}

int main(void)
{
    RUN(should_refuse_a_window_that_is_not_allowed);
    RUN(should_map_every_level_exactly_whatever_the_ticks);
    RUN(should_map_random_ticks_exactly_at_the_top_of_the_window);
    RUN(should_report_a_level_by_its_lower_bound_for_bids_and_its_upper_for_asks);
    RUN(should_reject_prices_outside_the_window_and_never_wrap);
    RUN(should_reject_exactly_what_the_check_of_transactions_refuses);
    RUN(should_reject_an_overflow_and_keep_the_quantity);
    RUN(should_reject_a_reduce_of_more_than_there_is_and_change_nothing);
    RUN(should_fall_back_to_the_next_best_when_a_level_empties);
    RUN(should_raise_the_version_whenever_a_level_fills_or_empties);
    RUN(should_tell_a_crossed_book_when_a_level_fills_or_empties);
    RUN(should_keep_the_time_of_the_last_accepted_transaction);
    RUN(should_find_no_level_for_what_it_refuses);
    return 0;
}
