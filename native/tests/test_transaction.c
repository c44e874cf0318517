/* Codec and validation of transactions. */
#include "transaction.h"

#include <string.h>

#include "check.h"

static vx_transaction valid_transaction(void)
{
    return (vx_transaction){
        .id = 7, .price = 1000000, .size = 10, .side = VX_ASK, .kind = VX_REDUCE, .ts_ns = 123456789};
}

static void shouldWriteEachFieldLittleEndianWhenEncoding(void)
{
    const vx_transaction transaction = {.id = UINT64_C(0x0807060504030201),
                                        .price = INT64_C(0x100f0e0d0c0b0a09),
                                        .size = UINT32_C(0x14131211),
                                        .side = 0x15,
                                        .kind = 0x16,
                                        .reserved = 0x1817,
                                        .ts_ns = UINT64_C(0x201f1e1d1c1b1a19)};
    uint8_t bytes[34] = {[32] = 0xaa, [33] = 0xaa};
    vx_transaction_encode(&transaction, bytes);
    for (int i = 0; i < 32; i++)
        CHECK_EQUAL(bytes[i], i + 1);
    CHECK(bytes[32] == 0xaa && bytes[33] == 0xaa);
}

static void shouldReadEachFieldLittleEndianWhenDecoding(void)
{
    uint8_t bytes[32];
    for (int i = 0; i < 32; i++)
        bytes[i] = (uint8_t)(0xf0 - i);
    vx_transaction transaction;
    vx_transaction_decode(bytes, &transaction);
    CHECK(transaction.id == UINT64_C(0xe9eaebecedeeeff0));
    CHECK(transaction.price == (int64_t)UINT64_C(0xe1e2e3e4e5e6e7e8));
    CHECK(transaction.size == UINT32_C(0xdddedfe0));
    CHECK(transaction.side == 0xdc);
    CHECK(transaction.kind == 0xdb);
    CHECK(transaction.reserved == 0xd9da);
    CHECK(transaction.ts_ns == UINT64_C(0xd1d2d3d4d5d6d7d8));
}

static void shouldGiveTheSameBytesWhenDecodedAndEncodedAgain(void)
{
    uint8_t bytes[32], again[32];
    uint64_t state = 1;
    for (int turn = 0; turn < 1000; turn++) {
        for (int i = 0; i < 32; i++) {
            state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
            bytes[i] = (uint8_t)(state >> 56);
        }
        vx_transaction transaction;
        vx_transaction_decode(bytes, &transaction);
        vx_transaction_encode(&transaction, again);
        CHECK(memcmp(bytes, again, sizeof bytes) == 0);
    }
}

static void shouldDecodeAndEncodeWhenBytesAreUnaligned(void)
{
    uint8_t bytes[33], again[35];
    for (int i = 0; i < 33; i++)
        bytes[i] = (uint8_t)(3 * i);
    vx_transaction transaction;
    vx_transaction_decode(bytes + 1, &transaction);
    vx_transaction_encode(&transaction, again + 3);
    CHECK(memcmp(bytes + 1, again + 3, 32) == 0);
}

static void shouldAcceptWhenAtTheEdgesOfWhatIsAllowed(void)
{
    vx_transaction transaction = valid_transaction();
    CHECK_EQUAL(vx_transaction_check(&transaction), VELOX_TRANSACTION_OK);
    transaction.price = 1;
    transaction.size = 1;
    transaction.side = VX_BID;
    transaction.kind = VX_ADD;
    CHECK_EQUAL(vx_transaction_check(&transaction), VELOX_TRANSACTION_OK);
    transaction.price = VX_PRICE_MAX;
    transaction.size = UINT32_MAX;
    transaction.id = transaction.ts_ns = UINT64_MAX;
    CHECK_EQUAL(vx_transaction_check(&transaction), VELOX_TRANSACTION_OK);
}

static void shouldNameTheSideWhenNeitherBidNorAsk(void)
{
    vx_transaction transaction = valid_transaction();
    transaction.side = 2;
    CHECK_EQUAL(vx_transaction_check(&transaction), VELOX_TRANSACTION_BAD_SIDE);
    transaction.side = UINT8_MAX;
    CHECK_EQUAL(vx_transaction_check(&transaction), VELOX_TRANSACTION_BAD_SIDE);
}

static void shouldNameTheKindWhenNeitherAddNorReduce(void)
{
    vx_transaction transaction = valid_transaction();
    transaction.kind = 2;
    CHECK_EQUAL(vx_transaction_check(&transaction), VELOX_TRANSACTION_BAD_KIND);
    transaction.kind = UINT8_MAX;
    CHECK_EQUAL(vx_transaction_check(&transaction), VELOX_TRANSACTION_BAD_KIND);
}

