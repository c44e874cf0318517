#include "loop.h"

#include "threads.h"

typedef struct running {
    const bench_loop *loop;
    uint64_t count;
    uint64_t done;
} running;

static void work(void *context, int index)
{
    running *const self = context;
    (void)index;
    self->done = self->loop->steps(self->count);
}

void bench_run_loop(bench_trial *trial)
{
    running self = {trial->contender->what, trial->count, 0};
    bench_alone(trial, work, &self);
    bench_expect(trial, "steps done", self.done, trial->count);
}
