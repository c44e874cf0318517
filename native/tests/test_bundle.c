/* The bundle builder: when a bundle is full or due, and what it says of its transactions. */
#include "bundle.h"

#include <string.h>

#include "check.h"

static vx_transaction input[32];

static void number_input(void)
{
    for (uint32_t i = 0; i < 32; i++)
        input[i] = (vx_transaction){.id = 100 + i, .price = 1, .size = i + 1, .ts_ns = 1000 + i};
}

static void shouldHaveNoBundleAndNoDeadlineWhenNew(void)
{
    vx_builder builder;
    vx_builder_init(&builder, 16, 100000);
    CHECK(builder.open == NULL);
    CHECK(builder.deadline_ns == UINT64_MAX);
    CHECK(!vx_builder_full(&builder));
    CHECK(!vx_builder_due(&builder, UINT64_MAX));
    CHECK_EQUAL(builder.held_id_sum, 0);
    CHECK_EQUAL(builder.open_count, 0);
}

static void shouldBeFullExactlyAtTheMaximumWhenAddingOneByOne(void)
{
    for (uint32_t max = 1; max <= VELOX_BUNDLE_CAPACITY; max++) {
        vx_builder builder;
        vx_bundle slot;
        vx_builder_init(&builder, max, 100000);
        vx_builder_open(&builder, &slot, 50);
        for (uint32_t i = 0; i < max; i++) {
            CHECK(!vx_builder_full(&builder));
            CHECK_EQUAL(vx_builder_add(&builder, &input[i], 1, 50), 1);
        }
        CHECK(vx_builder_full(&builder));
        CHECK_EQUAL(vx_builder_add(&builder, &input[max], 1, 50), 0);
        CHECK_EQUAL(vx_builder_close(&builder, VX_FLUSH_SIZE, 60)->count, max);
        CHECK(memcmp(slot.transactions, input, max * sizeof *input) == 0);
    }
}

static void shouldTakeOnlyWhatFitsWhenAddingMany(void)
{
    vx_builder builder;
    vx_bundle slot;
    vx_builder_init(&builder, 10, 100000);
    vx_builder_open(&builder, &slot, 50);
    CHECK_EQUAL(vx_builder_add(&builder, input, 4, 50), 4);
    CHECK_EQUAL(vx_builder_add(&builder, input + 4, 28, 50), 6);
    CHECK(vx_builder_full(&builder));
    CHECK(memcmp(slot.transactions, input, 10 * sizeof *input) == 0);
}

static void shouldLeaveTheRestOfTheSlotAloneWhenNotFilled(void)
{
    vx_builder builder;
    vx_bundle slot, before;
    memset(&slot, 0x5a, sizeof slot);
    before = slot;
    vx_builder_init(&builder, 16, 100000);
    vx_builder_open(&builder, &slot, 50);
    vx_builder_add(&builder, input, 3, 50);
    vx_builder_close(&builder, VX_FLUSH_TIMEOUT, 60);
    CHECK(memcmp(&slot.transactions[3], &before.transactions[3], 13 * sizeof *input) == 0);
}

static void shouldShowNothingOfAnEarlierBundleWhenTheFirstLineIsReused(void)
{
    vx_builder builder;
    vx_bundle slot;
    memset(&slot, 0x5a, sizeof slot);
    vx_builder_init(&builder, 16, 100000);
    vx_builder_open(&builder, &slot, 50);
    vx_builder_add(&builder, input, 1, 52);
    vx_builder_close(&builder, VX_FLUSH_DRAIN, 60);
    CHECK_EQUAL(slot.entry[0], 1);
    for (int i = 1; i < VELOX_BUNDLE_CAPACITY; i++)
        CHECK_EQUAL(slot.entry[i], 0);
    CHECK(slot.reserved0 == 0 && slot.reserved1 == 0);
}

