/* What a core for each stage would give, from what stages cost on fewer. */
#ifndef BENCH_PREDICT_H
#define BENCH_PREDICT_H
#include "run.h"
#include "velox.h"

/* ns per transaction; medians over the kept rounds. */
typedef struct bench_prediction {
    double alone_ns[VELOX_STAGES]; /* busy time of each stage, all on one core: no line crosses */
    double handing_ns; /* more, for handing on to another core: ingress of flood.two_cores, less its own */
    double taking_ns;  /* more, for taking over from another core: the book likewise */
    double apart_ns[VELOX_STAGES]; /* each stage with a core of its own */
    int slowest;
    double rate_m;     /* 1 / the slowest, millions a second */
    double ceiling_m;  /* lines streamed between two cores; 0: not measured. The rate is at most this */
    double measured_m; /* flood.dedicated; 0: not here */
} bench_prediction;

/* From the results of flood.one_core and flood.two_cores, and of floor.stream and flood.dedicated where these
 * are; false: the first two are not there. */
int bench_predict(const bench_result *results, uint32_t count, bench_prediction *prediction);

#endif
