/* The flow of orders against a plain model of the book: bounded, lively, as documented, and the same on every
 * machine. */
#include "flow_model.h"

static void shouldNeverCrossNorGoBelowZeroWhenDefault(void)
{
    start(1, 1024, 16, 1000000, 450);
    run(BLOCKS);
    CHECK(book.reduces > 448000 && book.reduces < 452000);
    CHECK(book.live_max < 1024 + 2 * VX_FLOW_BLOCK);
    CHECK(book.live > 512);
    CHECK(book.whole_levels > 1000);
    CHECK(book.emptied > 10000);
    CHECK(visited(VX_BID) > 1024 / 4 && visited(VX_ASK) > 1024 / 4);
    vx_flow_free(&flow);
}

static void shouldHoldForEveryWindowAndShare(void)
{
    static const uint32_t levels[] = {64, 128, 320, 1024, 4096};
    static const uint32_t shares[] = {50, 200, 500};
    for (unsigned i = 0; i < 15; i++) {
        const uint32_t permille = shares[i % 3];
        start(i, levels[i / 3], 1 + i * 70000, 1 + (int64_t)i * 1000000007, permille);
        run(BLOCKS / 5);
        const uint64_t wanted = 200 * permille;
        CHECK(book.reduces + 4000 > wanted && book.reduces < wanted + 4000);
        CHECK(book.emptied > 100);
        vx_flow_free(&flow);
    }
}

static void shouldMoveOverMostOfTheWindowWhenItIsSmall(void)
{
    start(3, 64, 16, 1000000, 450);
    run(BLOCKS);
    CHECK(visited(VX_BID) > 40 && visited(VX_ASK) > 40);
    vx_flow_free(&flow);
}

static void shouldStayInsideWhenTheWindowTouchesThePricesLimits(void)
{
    const int64_t span = INT64_C(4096) * 1000000;
    start(1, 4096, 1000000, VX_PRICE_MAX - span + 1, 450);
    run(BLOCKS / 10);
    vx_flow_free(&flow);
    start(1, 64, 1, 1, 450);
    run(BLOCKS / 10);
    vx_flow_free(&flow);
}

static void shouldOnlyAddAroundAStandingMidWhenNothingIsReduced(void)
{
    start(1, 1024, 16, 1000000, 0);
    run(BLOCKS);
    CHECK_EQUAL(book.reduces, 0);
    CHECK_EQUAL(book.live, TRANSACTIONS);
    CHECK_EQUAL(book.best[VX_BID], 511);
    CHECK_EQUAL(book.best[VX_ASK], 513);
    vx_flow_free(&flow);
}

/* So few reduces that even whole levels do not keep up: what rests ends at the pool's size. */
static void shouldForceReducesWhenThePoolIsFull(void)
{
    start(1, 1024, 16, 1000000, 1);
    run(BLOCKS);
    CHECK(book.live_max <= VX_FLOW_ORDERS);
    CHECK(book.reduces > 1000);
    vx_flow_free(&flow);
}

static void shouldStayBoundedWhenRunningOn(void)
{
    start(5, 64, 16, 1000000, 490);
    for (int i = 0; i < 5; i++) {
        run(BLOCKS / 2);
        for (uint32_t level = 0; level < book.levels; level++)
            CHECK(book.quantity[VX_BID][level] + book.quantity[VX_ASK][level] < 400 * LARGEST);
        CHECK(book.live_max < 256 + 2 * VX_FLOW_BLOCK);
    }
    vx_flow_free(&flow);
}

/* Three of four sizes are round lots, half of these one lot; both sides get as many adds. */
static void shouldHaveTheDocumentedSizesAndSides(void)
{
    uint32_t lots = 0;
    uint32_t single = 0;
    uint32_t bids = 0;
    start(6, 1024, 16, 1000000, 0);
    for (int i = 0; i < 1000; i++) {
        vx_flow_next(&flow, batch, 100, 0, no_times_ns);
        for (int j = 0; j < 100; j++) {
            lots += batch[j].size % 100 == 0;
            single += batch[j].size == 100;
            bids += batch[j].side == VX_BID;
        }
    }
    CHECK(lots > 74500 && lots < 76000); /* 0.75 + 0.25 / 100 */
    CHECK(single > 36900 && single < 38100);
    CHECK(bids > 49400 && bids < 50600);
    vx_flow_free(&flow);
}

/* Six standard deviations, and a millionth for what 16 bits cannot divide evenly. */
static int near(uint32_t found, double expected)
{
    const double off = found - expected;
    return off * off < 36 * expected + expected * expected * 1e-6;
}

/* Levels in groups of W from the mid, half as many in each as in the one before, even within a group; sizes
 * that are no round lots even over their range, on each level alike. */
