/* Buckets, errors and batches of the log-linear histogram. */
#include "histogram.h"

#include "check.h"
#include "transaction.h"

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static vx_histogram *new_histogram(void)
{
    vx_histogram *histogram = calloc(1, sizeof *histogram);
    CHECK(histogram != NULL);
    return histogram;
}

static uint64_t count_of(vx_histogram *histogram, uint64_t value)
{
    return vx_load_relaxed(&histogram->buckets[vx_histogram_index(value)]);
}

static uint64_t total_of(vx_histogram *histogram)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < VELOX_HISTOGRAM_BUCKETS; i++)
        total += vx_load_relaxed(&histogram->buckets[i]);
    return total;
}

static void shouldBeExactWhenBelowTwoOctavesOfSingleValues(void)
{
    for (uint32_t value = 0; value < 128; value++) {
        CHECK_EQUAL(vx_histogram_index(value), value);
        CHECK_EQUAL(vx_histogram_highest(value), value);
    }
}

static void shouldTileAllValuesWhenBucketsAreWalked(void)
{
    uint64_t lowest = 0;
    for (uint32_t index = 0; index < VELOX_HISTOGRAM_BUCKETS; index++) {
        const uint64_t highest = vx_histogram_highest(index);
        CHECK(highest >= lowest);
        CHECK_EQUAL(vx_histogram_index(lowest), index);
        CHECK_EQUAL(vx_histogram_index(highest), index);
        lowest = highest + 1;
    }
    CHECK_EQUAL(lowest, INT64_C(1) << 37);
}

static void check_error_of(uint64_t value)
{
    const uint64_t highest = vx_histogram_highest(vx_histogram_index(value));
    CHECK(highest >= value);
    CHECK((highest - value) * 64 <= value);
}

static void shouldErrAtMostOneIn64WhenReportedByTheHighest(void)
{
    uint64_t state = 42;
    for (int i = 0; i < 1000000; i++)
        check_error_of(next_random(&state) >> (27 + i % 37));
    for (int bits = 0; bits < 37; bits++) {
        check_error_of((UINT64_C(1) << bits) - 1);
        check_error_of(UINT64_C(1) << bits);
        check_error_of((UINT64_C(1) << bits) + 1);
    }
}

static void shouldNeverFallWhenValuesRise(void)
{
    uint64_t state = 7;
    for (int i = 0; i < 1000000; i++) {
        const uint64_t a = next_random(&state) >> (i % 64);
        const uint64_t b = next_random(&state) >> (i % 61);
        CHECK(vx_histogram_index(a < b ? a : b) <= vx_histogram_index(a < b ? b : a));
    }
}

static void shouldCountInTheLastBucketWhenTooLarge(void)
{
    const uint32_t last = VELOX_HISTOGRAM_BUCKETS - 1;
    CHECK_EQUAL(vx_histogram_index((UINT64_C(1) << 37) - 1), last);
    CHECK_EQUAL(vx_histogram_index(UINT64_C(1) << 37), last);
    CHECK_EQUAL(vx_histogram_index(UINT64_MAX), last);
    CHECK_EQUAL(vx_histogram_highest(last), (INT64_C(1) << 37) - 1);
}

static void shouldAddToBucketAndSumWhenRecording(void)
{
    vx_histogram *histogram = new_histogram();
    vx_histogram_record(histogram, 5);
    vx_histogram_record(histogram, 100000);
    vx_histogram_record_n(histogram, 5, 3);
    CHECK_EQUAL(count_of(histogram, 5), 4);
    CHECK_EQUAL(count_of(histogram, 100000), 1);
    CHECK_EQUAL(total_of(histogram), 5);
    CHECK_EQUAL(vx_load_relaxed(&histogram->sum), 100020);
    free(histogram);
}

static void shouldKeepTheSumWholeWhenTheBucketIsClamped(void)
{
    vx_histogram *histogram = new_histogram();
    vx_histogram_record(histogram, UINT64_C(1) << 40);
    CHECK_EQUAL(vx_load_relaxed(&histogram->buckets[VELOX_HISTOGRAM_BUCKETS - 1]), 1);
    CHECK_EQUAL(vx_load_relaxed(&histogram->sum), INT64_C(1) << 40);
    free(histogram);
}

/* Timestamps with runs of equal ones, jumps back and forth, and some after now. */
static void fill_batch(vx_transaction *batch, uint32_t count, uint64_t now_ns, uint64_t *state)
{
    uint64_t ts_ns = now_ns;
    for (uint32_t i = 0; i < count; i++) {
        const uint64_t random = next_random(state);
        if (random % 4 == 0)
            ts_ns = now_ns - (random >> 8 >> random % 56) % now_ns;
        if (random % 32 == 1)
            ts_ns = now_ns + random % 1000;
        batch[i] = (vx_transaction){.ts_ns = ts_ns};
    }
}

