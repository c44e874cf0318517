#include "ping_pong.h"

#include <sched.h>

#include "affinity.h"
#include "atomics.h"
#include "clock.h"
#include "threads.h"
#include "transaction.h"

#define BATCHES       20
#define TURNS         100
#define CORES_PAIRED  8 /* all pairs among so many are measured */
#define SPINS_A_YIELD 100000

typedef struct table {
    alignas(VX_SPACING) VX_ATOMIC(uint64_t) ball;
    alignas(VX_SPACING) uint64_t least_ns;
} table;

/* Waits for the ball to show `turn`. Yields now and then: the other may have lost its core to somebody else.
 */
static void await(table *table, uint64_t turn)
{
    /* Acquire pairs with the release of the other player. */
    for (uint32_t spins = 1; vx_load_acquire(&table->ball) != turn; spins++)
        if (spins % SPINS_A_YIELD == 0)
            sched_yield();
}

static void play(void *context, int player)
{
    table *const at = context;
    for (uint64_t batch = 0; batch < BATCHES; batch++) {
        const uint64_t start_ns = vx_monotonic_ns();
        for (uint64_t turn = batch * 2 * TURNS; turn < (batch + 1) * 2 * TURNS; turn += 2) {
            await(at, turn + (uint64_t)player);
            /* Release pairs with the acquire in await. */
            vx_store_release(&at->ball, turn + (uint64_t)player + 1);
        }
        if (player == 0)
            await(at, (batch + 1) * 2 * TURNS);
        const uint64_t took_ns = vx_monotonic_ns() - start_ns;
        if (player == 0 && took_ns < at->least_ns)
            at->least_ns = took_ns;
    }
}

double bench_ping_pong_ns(int first_core, int second_core)
{
    table at = {.least_ns = UINT64_MAX};
    bench_trial trial = {.count = BATCHES};
    if (first_core == second_core)
        return 0;
    bench_on_threads(&trial, (const int[]){first_core, second_core}, 2, play, &at);
    return trial.failure[0] == '\0' ? (double)at.least_ns / TURNS : 0;
}

void bench_cores_choose(bench_cores *cores)
{
    double nearest_ns = 0;
    cores->count = vx_usable_cores(cores->usable, BENCH_CORES_MAX);
    if (cores->count < 1) {
        cores->usable[0] = -1; /* not pinned */
        cores->count = 1;
    }
    cores->pair[0] = cores->pair[1] = cores->usable[0];
    const int paired = cores->count < CORES_PAIRED ? cores->count : CORES_PAIRED;
    for (int i = 0; i < paired; i++)
        for (int j = i + 1; j < paired; j++) {
            const double ns = bench_ping_pong_ns(cores->usable[i], cores->usable[j]);
            if (nearest_ns == 0 || ns < nearest_ns) {
                nearest_ns = ns;
                cores->pair[0] = cores->usable[i];
                cores->pair[1] = cores->usable[j];
            }
        }
}
