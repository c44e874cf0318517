/* One run of a whole pipeline, through the public interface alone: warmed up, read, run, read again, drained,
 * and its ledger checked to the last transaction.
 *
 * A flood is read in short windows, and those count during which the stage threads were not kept from their
 * cores: the measurement of speed stands others' work. At a given rate everything counts: there delay is what
 * is measured. */
#ifndef BENCH_PIPELINE_H
#define BENCH_PIPELINE_H
#include "bench.h"
#include "velox.h"

typedef struct bench_settings {
    velox_pattern pattern;
    velox_on_full on_full;
    velox_threading threading;
    velox_wait wait;
    const char *cores; /* per thread a letter: a and b are the nearest two cores, c, d, ... the others; NULL:
                          its choice */
    uint64_t rate_hz;
    uint32_t ring_slots; /* of each ring; 0: the defaults */
    uint32_t levels;     /* 0: the default */
    velox_huge_pages huge_pages;
    int hold;           /* threads that find nothing to do */
    uint64_t window_ns; /* 0: one, of the whole time */
} bench_settings;

/* Over the windows that count. */
typedef struct bench_outcome {
    double seconds;
    double cpu_seconds;  /* of the process */
    double cpu_ns_each;  /* of the stage threads, per transaction, over the whole time */
    double transactions; /* delivered */
    double bundles;
    double dropped;
    double busy_ns[VELOX_STAGES];
    double memory_bytes;                        /* of segment and rings, as the engine states it */
    double p50_ns, p99_ns, p999_ns, longest_ns; /* end to end since intended arrival */
} bench_outcome;

/* Runs for trial->count ns; false: skipped, or failed with trial->failure saying how. */
int bench_pipeline_run(bench_trial *trial, const bench_settings *settings, bench_outcome *outcome);

#endif
