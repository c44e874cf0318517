/* Baseline: the four stages in their plain form. Items move one by one through rings without cached indices;
 * every stage reads the clock for each item and counts by atomic adds; bundles are copied. Nothing is lost.
 */
#ifndef BASELINE_PIPELINE_H
#define BASELINE_PIPELINE_H
#include "bench.h"
#include "velox.h"

/* Runs for trial->count ns and drains; the trial's time is all of it. Stage i runs on thread
 * thread_of_stage[i] of `threads`, each pinned to its core. The number delivered, which is all that was
 * generated, or the trial has failed. */
uint64_t baseline_pipeline_run(bench_trial *trial, const int *cores, int threads,
                               const int thread_of_stage[VELOX_STAGES]);

#endif