static void shouldEqualSingleRecordsWhenRecordingABatch(void)
{
    vx_histogram *batched = new_histogram(), *single = new_histogram();
    vx_transaction batch[VELOX_BATCH_MAX];
    const uint64_t now_ns = UINT64_C(1) << 41;
    uint64_t state = 3;
    for (uint32_t turn = 0; turn < 20000; turn++) {
        const uint32_t count = turn % (VELOX_BATCH_MAX + 1);
        fill_batch(batch, count, now_ns, &state);
        vx_histogram_record_since(batched, &batch[0].ts_ns, sizeof *batch, count, now_ns);
        for (uint32_t i = 0; i < count; i++)
            vx_histogram_record(single, batch[i].ts_ns < now_ns ? now_ns - batch[i].ts_ns : 0);
    }
    CHECK(total_of(single) > 0);
    CHECK(memcmp(batched, single, sizeof *batched) == 0);
    free(batched);
    free(single);
}

/* Batches whose stamps differ in few low bits, around bucket bounds of every octave: some fall into one
 * bucket and some do not. */
static void shouldEqualSingleRecordsWhenStampsAreClose(void)
{
    vx_histogram *batched = new_histogram(), *single = new_histogram();
    vx_transaction batch[VELOX_BATCH_MAX];
    const uint64_t now_ns = UINT64_C(1) << 41;
    uint64_t state = 5;
    for (uint32_t turn = 0; turn < 20000; turn++) {
        const uint32_t count = 1 + turn % VELOX_BATCH_MAX;
        const uint64_t bound_ns = vx_histogram_highest(turn % VELOX_HISTOGRAM_BUCKETS);
        const uint64_t spread_ns = UINT64_C(1) << next_random(&state) % 34;
        for (uint32_t i = 0; i < count; i++) {
            const uint64_t elapsed_ns = bound_ns + next_random(&state) % spread_ns;
            batch[i] = (vx_transaction){.ts_ns = now_ns - elapsed_ns};
            vx_histogram_record(single, elapsed_ns);
        }
        vx_histogram_record_since(batched, &batch[0].ts_ns, sizeof *batch, count, now_ns);
    }
    CHECK(memcmp(batched, single, sizeof *batched) == 0);
    free(batched);
    free(single);
}

static void shouldKnowSumAndDifferingBitsOfStamps(void)
{
    const uint64_t stamps_ns[] = {8, 9, 12, 8};
    const vx_stamps stamps = vx_stamps_of(stamps_ns, sizeof *stamps_ns, 4);
    CHECK_EQUAL(stamps.count, 4);
    CHECK_EQUAL(stamps.sum_ns, 37);
    CHECK_EQUAL(stamps.differing, 5);
}

static void shouldCountZeroWhenStampedAfterNow(void)
{
    vx_histogram *histogram = new_histogram();
    const uint64_t stamps[] = {1001, 1000, 999, UINT64_MAX};
    vx_histogram_record_since(histogram, stamps, sizeof *stamps, 4, 1000);
    CHECK_EQUAL(count_of(histogram, 0), 3);
    CHECK_EQUAL(count_of(histogram, 1), 1);
    CHECK_EQUAL(vx_load_relaxed(&histogram->sum), 1);
    free(histogram);
}

static void shouldChangeNothingWhenTheBatchIsEmpty(void)
{
    vx_histogram *histogram = new_histogram();
    vx_histogram_record_since(histogram, NULL, sizeof(vx_transaction), 0, 1000);
    CHECK_EQUAL(total_of(histogram), 0);
    CHECK_EQUAL(vx_load_relaxed(&histogram->sum), 0);
    free(histogram);
}

int main(void)
{
    RUN(shouldBeExactWhenBelowTwoOctavesOfSingleValues);
    RUN(shouldTileAllValuesWhenBucketsAreWalked);
    RUN(shouldErrAtMostOneIn64WhenReportedByTheHighest);
    RUN(shouldNeverFallWhenValuesRise);
    RUN(shouldCountInTheLastBucketWhenTooLarge);
    RUN(shouldAddToBucketAndSumWhenRecording);
    RUN(shouldKeepTheSumWholeWhenTheBucketIsClamped);
    RUN(shouldEqualSingleRecordsWhenRecordingABatch);
    RUN(shouldEqualSingleRecordsWhenStampsAreClose);
    RUN(shouldKnowSumAndDifferingBitsOfStamps);
    RUN(shouldCountZeroWhenStampedAfterNow);
    RUN(shouldChangeNothingWhenTheBatchIsEmpty);
    return 0;
}
