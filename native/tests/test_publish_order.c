/* In which order velox_publish.h stores what readers load while they run, and with which ordering. Watched at
 * every store. */
#include <stdint.h>

static void watch_store(uint64_t *to, uint64_t value, int order);
#define __atomic_store_n(to, value, order) watch_store((to), (value), (order))
#include "velox_publish.h"
#undef __atomic_store_n

#include "check.h"
#include "scratch.h"

#define STORES_MAX 64

typedef struct store {
    const uint64_t *to;
    uint64_t value;
    int order;
} store;

static velox_pub pub;
static uint64_t *in, *held, *taken;
static char directory[64] = "/tmp/velox-order-XXXXXX";
static store stores[STORES_MAX];
static uint32_t count, checked;

static void watch_store(uint64_t *to, uint64_t value, int order)
{
    CHECK(count < STORES_MAX);
    stores[count++] = (store){to, value, order};
    *to = value; /* one thread alone is here */
}

static void begin(void)
{
    count = checked = 0;
}

static void expect(const uint64_t *to, uint64_t value, int order)
{
    CHECK(checked < count);
    CHECK(stores[checked].to == to);
    CHECK_EQUAL(stores[checked].value, value);
    CHECK_EQUAL(stores[checked].order, order);
    checked++;
}

static uint64_t *at(uint64_t offset)
{
    return (uint64_t *)(void *)(pub.base + offset);
}

static void should_store_the_version_last_and_with_release(void)
{
    velox_pub_init(&pub);
    velox_pub_stage(&pub, "first", "First");
    velox_pub_describe(&pub, &in, VELOX_KIND_COUNTER, 0, VELOX_ROLE_IN, -1, "in_total", "in");
    velox_pub_describe(&pub, &held, VELOX_KIND_GAUGE, 0, VELOX_ROLE_HELD, -1, "held", "held");
    velox_pub_stage(&pub, "last", "Last");
    velox_pub_describe(&pub, &taken, VELOX_KIND_COUNTER, 0, VELOX_ROLE_IN, -1, "taken_total", "taken");
    begin();
    CHECK_EQUAL(velox_pub_open(&pub, directory, "a run"), 0);
    expect(at(8), VELOX_SEGMENT_VERSION, __ATOMIC_RELEASE);
    CHECK_EQUAL(count, checked);
    CHECK(in != NULL && held == in + 1 && taken != NULL);
}

/* The state before all others; of the pair no half after its turn is counted; the wish for a cut at last. */
static void should_beat_in_order(void)
{
    for (uint64_t turn = 1; turn <= 3; turn++) {
        uint64_t *const beat = at(pub.rows[VELOX_PUB_HEARTBEAT].source);
        uint64_t *const pair = beat + 1 + 2 * (turn & 1);
        begin();
        velox_pub_beat(&pub, VELOX_DRAINING);
        const uint64_t now_ns = stores[1].value;
        expect(velox_pub_at(&pub, VELOX_PUB_STATE), VELOX_DRAINING, __ATOMIC_RELEASE);
        expect(velox_pub_at(&pub, VELOX_PUB_HEARTBEAT), now_ns, __ATOMIC_RELEASE);
        expect(velox_pub_at(&pub, VELOX_PUB_MONOTONIC), now_ns, __ATOMIC_RELEASE);
        expect(&pair[0], now_ns, __ATOMIC_RELEASE);
        expect(&pair[1], now_ns, __ATOMIC_RELEASE);
        expect(beat, turn, __ATOMIC_RELEASE);
        expect(&pub.markers[0].sequence, 1, __ATOMIC_RELEASE); /* none is complete yet */
        CHECK_EQUAL(count, checked);
    }
}

/* The copy before the marker goes on, its position before its number; the last copy before the number of the
 * newest. */
static void should_cut_in_order(void)
{
    uint64_t *const copy = at(pub.rows[pub.cuts[0]].offset) + 2; /* of odd numbers */
    velox_pub_set(in, 5);
    velox_pub_set(held, 1);
    begin();
    velox_pub_cut(&pub, 0, 5, 4, 0);
    expect(&copy[0], 5, __ATOMIC_RELEASE);
    expect(&copy[1], 1, __ATOMIC_RELEASE);
    expect(&pub.markers[1].position, 4, __ATOMIC_RELAXED);
    expect(&pub.markers[1].sequence, 1, __ATOMIC_RELEASE);
    CHECK_EQUAL(count, checked);
    velox_pub_set(taken, 4);
    begin();
    velox_pub_cut(&pub, 1, 4, 4, 0);
    expect(at(pub.rows[pub.cuts[1]].offset) + 1, 4, __ATOMIC_RELEASE);
    expect(velox_pub_at(&pub, VELOX_PUB_SEQUENCE), 1, __ATOMIC_RELEASE);
    CHECK_EQUAL(count, checked);
}

int main(void)
{
    scratch_directory(directory);
    RUN(should_store_the_version_last_and_with_release);
    RUN(should_beat_in_order);
    RUN(should_cut_in_order);
    velox_pub_close(&pub);
    return 0;
}