static void shouldApplyANewMaximumToTheNextBundleWhenOneIsOpen(void)
{
    vx_builder builder;
    vx_bundle slot;
    vx_builder_init(&builder, 4, 100000);
    vx_builder_open(&builder, &slot, 50);
    vx_builder_add(&builder, input, 3, 50);
    builder.bundle_max = 2;
    CHECK(!vx_builder_full(&builder));
    CHECK_EQUAL(vx_builder_add(&builder, input + 3, 5, 50), 1);
    CHECK_EQUAL(vx_builder_close(&builder, VX_FLUSH_SIZE, 60)->count, 4);
    vx_builder_open(&builder, &slot, 70);
    CHECK_EQUAL(vx_builder_add(&builder, input, 5, 70), 2);
    CHECK(vx_builder_full(&builder));
}

static void shouldApplyANewTimeoutToTheNextBundleWhenOneIsOpen(void)
{
    vx_builder builder;
    vx_bundle slot;
    vx_builder_init(&builder, 4, 1000);
    vx_builder_open(&builder, &slot, 50);
    builder.timeout_ns = UINT64_C(10000000000);
    CHECK_EQUAL(builder.deadline_ns, 1050);
    vx_builder_add(&builder, input, 1, 1049);
    vx_builder_close(&builder, VX_FLUSH_TIMEOUT, 1050);
    CHECK_EQUAL(vx_bundle_entry_ns(&slot, 0), 1049);
    vx_builder_open(&builder, &slot, 2000);
    CHECK_EQUAL(builder.deadline_ns, INT64_C(10000002000));
}

static void shouldBeDueExactlyAtTheDeadline(void)
{
    vx_builder builder;
    vx_bundle slot;
    vx_builder_init(&builder, 16, 100000);
    vx_builder_open(&builder, &slot, 50);
    vx_builder_add(&builder, input, 1, 50);
    CHECK_EQUAL(builder.deadline_ns, 100050);
    CHECK(!vx_builder_due(&builder, 100049));
    CHECK(vx_builder_due(&builder, 100050));
    CHECK(vx_builder_due(&builder, 100051));
}

static void shouldKeepTheDeadlineOfTheFirstWhenOthersFollow(void)
{
    vx_builder builder;
    vx_bundle slot;
    vx_builder_init(&builder, 16, 100000);
    vx_builder_open(&builder, &slot, 50);
    vx_builder_add(&builder, input, 1, 50);
    vx_builder_add(&builder, input + 1, 1, 90000);
    CHECK(vx_builder_due(&builder, 100050));
}

static void shouldCompleteTheBundleAndForgetItWhenClosed(void)
{
    vx_builder builder;
    vx_bundle slot;
    vx_builder_init(&builder, 16, 100000);
    vx_builder_open(&builder, &slot, 50);
    vx_builder_add(&builder, input, 5, 70);
    CHECK(vx_builder_close(&builder, VX_FLUSH_TIMEOUT, 100070) == &slot);
    CHECK_EQUAL(slot.open_ns, 50);
    CHECK_EQUAL(slot.close_ns, 100070);
    CHECK_EQUAL(slot.count, 5);
    CHECK_EQUAL(slot.reason, VX_FLUSH_TIMEOUT);
    CHECK(builder.open == NULL);
    CHECK(!vx_builder_full(&builder));
    CHECK(!vx_builder_due(&builder, UINT64_MAX));
    CHECK(builder.deadline_ns == UINT64_MAX);
}

static void shouldKeepTheReasonGivenWhenClosed(void)
{
    static const vx_flush reasons[] = {VX_FLUSH_SIZE, VX_FLUSH_TIMEOUT, VX_FLUSH_DRAIN};
    vx_builder builder;
    vx_bundle slot;
    vx_builder_init(&builder, 16, 100000);
    for (int i = 0; i < 3; i++) {
        vx_builder_open(&builder, &slot, 50);
        vx_builder_add(&builder, input, 1, 50);
        CHECK_EQUAL(vx_builder_close(&builder, reasons[i], 60)->reason, reasons[i]);
    }
}

