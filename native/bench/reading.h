/* A running pipeline's segment by role and stage. */
#ifndef BENCH_READING_H
#define BENCH_READING_H
#include "layout.h"
#include "velox.h"

typedef struct bench_reading {
    velox_reader *reader;
    uint64_t header[VELOX_HEADER_COUNT];
    vx_row rows[VX_ROWS_MAX];
    uint64_t words[VX_ROWS_MAX];
    uint64_t latency[VELOX_HISTOGRAM_BUCKETS + 1]; /* end to end: the sum, then the buckets */
} bench_reading;

/* Opens the segment; false: `error` says why. */
int bench_reading_open(bench_reading *reading, const char *path, char *error);
void bench_reading_take(bench_reading *reading);
/* The sum of the words of a role, of one stage or (-1) of all. */
uint64_t bench_reading_sum(const bench_reading *reading, velox_role role, int stage);
/* The word of that name; 0: there is none. */
uint64_t bench_reading_config(const bench_reading *reading, const char *name);
void bench_reading_close(bench_reading *reading);

#endif
