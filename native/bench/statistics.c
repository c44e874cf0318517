#include "statistics.h"

#include <stdlib.h>
#include <string.h>

static int ascending(const void *left, const void *right)
{
    const double a = *(const double *)left;
    const double b = *(const double *)right;
    return (a > b) - (a < b);
}

/* The rank from either end that bounds the median with 95 % confidence: as many of n values lie below the
 * median as heads fall in n tosses, so it is the largest k with P(fewer than k heads) <= 2.5 %; at least 1.
 */
static size_t bounding_rank(size_t n)
{
    double term = 1; /* P(k heads), begun at 2^-n */
    for (size_t i = 0; i < n; i++)
        term /= 2;
    double below = term;
    size_t rank = 1;
    for (size_t k = 1; k < n / 2; k++) {
        term *= (double)(n - k + 1) / (double)k;
        below += term;
        if (below > 0.025)
            break;
        rank = k + 1;
    }
    return rank;
}

bench_spread bench_spread_of(double *values, size_t count)
{
    bench_spread spread;
    memset(&spread, 0, sizeof spread);
    if (count == 0)
        return spread;
    qsort(values, count, sizeof *values, ascending);
    const size_t rank = bounding_rank(count);
    spread.count = count;
    spread.median = (values[(count - 1) / 2] + values[count / 2]) / 2;
    spread.least = values[0];
    spread.most = values[count - 1];
    spread.low = values[rank - 1];
    spread.high = values[count - rank];
    return spread;
}