static void shouldNumberBundlesFromZeroWhenOneFollowsAnother(void)
{
    vx_builder builder;
    vx_bundle slot;
    vx_builder_init(&builder, 16, 100000);
    for (uint64_t sequence = 0; sequence < 5; sequence++) {
        vx_builder_open(&builder, &slot, 50);
        vx_builder_add(&builder, input, 1, 50);
        CHECK_EQUAL(vx_builder_close(&builder, VX_FLUSH_SIZE, 60)->sequence, sequence);
    }
}

static void shouldHoldTheIdsOfTheOpenBundleOnly(void)
{
    vx_builder builder;
    vx_bundle slot;
    vx_builder_init(&builder, 4, 100000);
    vx_builder_open(&builder, &slot, 50);
    vx_builder_add(&builder, input, 1, 50);
    CHECK_EQUAL(builder.held_id_sum, 100);
    vx_builder_add(&builder, input + 1, 31, 50);
    CHECK_EQUAL(builder.held_id_sum, 100 + 101 + 102 + 103);
    CHECK_EQUAL(builder.open_count, 4);
    vx_builder_close(&builder, VX_FLUSH_SIZE, 60);
    CHECK_EQUAL(builder.held_id_sum, 0);
    CHECK_EQUAL(builder.open_count, 0);
}

/* Added in parts, the open bundle knows of its timestamps what one pass over it would tell. */
static void shouldKnowTheStampsOfTheOpenBundle(void)
{
    vx_builder builder;
    vx_bundle slot;
    vx_builder_init(&builder, 16, 100000);
    for (uint32_t bundle = 0; bundle < 2; bundle++) {
        vx_builder_open(&builder, &slot, 50);
        for (uint32_t count = 0; count < 5; count++) {
            vx_builder_add(&builder, input + bundle + builder.open_count, count, 50);
            const vx_batch batch = vx_batch_of(slot.transactions, builder.open_count);
            CHECK_EQUAL(builder.held.count, builder.open_count);
            CHECK_EQUAL(builder.held.sum_ns, batch.stamps.sum_ns);
            CHECK_EQUAL(builder.held.differing, batch.stamps.differing);
            CHECK(builder.held.first_ts == &slot.transactions[0].ts_ns);
            CHECK_EQUAL(builder.held_id_sum, batch.id_sum);
        }
        CHECK(builder.held.differing != 0);
        vx_builder_close(&builder, VX_FLUSH_SIZE, 60);
    }
}

static void shouldChooseTheLeastShiftByWhichTheTimeoutFits(void)
{
    CHECK_EQUAL(vx_bundle_entry_shift(1000), 0);
    CHECK_EQUAL(vx_bundle_entry_shift(65535), 0);
    CHECK_EQUAL(vx_bundle_entry_shift(65536), 1);
    CHECK_EQUAL(vx_bundle_entry_shift(100000), 1);
    CHECK_EQUAL(vx_bundle_entry_shift(131071), 1);
    CHECK_EQUAL(vx_bundle_entry_shift(131072), 2);
    CHECK_EQUAL(vx_bundle_entry_shift(UINT64_C(10000000000)), 18);
    for (uint64_t timeout_ns = 1; timeout_ns < UINT64_C(100000000000); timeout_ns = timeout_ns * 3 / 2 + 1) {
        const uint8_t shift = vx_bundle_entry_shift(timeout_ns);
        CHECK(timeout_ns >> shift <= UINT16_MAX);
        CHECK(shift == 0 || timeout_ns >> (shift - 1) > UINT16_MAX);
    }
}

static void check_entries(uint64_t timeout_ns)
{
    const uint64_t open_ns = UINT64_C(987654321012345);
    vx_builder builder;
    vx_bundle slot;
    vx_builder_init(&builder, 16, timeout_ns);
    vx_builder_open(&builder, &slot, open_ns);
    for (uint32_t i = 0; i < 16; i++)
        vx_builder_add(&builder, &input[i], 1, open_ns + timeout_ns * i / 15);
    vx_builder_close(&builder, VX_FLUSH_TIMEOUT, open_ns + timeout_ns);
    for (uint32_t i = 0; i < 16; i++) {
        const uint64_t entered_ns = open_ns + timeout_ns * i / 15;
        const uint64_t told_ns = vx_bundle_entry_ns(&slot, i);
        CHECK(told_ns <= entered_ns);
        CHECK(entered_ns - told_ns < UINT64_C(1) << slot.entry_shift);
    }
}

