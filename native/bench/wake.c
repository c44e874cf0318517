/* How long a sleeping thread takes to run after it was called: signalled by a condition variable, from the
 * moment before the call to the moment it has the mutex again. */
#include <pthread.h>
#include <time.h>

#include "clock.h"
#include "floors.h"
#include "quantile.h"
#include "threads.h"

#define PAUSE_NS 200000 /* between two calls: the other sleeps by then */

typedef struct sleeper {
    pthread_mutex_t mutex;
    pthread_cond_t called;
    uint64_t for_ns;
    uint64_t call_ns; /* 0: none is waiting to be answered */
    int over;
    vx_histogram histogram;
} sleeper;

static void call(sleeper *self)
{
    const uint64_t end_ns = vx_monotonic_ns() + self->for_ns;
    int over = 0;
    while (!over) {
        const struct timespec pause = {0, PAUSE_NS};
        clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
        pthread_mutex_lock(&self->mutex);
        over = self->over = vx_monotonic_ns() >= end_ns;
        if (self->call_ns == 0)
            self->call_ns = vx_monotonic_ns();
        pthread_mutex_unlock(&self->mutex);
        pthread_cond_signal(&self->called);
    }
}

static void answer(sleeper *self)
{
    pthread_mutex_lock(&self->mutex);
    while (!self->over) {
        while (self->call_ns == 0)
            pthread_cond_wait(&self->called, &self->mutex);
        vx_histogram_record(&self->histogram, vx_monotonic_ns() - self->call_ns);
        self->call_ns = 0;
    }
    pthread_mutex_unlock(&self->mutex);
}

static void call_or_answer(void *context, int index)
{
    (index == 0 ? call : answer)(context);
}

void bench_wake(bench_trial *trial)
{
    sleeper self = {.for_ns = trial->count};
    pthread_mutex_init(&self.mutex, NULL);
    pthread_cond_init(&self.called, NULL);
    bench_on_threads(trial, trial->cores->pair, 2, call_or_answer, &self);
    trial->figures[0] = (double)bench_quantile(&self.histogram, 0.5) / 1e3;
    trial->figures[1] = (double)bench_quantile(&self.histogram, 0.99) / 1e3;
    pthread_cond_destroy(&self.called);
    pthread_mutex_destroy(&self.mutex);
}
