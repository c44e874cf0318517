/* A bar on stderr, where that is a terminal. */
#ifndef BENCH_PROGRESS_H
#define BENCH_PROGRESS_H
#include <stdint.h>

typedef struct bench_progress {
    int shown; /* stderr is a terminal */
    uint64_t done;
    uint64_t total;
    uint64_t start_ns;
    const char *what;
} bench_progress;

void bench_progress_begin(bench_progress *progress, uint64_t total);
/* Now measures `what`, having done so many of the total. */
void bench_progress_at(bench_progress *progress, const char *what, uint64_t done);
/* One more is done; a bench_ticked. */
void bench_progress_tick(void *progress);
/* Takes the bar away, so that other lines can be printed. */
void bench_progress_clear(const bench_progress *progress);

#endif