static void shouldHaveTheDocumentedLevelsAndSizesTogether(void)
{
    static uint32_t at[7 * 16];
    static uint32_t odd[7 * 16][4];
    memset(at, 0, sizeof at);
    memset(odd, 0, sizeof odd);
    start(7, 1024, 16, 1000000, 0);
    for (int i = 0; i < TRANSACTIONS / 100; i++) {
        vx_flow_next(&flow, batch, 100, 0, no_times_ns);
        for (int j = 0; j < 100; j++) {
            const int32_t off = (int32_t)level_of(&batch[j]) - 512;
            const uint32_t cell = (uint32_t)(batch[j].side == VX_BID ? -off : off) - 1;
            CHECK(cell < 7 * 16);
            at[cell]++;
            if (batch[j].size % 100 != 0)
                odd[cell][(batch[j].size - 1) / 250]++;
        }
    }
    for (uint32_t cell = 0; cell < 7 * 16; cell++) {
        const uint32_t group = cell / 16;
        const double expected = (double)TRANSACTIONS / 16 / (group < 6 ? 2 << group : 64);
        CHECK(near(at[cell], expected));
        for (int quarter = 0; quarter < 4; quarter++) /* of 250 sizes two or three are round */
            CHECK(near(odd[cell][quarter], expected / 4 * (248 - quarter % 2) / 1000));
    }
    vx_flow_free(&flow);
}

static void shouldNumberAndStampWhatItGives(void)
{
    uint64_t times_ns[150];
    start(8, 64, 16, 1000000, 450);
    for (uint64_t i = 0; i < 150; i++)
        times_ns[i] = 7 * i;
    vx_flow_next(&flow, batch, 150, UINT64_MAX - 50, times_ns);
    for (uint64_t i = 0; i < 150; i++) {
        CHECK(batch[i].id == UINT64_MAX - 50 + i);
        CHECK_EQUAL(batch[i].ts_ns, 7 * i);
    }
    vx_flow_free(&flow);
}

static uint64_t digest_of(uint64_t seed, uint32_t part)
{
    uint64_t digest = 0;
    uint32_t done = 0;
    CHECK_EQUAL(vx_flow_init(&flow, seed, 1024, 16, 1000000, 450), VELOX_OK);
    while (done < 100000) {
        const uint32_t count = 100000 - done < part ? 100000 - done : part;
        vx_flow_next(&flow, batch, count, done, no_times_ns);
        for (uint32_t i = 0; i < count; i++)
            digest = (digest * 31 + (uint64_t)batch[i].price) * 31 + batch[i].size * 4 + batch[i].side * 2u +
                     batch[i].kind;
        done += count;
    }
    vx_flow_free(&flow);
    return digest;
}

static void shouldGiveTheSameFromTheSameSeedOnEveryMachine(void)
{
    CHECK_EQUAL(digest_of(1, 64), INT64_C(4001720011278570945));
}

static void shouldGiveTheSameHoweverManyAreAskedFor(void)
{
    static const uint32_t parts[] = {1, 3, 63, 65, 127, 128, 200, 256};
    const uint64_t whole = digest_of(2, 64);
    for (unsigned i = 0; i < sizeof parts / sizeof *parts; i++)
        CHECK(digest_of(2, parts[i]) == whole);
    CHECK(digest_of(3, 64) != whole);
}

static void shouldRefuseWhenTheWindowIsNotAllowed(void)
{
    const int64_t span = INT64_C(64) * 16;
    static const uint32_t levels[] = {0, 32, 63, 65, 100, 4097, 4160, UINT32_MAX};
    for (unsigned i = 0; i < sizeof levels / sizeof *levels; i++)
        CHECK_EQUAL(vx_flow_init(&flow, 1, levels[i], 16, 1000000, 450), VELOX_INVALID_ARGUMENT);
    CHECK_EQUAL(vx_flow_init(&flow, 1, 64, 0, 1000000, 450), VELOX_INVALID_ARGUMENT);
    CHECK_EQUAL(vx_flow_init(&flow, 1, 64, 1000001, 1000000, 450), VELOX_INVALID_ARGUMENT);
    CHECK_EQUAL(vx_flow_init(&flow, 1, 64, 16, 0, 450), VELOX_INVALID_ARGUMENT);
    CHECK_EQUAL(vx_flow_init(&flow, 1, 64, 16, INT64_MIN, 450), VELOX_INVALID_ARGUMENT);
    CHECK_EQUAL(vx_flow_init(&flow, 1, 64, 16, VX_PRICE_MAX - span + 2, 450), VELOX_INVALID_ARGUMENT);
    CHECK_EQUAL(vx_flow_init(&flow, 1, 64, 16, INT64_MAX, 450), VELOX_INVALID_ARGUMENT);
    CHECK_EQUAL(vx_flow_init(&flow, 1, 64, 16, 1000000, 501), VELOX_INVALID_ARGUMENT);
}

int main(void)
{
    RUN(shouldNeverCrossNorGoBelowZeroWhenDefault);
    RUN(shouldHoldForEveryWindowAndShare);
    RUN(shouldMoveOverMostOfTheWindowWhenItIsSmall);
    RUN(shouldStayInsideWhenTheWindowTouchesThePricesLimits);
    RUN(shouldOnlyAddAroundAStandingMidWhenNothingIsReduced);
    RUN(shouldForceReducesWhenThePoolIsFull);
    RUN(shouldStayBoundedWhenRunningOn);
    RUN(shouldHaveTheDocumentedSizesAndSides);
    RUN(shouldHaveTheDocumentedLevelsAndSizesTogether);
    RUN(shouldNumberAndStampWhatItGives);
    RUN(shouldGiveTheSameFromTheSameSeedOnEveryMachine);
    RUN(shouldGiveTheSameHoweverManyAreAskedFor);
    RUN(shouldRefuseWhenTheWindowIsNotAllowed);
    return 0;
}
