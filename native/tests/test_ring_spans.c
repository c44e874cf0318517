/* The ring on one thread, in spans: what is claimed, published, peeked and released; the wraps of array and
 * index. */
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

/* Pushes and drops `count` items, so that the next one lies in slot `count`. */
static void advance(vx_ring *ring, uint32_t count)
{
    uint64_t dropped;
    for (uint64_t i = 0; i < count; i++)
        CHECK(push(ring, i) && vx_ring_pop(ring, &dropped));
}

static void shouldGiveTheSameSlotsWhenClaimedTwice(void)
{
    fixture fixture;
    vx_ring *ring = start_at(&fixture, SLOTS, 0);
    void *first, *second;
    CHECK_EQUAL(vx_ring_claim(ring, 3, &first), 3);
    CHECK_EQUAL(vx_ring_claim(ring, 5, &second), 5);
    CHECK(first == second);
}

static void shouldShowNothingWhenClaimedButNotPublished(void)
{
    fixture fixture;
    vx_ring *ring = start_at(&fixture, SLOTS, 0);
    void *items;
    CHECK_EQUAL(vx_ring_claim(ring, 3, &items), 3);
    CHECK_EQUAL(vx_ring_peek(ring, SLOTS, &items), 0);
}

static void shouldShowOnlyWhatIsPublishedWhenMoreWasClaimed(void)
{
    fixture fixture;
    vx_ring *ring = start_at(&fixture, SLOTS, 0);
    void *claimed, *items;
    CHECK_EQUAL(vx_ring_claim(ring, 5, &claimed), 5);
    for (uint64_t i = 0; i < 5; i++)
        ((uint64_t *)claimed)[i] = i;
    vx_ring_publish(ring, 2);
    CHECK_EQUAL(vx_ring_peek(ring, SLOTS, &items), 2);
    CHECK(items == claimed);
    CHECK_EQUAL(vx_ring_claim(ring, 1, &claimed), 1);
    CHECK(claimed == (uint64_t *)items + 2);
}

static void shouldGiveTheSameItemsWhenPeekedTwice(void)
{
    fixture fixture;
    vx_ring *ring = start_at(&fixture, SLOTS, 0);
    void *first, *second;
    CHECK(push(ring, 1) && push(ring, 2));
    CHECK_EQUAL(vx_ring_peek(ring, 1, &first), 1);
    CHECK_EQUAL(vx_ring_peek(ring, SLOTS, &second), 2);
    CHECK(first == second);
    vx_ring_release(ring, 1);
    CHECK_EQUAL(vx_ring_peek(ring, SLOTS, &second), 1);
    CHECK_EQUAL(*(uint64_t *)second, 2);
}

static void shouldGiveShortSpansWhenTheArrayEnds(void)
{
    fixture fixture;
    vx_ring *ring = start_at(&fixture, SLOTS, 0);
    void *items;
    advance(ring, 6);
    CHECK_EQUAL(vx_ring_claim(ring, 5, &items), 2);
    CHECK(items == &fixture.slots[6]);
    vx_ring_publish(ring, 2);
    CHECK_EQUAL(vx_ring_claim(ring, 3, &items), 3);
    CHECK(items == &fixture.slots[0]);
    vx_ring_publish(ring, 3);
    CHECK_EQUAL(vx_ring_peek(ring, 5, &items), 2);
    CHECK(items == &fixture.slots[6]);
    CHECK_EQUAL(vx_ring_found(ring), 5);
    vx_ring_release(ring, 2);
    CHECK_EQUAL(vx_ring_peek(ring, 5, &items), 3);
    CHECK(items == &fixture.slots[0]);
}

static void shouldGiveShortSpansWhenNearlyFullOrNearlyEmpty(void)
{
    fixture fixture;
    vx_ring *ring = start_at(&fixture, SLOTS, 0);
    void *items;
    CHECK_EQUAL(vx_ring_claim(ring, 6, &items), 6);
    vx_ring_publish(ring, 6);
    CHECK_EQUAL(vx_ring_claim(ring, SLOTS, &items), 2);
    vx_ring_publish(ring, 2);
    CHECK_EQUAL(vx_ring_claim(ring, SLOTS, &items), 0);
    vx_ring_release(ring, vx_ring_peek(ring, 5, &items));
    CHECK_EQUAL(vx_ring_peek(ring, SLOTS, &items), 3);
    CHECK_EQUAL(vx_ring_claim(ring, SLOTS, &items), 5);
}

