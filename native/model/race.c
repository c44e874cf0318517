/* Races on plain memory: two accesses of different threads, one of them a write, neither before the other. */
#include "memory.h"

#include <stdio.h>
#include <string.h>

#include "model_atomics.h"

#define GRANULES      256 /* a power of two, more than any case touches */
#define GRANULE_BYTES 8

typedef struct granule {
    uintptr_t number;                /* address / GRANULE_BYTES; 0 = free */
    uint32_t written[MODEL_THREADS]; /* clock of each thread's latest write, 0 = none */
    uint32_t read[MODEL_THREADS];
} granule;

/* One execution at a time, as in memory.c. */
static granule granules[GRANULES];
static int touched; /* whether any is in use */

void model_race_reset(void)
{
    if (touched)
        memset(granules, 0, sizeof granules);
    touched = 0;
}

static granule *find(uintptr_t number)
{
    for (uintptr_t i = number; i < number + GRANULES; i++) {
        granule *const candidate = &granules[i % GRANULES];
        if (candidate->number == 0)
            candidate->number = number;
        if (candidate->number == number)
            return candidate;
    }
    model_fail("more plain memory than GRANULES");
    return &granules[0];
}

static int all_before(const uint32_t *accesses, const model_view *view)
{
    for (int thread = 0; thread < MODEL_THREADS; thread++)
        if (accesses[thread] > view->clock[thread])
            return 0;
    return 1;
}

static void touch(const void *at, size_t bytes, int writes)
{
    const int thread = model_running_thread();
    if (thread < 0)
        return;
    const model_view *const view = model_thread_view(thread);
    const uintptr_t first = (uintptr_t)at / GRANULE_BYTES;
    const uintptr_t last = ((uintptr_t)at + bytes - 1) / GRANULE_BYTES;
    touched = 1;
    if (model_tracing())
        printf("    thread %d  %s of %zu plain bytes\n", thread, writes ? "write" : "read", bytes);
    for (uintptr_t number = first; number <= last; number++) {
        granule *const here = find(number);
        if (!all_before(here->written, view) || (writes && !all_before(here->read, view)))
            model_fail(writes ? "race: a plain write" : "race: a plain read");
        (writes ? here->written : here->read)[thread] = view->clock[thread];
    }
}

void model_plain_write(const void *at, size_t bytes)
{
    touch(at, bytes, 1);
}

void model_plain_read(const void *at, size_t bytes)
{
    touch(at, bytes, 0);
}
