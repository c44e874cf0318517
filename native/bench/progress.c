#include "progress.h"

#include <stdio.h>
#include <unistd.h>

#include "clock.h"

#define WIDTH 30

static void draw(const bench_progress *progress)
{
    if (!progress->shown || progress->total == 0)
        return;
    const uint64_t done = progress->done < progress->total ? progress->done : progress->total;
    const double share = (double)done / (double)progress->total;
    const double spent_s = (double)(vx_monotonic_ns() - progress->start_ns) / 1e9;
    fprintf(stderr, "\r\033[K[");
    for (int i = 0; i < WIDTH; i++)
        fputc(share * WIDTH > i ? '#' : '.', stderr);
    fprintf(stderr, "] %3.0f %%  ", share * 100);
    if (share > 0.02)
        fprintf(stderr, "%.0f s left  ", spent_s / share - spent_s);
    fprintf(stderr, "%s", progress->what);
    fflush(stderr);
}

void bench_progress_begin(bench_progress *progress, uint64_t total)
{
    *progress = (bench_progress){
        .shown = isatty(STDERR_FILENO), .total = total, .start_ns = vx_monotonic_ns(), .what = ""};
}

void bench_progress_at(bench_progress *progress, const char *what, uint64_t done)
{
    progress->what = what;
    progress->done = done;
    draw(progress);
}

void bench_progress_tick(void *progress)
{
    bench_progress *const self = progress;
    self->done++;
    draw(self);
}

void bench_progress_clear(const bench_progress *progress)
{
    if (!progress->shown)
        return;
    fprintf(stderr, "\r\033[K");
    fflush(stderr);
}
