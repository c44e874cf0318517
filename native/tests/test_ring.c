/* The ring on one thread, one item at a time: limits, full, empty, the wrap of the index, the end. */
#include "ring.h"

#include "check.h"

#define SLOTS 8

typedef struct fixture {
    vx_ring ring;
    uint64_t slots[SLOTS];
} fixture;

static vx_ring *start_at(fixture *fixture, uint32_t slots, uint64_t index)
{
    CHECK_EQUAL(vx_ring_init_over(&fixture->ring, fixture->slots, slots, sizeof *fixture->slots), VELOX_OK);
    vx_ring_start_at(&fixture->ring, index);
    return &fixture->ring;
}

static int push(vx_ring *ring, uint64_t value)
{
    return vx_ring_push(ring, &value);
}

static void check_pop(vx_ring *ring, uint64_t expected)
{
    uint64_t value = ~expected;
    CHECK(vx_ring_pop(ring, &value));
    CHECK_EQUAL(value, expected);
}

static void shouldRefuseWhenSlotsAreNoPowerOfTwoInRange(void)
{
    static const uint32_t refused[] = {0, 1, 3, 6, 4095, 65537, 131072, UINT32_MAX};
    for (unsigned i = 0; i < sizeof refused / sizeof *refused; i++) {
        vx_ring ring;
        uint64_t memory[2];
        CHECK_EQUAL(vx_ring_init(&ring, refused[i], 32), VELOX_INVALID_ARGUMENT);
        CHECK_EQUAL(vx_ring_init_over(&ring, memory, refused[i], 8), VELOX_INVALID_ARGUMENT);
    }
}

static void shouldRefuseWhenItemsHaveNoBytes(void)
{
    vx_ring ring;
    CHECK_EQUAL(vx_ring_init(&ring, 2, 0), VELOX_INVALID_ARGUMENT);
}

static void shouldHoldAllOfItsSlotsWhenOfAnySize(void)
{
    for (uint32_t slots = 2; slots <= VELOX_RING_SLOTS_MAX; slots *= 2) {
        vx_ring ring;
        CHECK_EQUAL(vx_ring_init(&ring, slots, sizeof(vx_transaction)), VELOX_OK);
        vx_transaction transaction = {.price = 5};
        for (transaction.id = 0; transaction.id < slots; transaction.id++)
            CHECK(vx_ring_push(&ring, &transaction));
        CHECK(!vx_ring_push(&ring, &transaction));
        for (uint64_t id = 0; id < slots; id++) {
            CHECK(vx_ring_pop(&ring, &transaction));
            CHECK_EQUAL(transaction.id, id);
            CHECK_EQUAL(transaction.price, 5);
        }
        CHECK(!vx_ring_pop(&ring, &transaction));
        vx_ring_free(&ring);
    }
}

static void shouldAlignSlotsForBundlesWhenTakingMemory(void)
{
    vx_ring ring;
    void *slot;
    CHECK_EQUAL(vx_ring_init(&ring, 4, sizeof(vx_bundle)), VELOX_OK);
    for (int i = 0; i < 4; i++) {
        CHECK_EQUAL(vx_ring_claim(&ring, 1, &slot), 1);
        CHECK_EQUAL((uintptr_t)slot % alignof(vx_bundle), 0);
        vx_ring_publish(&ring, 1);
    }
    vx_ring_free(&ring);
}

static void shouldFreeNothingTwiceWhenFreedTwice(void)
{
    vx_ring ring;
    CHECK_EQUAL(vx_ring_init(&ring, 4, 32), VELOX_OK);
    vx_ring_free(&ring);
    vx_ring_free(&ring);
    CHECK(ring.slots == NULL);
}

static void shouldLeaveTheMemoryToTheCallerWhenInitialisedOverIt(void)
{
    fixture fixture;
    vx_ring *ring = start_at(&fixture, SLOTS, 0);
    CHECK(push(ring, 11));
    vx_ring_free(ring); /* the address is on the stack: freeing it would abort */
    CHECK_EQUAL(fixture.slots[0], 11);
}

static void shouldBeEmptyWhenNew(void)
{
    fixture fixture;
    vx_ring *ring = start_at(&fixture, SLOTS, 0);
    uint64_t value = 99;
    void *items;
    CHECK(!vx_ring_pop(ring, &value));
    CHECK_EQUAL(value, 99);
    CHECK_EQUAL(vx_ring_peek(ring, SLOTS, &items), 0);
    CHECK_EQUAL(vx_ring_found(ring), 0);
}

static void shouldKeepTheOldItemsWhenFull(void)
{
    fixture fixture;
    vx_ring *ring = start_at(&fixture, SLOTS, 0);
    for (uint64_t i = 0; i < SLOTS; i++)
        CHECK(push(ring, i));
    CHECK(!push(ring, 77));
    check_pop(ring, 0);
    CHECK(push(ring, SLOTS));
    CHECK(!push(ring, 77));
    for (uint64_t i = 1; i <= SLOTS; i++)
        check_pop(ring, i);
}

static void shouldAlternateWhenItHasTwoSlots(void)
{
    fixture fixture;
    vx_ring *ring = start_at(&fixture, 2, 0);
    for (uint64_t i = 0; i < 10; i += 2) {
        CHECK(push(ring, i));
        CHECK(push(ring, i + 1));
        CHECK(!push(ring, 77));
        check_pop(ring, i);
        check_pop(ring, i + 1);
        CHECK(!vx_ring_pop(ring, &(uint64_t){0}));
    }
}