static void shouldTellEntriesWithinTwoToTheShiftWhenUpToTheDeadline(void)
{
    static const uint64_t timeouts_ns[] = {
        1000, 65535, 65536, 100000, 1000000, 77777777, UINT64_C(10000000000)};
    for (unsigned i = 0; i < sizeof timeouts_ns / sizeof *timeouts_ns; i++)
        check_entries(timeouts_ns[i]);
}

static void shouldGiveAllOfABatchOneEntryWhenAddedTogether(void)
{
    vx_builder builder;
    vx_bundle slot;
    vx_builder_init(&builder, 16, 1000);
    vx_builder_open(&builder, &slot, 50);
    vx_builder_add(&builder, input, 2, 50);
    vx_builder_add(&builder, input + 2, 2, 77);
    vx_builder_close(&builder, VX_FLUSH_TIMEOUT, 1050);
    CHECK_EQUAL(vx_bundle_entry_ns(&slot, 1), 50);
    CHECK_EQUAL(vx_bundle_entry_ns(&slot, 2), 77);
    CHECK_EQUAL(vx_bundle_entry_ns(&slot, 3), 77);
}

static void shouldGiveTheLatestEntryThereIsWhenAddedLongAfterTheDeadline(void)
{
    vx_builder builder;
    vx_bundle slot;
    vx_builder_init(&builder, 16, 1000);
    vx_builder_open(&builder, &slot, 50);
    vx_builder_add(&builder, input, 1, 50 + UINT64_C(65535));
    vx_builder_add(&builder, input + 1, 1, 50 + UINT64_C(65536));
    vx_builder_add(&builder, input + 2, 1, 50 + (UINT64_C(1) << 50));
    vx_builder_close(&builder, VX_FLUSH_TIMEOUT, UINT64_C(1) << 51);
    for (uint32_t i = 0; i < 3; i++)
        CHECK_EQUAL(slot.entry[i], UINT16_MAX);
}

int main(void)
{
    number_input();
    RUN(shouldHaveNoBundleAndNoDeadlineWhenNew);
    RUN(shouldBeFullExactlyAtTheMaximumWhenAddingOneByOne);
    RUN(shouldTakeOnlyWhatFitsWhenAddingMany);
    RUN(shouldLeaveTheRestOfTheSlotAloneWhenNotFilled);
    RUN(shouldShowNothingOfAnEarlierBundleWhenTheFirstLineIsReused);
    RUN(shouldApplyANewMaximumToTheNextBundleWhenOneIsOpen);
    RUN(shouldApplyANewTimeoutToTheNextBundleWhenOneIsOpen);
    RUN(shouldBeDueExactlyAtTheDeadline);
    RUN(shouldKeepTheDeadlineOfTheFirstWhenOthersFollow);
    RUN(shouldCompleteTheBundleAndForgetItWhenClosed);
    RUN(shouldKeepTheReasonGivenWhenClosed);
    RUN(shouldNumberBundlesFromZeroWhenOneFollowsAnother);
    RUN(shouldHoldTheIdsOfTheOpenBundleOnly);
    RUN(shouldKnowTheStampsOfTheOpenBundle);
    RUN(shouldChooseTheLeastShiftByWhichTheTimeoutFits);
    RUN(shouldTellEntriesWithinTwoToTheShiftWhenUpToTheDeadline);
    RUN(shouldGiveAllOfABatchOneEntryWhenAddedTogether);
    RUN(shouldGiveTheLatestEntryThereIsWhenAddedLongAfterTheDeadline);
    return 0;
}
