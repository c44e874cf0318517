/* A stage with a core of its own does what it does now, and also moves what it takes and gives between cores.
 * What that adds is seen where two cores share the stages: ingress hands on across, the book takes over. The
 * bundle's output is fuller lines (16 transactions in 9, not 8), which is within the noise of the method. */
#include "predict.h"

#include <string.h>

#include "statistics.h"

#define FIRST_STAGE 2 /* figure of the flood entries */

/* The median of a figure of an entry's first contender; 0: it was not measured. */
static double median_of(const bench_result *results, uint32_t count, const char *entry, uint32_t figure)
{
    double values[BENCH_ROUNDS_MAX];
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(results[i].entry->name, entry) == 0 && results[i].missing == NULL &&
            results[i].failure[0] == '\0' && results[i].missing_contender[0][0] == '\0')
            return bench_spread_of(values, bench_values(&results[i], 0, figure, values)).median;
    return 0;
}

static double more(double across_ns, double alone_ns)
{
    return across_ns > alone_ns ? across_ns - alone_ns : 0;
}

int bench_predict(const bench_result *results, uint32_t count, bench_prediction *to)
{
    memset(to, 0, sizeof *to);
    for (uint32_t stage = 0; stage < VELOX_STAGES; stage++)
        to->alone_ns[stage] = median_of(results, count, "flood.one_core", FIRST_STAGE + stage);
    const double ingress_ns = median_of(results, count, "flood.two_cores", FIRST_STAGE + VELOX_INGRESS);
    const double book_ns = median_of(results, count, "flood.two_cores", FIRST_STAGE + VELOX_ORDER_BOOK);
    if (to->alone_ns[VELOX_INGRESS] <= 0 || ingress_ns <= 0)
        return 0;
    to->handing_ns = more(ingress_ns, to->alone_ns[VELOX_INGRESS]);
    to->taking_ns = more(book_ns, to->alone_ns[VELOX_ORDER_BOOK]);
    for (int stage = 0; stage < VELOX_STAGES; stage++) {
        to->apart_ns[stage] = to->alone_ns[stage] + (stage > 0 ? to->taking_ns : 0) +
                              (stage + 1 < VELOX_STAGES ? to->handing_ns : 0);
        if (to->apart_ns[stage] > to->apart_ns[to->slowest])
            to->slowest = stage;
    }
    to->ceiling_m = median_of(results, count, "floor.stream", 0);
    to->rate_m = 1000 / to->apart_ns[to->slowest];
    if (to->ceiling_m > 0 && to->rate_m > to->ceiling_m)
        to->rate_m = to->ceiling_m;
    to->measured_m = median_of(results, count, "flood.dedicated", 0);
    return 1;
}
