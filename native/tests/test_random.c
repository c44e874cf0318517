/* The generator and the unit exponential: against published values, an independent logarithm, and exact
 * quantiles. */
#include "random.h"

#include "check.h"

#define SAMPLES 1000000
#define LN2     0.69314718055994530942

static vx_log_table table;

/* Natural logarithm for x >= 1, by its own series in doubles: the engine's programs do not link libm. */
static double reference_log(double x)
{
    double halvings = 0;
    for (; x >= 2; x /= 2)
        halvings++;
    const double z = (x - 1) / (x + 1);
    double power = z;
    double sum = 0;
    for (int k = 1; k < 60; k += 2, power *= z * z)
        sum += power / k;
    return 2 * sum + halvings * LN2;
}

static double magnitude(double x)
{
    return x < 0 ? -x : x;
}

static double unit(uint64_t q32)
{
    return (double)q32 / 4294967296.0;
}

/* What vx_minus_log is to give. */
static double expected(uint64_t bits)
{
    const int k = bits == 0 ? 63 : __builtin_ctzll(bits);
    return (k + 1) * LN2 - reference_log(1 + (double)(bits >> 24) / 1099511627776.0);
}

static void shouldGiveThePublishedSequenceWhenStateIsOneToFour(void)
{
    static const uint64_t published[] = {UINT64_C(11520),
                                         UINT64_C(0),
                                         UINT64_C(1509978240),
                                         UINT64_C(1215971899390074240),
                                         UINT64_C(1216172134540287360),
                                         UINT64_C(607988272756665600),
                                         UINT64_C(16172922978634559625),
                                         UINT64_C(8476171486693032832)};
    vx_random random = {{1, 2, 3, 4}};
    for (unsigned i = 0; i < sizeof published / sizeof *published; i++)
        CHECK(vx_random_next(&random) == published[i]);
}

static void shouldGiveTheSameFromTheSameSeedOnEveryMachine(void)
{
    vx_random random;
    uint64_t digest = 0;
    vx_random_seed(&random, 1, VX_STREAM_FLOW);
    for (int i = 0; i < 1000; i++)
        digest = digest * 31 + vx_unit_exponential(&table, &random);
    CHECK_EQUAL(digest, INT64_C(4744456279349556735));
}

/* First outputs of 2 streams x 1000 neighbouring seeds: all different. */
static void shouldDifferWhenSeedOrStreamDiffer(void)
{
    static uint64_t first[2000];
    for (uint64_t i = 0; i < 2000; i++) {
        vx_random random;
        vx_random_seed(&random, i / 2, i % 2 ? VX_STREAM_FLOW : VX_STREAM_SCHEDULE);
        first[i] = vx_random_next(&random);
        for (uint64_t j = 0; j < i; j++)
            CHECK(first[j] != first[i]);
    }
}

static void checkLog(uint64_t bits)
{
    const double got = unit(vx_minus_log(&table, bits));
    CHECK(got > 0);
    CHECK(magnitude(got - expected(bits)) < 2.1e-8);
}

static void shouldFollowTheLogarithmAtEveryCellsEdges(void)
{
    for (uint64_t cell = 0; cell < 1 << VX_LOG_CELL_BITS; cell++) {
        for (uint64_t k = 0; k < 24; k++) {
            const uint64_t low = cell << (64 - VX_LOG_CELL_BITS) | UINT64_C(1) << k;
            const uint64_t width = UINT64_C(1) << (64 - VX_LOG_CELL_BITS);
            checkLog(low);
            checkLog(low + width / 2);
            checkLog(low + width - (UINT64_C(1) << 24));
        }
    }
}

static void shouldStayFiniteAndPositiveWhenBitsAreExtreme(void)
{
    static const uint64_t extremes[] = {
        0, 1, UINT64_MAX, UINT64_MAX - 1, UINT64_C(1) << 63, UINT64_C(1) << 24};
    for (unsigned i = 0; i < sizeof extremes / sizeof *extremes; i++)
        checkLog(extremes[i]);
    CHECK(magnitude(unit(vx_minus_log(&table, 0)) - 64 * LN2) < 1e-7);
}

/* The mean over an even grid of the mantissa is 1 - ln 2 for k = 0, and every k adds ln 2: with P(k) = 2^-(k
 * + 1) that makes 1. */
static void shouldHaveMeanOneFarBelowWhatSamplesCanSee(void)
{
    double sum = 0;
    const uint64_t points = 1 << 20;
    for (uint64_t i = 0; i < points; i++)
        sum += unit(vx_minus_log(&table, (2 * i + 1) << 43 | 1));
    CHECK(magnitude(sum / (double)points - (1 - LN2)) < 1e-9);
    const double step = unit(vx_minus_log(&table, 2)) - unit(vx_minus_log(&table, 1));
    CHECK(magnitude(step - LN2) < 1e-9);
}

static int ascending(const void *left, const void *right)
{
    const uint64_t a = *(const uint64_t *)left;
    const uint64_t b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

/* Quantile of the unit exponential. */
static double quantile(double p)
{
    return reference_log(1 / (1 - p));
}

/* Kolmogorov-Smirnov at 0.1 %: every sample within the band around the exact quantiles. The seed is fixed. */
static void shouldBeExponentialWhenSamplesAreSorted(void)
{
    static uint64_t sample[SAMPLES];
    const double band = 1.95 / 1000; /* over sqrt(SAMPLES) */
    vx_random random;
    vx_random_seed(&random, 7, VX_STREAM_SCHEDULE);
    for (int i = 0; i < SAMPLES; i++)
        sample[i] = vx_unit_exponential(&table, &random);
    qsort(sample, SAMPLES, sizeof *sample, ascending);
    for (int i = 0; i < SAMPLES; i++) {
        const double p = (double)i / SAMPLES;
        if (p > band)
            CHECK(unit(sample[i]) >= quantile(p - band));
        if (p < 1 - band)
            CHECK(unit(sample[i]) <= quantile(p + band));
    }
}

/* Neighbours' covariance, of standard error 1 / sqrt(SAMPLES), within 4 of them; mean and variance alike. */
static void shouldBeIndependentFromDrawToDraw(void)
{
    double sum = 0;
    double squares = 0;
    double products = 0;
    double previous = 0;
    vx_random random;
    vx_random_seed(&random, 8, VX_STREAM_SCHEDULE);
    for (int i = 0; i < SAMPLES; i++) {
        const double x = unit(vx_unit_exponential(&table, &random)) - 1;
        sum += x;
        squares += x * x;
        products += x * previous;
        previous = x;
    }
    CHECK(magnitude(sum / SAMPLES) < 0.004);
    CHECK(magnitude(squares / SAMPLES - 1) < 0.004 * 3); /* the fourth central moment is 9 */
    CHECK(magnitude(products / SAMPLES) < 0.004);
}

int main(void)
{
    vx_log_table_init(&table);
    RUN(shouldGiveThePublishedSequenceWhenStateIsOneToFour);
    RUN(shouldGiveTheSameFromTheSameSeedOnEveryMachine);
    RUN(shouldDifferWhenSeedOrStreamDiffer);
    RUN(shouldFollowTheLogarithmAtEveryCellsEdges);
    RUN(shouldStayFiniteAndPositiveWhenBitsAreExtreme);
    RUN(shouldHaveMeanOneFarBelowWhatSamplesCanSee);
    RUN(shouldBeExponentialWhenSamplesAreSorted);
    RUN(shouldBeIndependentFromDrawToDraw);
    return 0;
}
