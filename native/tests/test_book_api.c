/* The order book through the public header: creation, its refusals, and a million random transactions against
 * a plain array of quantities. */
#include <stdalign.h>
#include <string.h>

#include "check.h"
#include "transaction.h"
#include "velox.h"

#define LEVELS 192
#define TICKS  10
#define BASE   INT64_C(5000)
#define STEPS  1000000
#define BATCH  1000

static uint64_t expected[2][LEVELS];

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Mostly within the window and near its middle, now and then outside or malformed. */
static vx_transaction random_transaction(uint64_t *state)
{
    const uint64_t random = next_random(state);
    vx_transaction transaction = {.price = BASE + (int64_t)(random % 500) + 700,
                                  .size = 1 + (uint32_t)(random >> 20) % 8,
                                  .side = random >> 30 & 1,
                                  .kind = random >> 31 & 1};
    switch (random >> 40 & 63) {
    case 0:
        transaction.price = BASE - 1 - (int64_t)(random >> 50);
        break;
    case 1:
        transaction.price = BASE + LEVELS * TICKS + (int64_t)(random >> 50);
        break;
    case 2:
        transaction.side = (uint8_t)(2 + (random >> 50) % 254);
        break;
    case 3:
        transaction.size = 0;
        break;
    default:
        break;
    }
    return transaction;
}

static uint8_t expect(const vx_transaction *transaction)
{
    if (transaction->side > 1 || transaction->kind > 1 || transaction->price < 1 || transaction->size == 0)
        return VELOX_REJECTED_INVALID;
    if (transaction->price < BASE || transaction->price >= BASE + LEVELS * TICKS)
        return VELOX_REJECTED_WINDOW;
    uint64_t *held = &expected[transaction->side][(transaction->price - BASE) / TICKS];
    if (transaction->kind == VX_ADD)
        *held += transaction->size;
    else if (*held < transaction->size)
        return VELOX_REJECTED_UNDERFLOW;
    else
        *held -= transaction->size;
    return VELOX_ACCEPTED;
}

static void check_state(const velox_book *book)
{
    static uint64_t quantities[2 * LEVELS];
    int32_t best[2], highest = -1, lowest = -1;
    CHECK_EQUAL(velox_book_quantities(book, quantities, 2 * LEVELS), VELOX_OK);
    CHECK_EQUAL(memcmp(quantities, expected, sizeof expected), 0);
    for (int32_t level = 0; level < LEVELS; level++) {
        if (expected[VX_BID][level] != 0)
            highest = level;
        if (expected[VX_ASK][LEVELS - 1 - level] != 0)
            lowest = LEVELS - 1 - level;
    }
    CHECK_EQUAL(velox_book_best(book, best), VELOX_OK);
    CHECK_EQUAL(best[0], highest);
    CHECK_EQUAL(best[1], lowest);
}

static void should_agree_with_plain_arithmetic_over_a_million_transactions(void)
{
    static uint8_t bytes[BATCH][32], results[BATCH], wanted[BATCH];
    uint64_t state = 0x9e3779b97f4a7c15u, counts[VELOX_REJECTION_COUNT] = {0};
    velox_book *book;
    CHECK_EQUAL(velox_book_create(LEVELS, TICKS, BASE, &book, NULL), VELOX_OK);
    memset(expected, 0, sizeof expected);
    for (int step = 0; step < STEPS / BATCH; step++) {
        for (int i = 0; i < BATCH; i++) {
            const vx_transaction transaction = random_transaction(&state);
            vx_transaction_encode(&transaction, bytes[i]);
            wanted[i] = expect(&transaction);
        }
        CHECK_EQUAL(velox_book_apply(book, bytes, BATCH, results), VELOX_OK);
        for (int i = 0; i < BATCH; i++) {
            CHECK_EQUAL(results[i], wanted[i]);
            counts[results[i]]++;
        }
        check_state(book);
    }
    CHECK(counts[VELOX_ACCEPTED] >
          STEPS / 4); /* and every cause that one thread can bring about has come up */
    CHECK(counts[VELOX_REJECTED_WINDOW] > 0 && counts[VELOX_REJECTED_INVALID] > 0);
    CHECK(counts[VELOX_REJECTED_UNDERFLOW] > 0);
    velox_book_destroy(book);
}

static void should_refuse_a_window_that_is_not_allowed(void)
{
    char error[VELOX_ERROR_BYTES];
    velox_book *book = (velox_book *)error;
    CHECK_EQUAL(velox_book_create(100, TICKS, BASE, &book, error), VELOX_INVALID_ARGUMENT);
    CHECK(book == NULL && strstr(error, "multiple of 64") != NULL);
    CHECK_EQUAL(velox_book_create(UINT32_MAX, TICKS, BASE, &book, error), VELOX_INVALID_ARGUMENT);
    CHECK_EQUAL(velox_book_create(0, TICKS, BASE, &book, NULL), VELOX_INVALID_ARGUMENT);
    CHECK_EQUAL(velox_book_create(64, TICKS, -1, &book, error), VELOX_INVALID_ARGUMENT);
}

static void should_refuse_room_for_another_number_of_levels(void)
{
    velox_book *book;
    uint64_t quantities[128];
    CHECK_EQUAL(velox_book_create(64, TICKS, BASE, &book, NULL), VELOX_OK);
    CHECK_EQUAL(velox_book_quantities(book, quantities, 127), VELOX_INVALID_ARGUMENT);
    CHECK_EQUAL(velox_book_quantities(book, quantities, 128), VELOX_OK);
    velox_book_destroy(book);
    velox_book_destroy(NULL);
}

int main(void)
{
    RUN(should_agree_with_plain_arithmetic_over_a_million_transactions);
    RUN(should_refuse_a_window_that_is_not_allowed);
    RUN(should_refuse_room_for_another_number_of_levels);
    return 0;
}