static void shouldCopyWholeItemsWhenOfAnySize(void)
{
    static const uint32_t sizes[] = {1, 8, 31, 32, 33, 64, 576};
    for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        uint8_t item[576], got[577] = {0};
        vx_ring ring;
        CHECK_EQUAL(vx_ring_init(&ring, 2, sizes[i]), VELOX_OK);
        for (uint32_t lap = 0; lap < 3; lap++) {
            for (uint32_t at = 0; at < sizes[i]; at++)
                item[at] = (uint8_t)(at * 7 + lap + 1);
            got[sizes[i]] = 0xee;
            CHECK(vx_ring_push(&ring, item));
            CHECK(vx_ring_pop(&ring, got));
            CHECK(memcmp(item, got, sizes[i]) == 0);
            CHECK_EQUAL(got[sizes[i]], 0xee);
        }
        vx_ring_free(&ring);
    }
}

static void shouldGoOnWhenTheIndexWraps(void)
{
    for (uint64_t before = 0; before <= 2 * SLOTS; before++) {
        fixture fixture;
        vx_ring *ring = start_at(&fixture, SLOTS, 0 - before);
        CHECK(!vx_ring_pop(ring, &(uint64_t){0}));
        for (uint64_t lap = 0; lap < 4; lap++) {
            for (uint64_t i = 0; i < SLOTS; i++)
                CHECK(push(ring, lap * SLOTS + i));
            CHECK(!push(ring, 77));
            for (uint64_t i = 0; i < SLOTS; i++)
                check_pop(ring, lap * SLOTS + i);
            CHECK(!vx_ring_pop(ring, &(uint64_t){0}));
        }
        CHECK_EQUAL(vx_ring_tail(ring), 4 * SLOTS - before);
    }
}

static void shouldNotHaveEndedWhenTheProducerGoesOn(void)
{
    fixture fixture;
    vx_ring *ring = start_at(&fixture, SLOTS, 0);
    uint64_t next_id = 99;
    CHECK(!vx_ring_ended(ring, &next_id));
    CHECK(push(ring, 1));
    check_pop(ring, 1);
    CHECK(!vx_ring_ended(ring, &next_id));
    CHECK_EQUAL(next_id, 99);
}

static void shouldHaveEndedOnlyWhenAllIsReleased(void)
{
    fixture fixture;
    vx_ring *ring = start_at(&fixture, SLOTS, UINT64_MAX);
    uint64_t next_id = 99;
    CHECK(push(ring, 1) && push(ring, 2));
    vx_ring_end(ring, 12345);
    CHECK(!vx_ring_ended(ring, &next_id));
    check_pop(ring, 1);
    CHECK(!vx_ring_ended(ring, &next_id));
    CHECK_EQUAL(next_id, 99);
    check_pop(ring, 2);
    CHECK(vx_ring_ended(ring, &next_id));
    CHECK_EQUAL(next_id, 12345);
}

static void shouldHaveEndedWhenNothingEverCame(void)
{
    fixture fixture;
    vx_ring *ring = start_at(&fixture, SLOTS, 0);
    uint64_t next_id = 99;
    vx_ring_end(ring, 0);
    CHECK(vx_ring_ended(ring, &next_id));
    CHECK_EQUAL(next_id, 0);
    CHECK(vx_ring_ended(ring, &next_id));
}

static void shouldFindTheLastItemsWhenTheEndIsSeenFirst(void)
{
    fixture fixture;
    vx_ring *ring = start_at(&fixture, SLOTS, 0);
    uint64_t next_id;
    CHECK(!vx_ring_pop(ring, &(uint64_t){0}));
    CHECK(push(ring, 1));
    vx_ring_end(ring, 2);
    CHECK(!vx_ring_ended(ring, &next_id));
    CHECK_EQUAL(vx_ring_found(ring), 1);
    check_pop(ring, 1);
    CHECK(vx_ring_ended(ring, &next_id));
}

int main(void)
{
    RUN(shouldRefuseWhenSlotsAreNoPowerOfTwoInRange);
    RUN(shouldRefuseWhenItemsHaveNoBytes);
    RUN(shouldHoldAllOfItsSlotsWhenOfAnySize);
    RUN(shouldAlignSlotsForBundlesWhenTakingMemory);
    RUN(shouldFreeNothingTwiceWhenFreedTwice);
    RUN(shouldLeaveTheMemoryToTheCallerWhenInitialisedOverIt);
    RUN(shouldBeEmptyWhenNew);
    RUN(shouldKeepTheOldItemsWhenFull);
    RUN(shouldAlternateWhenItHasTwoSlots);
    RUN(shouldCopyWholeItemsWhenOfAnySize);
    RUN(shouldGoOnWhenTheIndexWraps);
    RUN(shouldNotHaveEndedWhenTheProducerGoesOn);
    RUN(shouldHaveEndedOnlyWhenAllIsReleased);
    RUN(shouldHaveEndedWhenNothingEverCame);
    RUN(shouldFindTheLastItemsWhenTheEndIsSeenFirst);
    return 0;
}