static void shouldNameThePriceWhenNotPositiveOrTooLarge(void)
{
    static const int64_t prices[] = {0, -1, INT64_MIN, VX_PRICE_MAX + 1, INT64_MAX};
    for (unsigned i = 0; i < sizeof prices / sizeof *prices; i++) {
        vx_transaction transaction = valid_transaction();
        transaction.price = prices[i];
        CHECK_EQUAL(vx_transaction_check(&transaction), VELOX_TRANSACTION_BAD_PRICE);
    }
}

static void shouldNameTheSizeWhenZero(void)
{
    vx_transaction transaction = valid_transaction();
    transaction.size = 0;
    CHECK_EQUAL(vx_transaction_check(&transaction), VELOX_TRANSACTION_BAD_SIZE);
}

static void shouldNameTheReservedBytesWhenAnyBitIsSet(void)
{
    for (int bit = 0; bit < 16; bit++) {
        vx_transaction transaction = valid_transaction();
        transaction.reserved = (uint16_t)(1 << bit);
        CHECK_EQUAL(vx_transaction_check(&transaction), VELOX_TRANSACTION_BAD_RESERVED);
    }
}

/* Good, bad size, good, bad side, and a fifth that is not counted. */
static void fill_mixed(uint8_t bytes[160])
{
    for (int i = 0; i < 5; i++) {
        vx_transaction transaction = valid_transaction();
        if (i == 1)
            transaction.size = 0;
        if (i == 3)
            transaction.side = 9;
        vx_transaction_encode(&transaction, bytes + 32 * i);
    }
}

static void shouldTellTheErrorOfEachWhenValidatingAnArray(void)
{
    uint8_t bytes[160], errors[5] = {99, 99, 99, 99, 99};
    fill_mixed(bytes);
    CHECK_EQUAL(velox_transactions_validate(bytes, 4, errors), VELOX_TRANSACTION_BAD_SIZE);
    CHECK_EQUAL(errors[0], VELOX_TRANSACTION_OK);
    CHECK_EQUAL(errors[1], VELOX_TRANSACTION_BAD_SIZE);
    CHECK_EQUAL(errors[2], VELOX_TRANSACTION_OK);
    CHECK_EQUAL(errors[3], VELOX_TRANSACTION_BAD_SIDE);
    CHECK_EQUAL(errors[4], 99);
}

static void shouldReturnTheFirstErrorWhenNoPlaceForErrorsIsGiven(void)
{
    uint8_t bytes[160];
    fill_mixed(bytes);
    CHECK_EQUAL(velox_transactions_validate(bytes, 4, NULL), VELOX_TRANSACTION_BAD_SIZE);
    CHECK_EQUAL(velox_transactions_validate(bytes + 64, 2, NULL), VELOX_TRANSACTION_BAD_SIDE);
}

static void shouldReturnZeroWhenAllAreValidOrNoneIsGiven(void)
{
    uint8_t bytes[160];
    fill_mixed(bytes);
    CHECK_EQUAL(velox_transactions_validate(bytes, 1, NULL), VELOX_TRANSACTION_OK);
    CHECK_EQUAL(velox_transactions_validate(NULL, 0, NULL), VELOX_TRANSACTION_OK);
}

int main(void)
{
    RUN(shouldWriteEachFieldLittleEndianWhenEncoding);
    RUN(shouldReadEachFieldLittleEndianWhenDecoding);
    RUN(shouldGiveTheSameBytesWhenDecodedAndEncodedAgain);
    RUN(shouldDecodeAndEncodeWhenBytesAreUnaligned);
    RUN(shouldAcceptWhenAtTheEdgesOfWhatIsAllowed);
    RUN(shouldNameTheSideWhenNeitherBidNorAsk);
    RUN(shouldNameTheKindWhenNeitherAddNorReduce);
    RUN(shouldNameThePriceWhenNotPositiveOrTooLarge);
    RUN(shouldNameTheSizeWhenZero);
    RUN(shouldNameTheReservedBytesWhenAnyBitIsSet);
    RUN(shouldTellTheErrorOfEachWhenValidatingAnArray);
    RUN(shouldReturnTheFirstErrorWhenNoPlaceForErrorsIsGiven);
    RUN(shouldReturnZeroWhenAllAreValidOrNoneIsGiven);
    return 0;
}