static void shouldSeeWhatWasGivenBackWhenTheKnownSlotsDoNotSuffice(void)
{
    fixture fixture;
    vx_ring *ring = start_at(&fixture, SLOTS, 4);
    void *items;
    CHECK_EQUAL(vx_ring_claim(ring, 4, &items), 4);
    vx_ring_publish(ring, 4);
    CHECK_EQUAL(vx_ring_peek(ring, 4, &items), 4);
    vx_ring_release(ring, 4);
    CHECK_EQUAL(vx_ring_claim(ring, SLOTS, &items), SLOTS);
}

static void shouldSpanTheWholeArrayWhenAsked(void)
{
    fixture fixture;
    vx_ring *ring = start_at(&fixture, SLOTS, 0);
    void *items;
    CHECK_EQUAL(vx_ring_claim(ring, UINT32_MAX, &items), SLOTS);
    vx_ring_publish(ring, SLOTS);
    CHECK_EQUAL(vx_ring_peek(ring, UINT32_MAX, &items), SLOTS);
}

static void shouldGiveNothingWhenNothingIsWanted(void)
{
    fixture fixture;
    vx_ring *ring = start_at(&fixture, SLOTS, 0);
    void *items;
    CHECK(push(ring, 1));
    CHECK_EQUAL(vx_ring_claim(ring, 0, &items), 0);
    CHECK_EQUAL(vx_ring_peek(ring, 0, &items), 0);
}

static void shouldCountWhatWasFoundWhenRefreshed(void)
{
    fixture fixture;
    vx_ring *ring = start_at(&fixture, SLOTS, 0);
    void *items;
    for (uint64_t i = 0; i < 5; i++)
        CHECK(push(ring, i));
    CHECK_EQUAL(vx_ring_found(ring), 0);
    CHECK_EQUAL(vx_ring_peek(ring, 2, &items), 2);
    CHECK_EQUAL(vx_ring_found(ring), 5);
    CHECK(push(ring, 5));
    vx_ring_release(ring, 2);
    CHECK_EQUAL(vx_ring_found(ring), 3);
    CHECK_EQUAL(vx_ring_peek(ring, 4, &items), 4);
    CHECK_EQUAL(vx_ring_found(ring), 4);
}

static void shouldGiveSpansWhenTheIndexWraps(void)
{
    fixture fixture;
    vx_ring *ring = start_at(&fixture, SLOTS, UINT64_MAX - 2);
    void *items;
    CHECK_EQUAL(vx_ring_claim(ring, SLOTS, &items), 3);
    vx_ring_publish(ring, 3);
    CHECK_EQUAL(vx_ring_tail(ring), 0);
    CHECK_EQUAL(vx_ring_claim(ring, SLOTS, &items), 5);
    CHECK(items == &fixture.slots[0]);
    vx_ring_publish(ring, 5);
    CHECK_EQUAL(vx_ring_claim(ring, 1, &items), 0);
    CHECK_EQUAL(vx_ring_peek(ring, SLOTS, &items), 3);
    CHECK_EQUAL(vx_ring_found(ring), SLOTS);
    vx_ring_release(ring, 3);
    CHECK_EQUAL(vx_ring_peek(ring, SLOTS, &items), 5);
}

int main(void)
{
    RUN(shouldGiveTheSameSlotsWhenClaimedTwice);
    RUN(shouldShowNothingWhenClaimedButNotPublished);
    RUN(shouldShowOnlyWhatIsPublishedWhenMoreWasClaimed);
    RUN(shouldGiveTheSameItemsWhenPeekedTwice);
    RUN(shouldGiveShortSpansWhenTheArrayEnds);
    RUN(shouldGiveShortSpansWhenNearlyFullOrNearlyEmpty);
    RUN(shouldSeeWhatWasGivenBackWhenTheKnownSlotsDoNotSuffice);
    RUN(shouldSpanTheWholeArrayWhenAsked);
    RUN(shouldGiveNothingWhenNothingIsWanted);
    RUN(shouldCountWhatWasFoundWhenRefreshed);
    RUN(shouldGiveSpansWhenTheIndexWraps);
    return 0;
}
