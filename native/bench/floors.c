/* What the machine itself costs: nothing built on it can be cheaper. */
#include <sched.h>
#include <string.h>

#include "atomics.h"
#include "clock.h"
#include "floors.h"
#include "loop.h"
#include "ping_pong.h"
#include "rings.h"
#include "transaction.h"

static uint64_t read_counter(uint64_t count)
{
    uint64_t done = 0;
    for (uint64_t i = 0; i < count; i++) {
        bench_keep(vx_clock_ticks());
        done++;
    }
    return done;
}

static uint64_t read_gettime(uint64_t count)
{
    uint64_t done = 0;
    for (uint64_t i = 0; i < count; i++)
        done += vx_monotonic_ns() != 0;
    return done;
}

/* Relaxed where nothing is said: nobody else knows these words. */
static uint64_t store_release(uint64_t count)
{
    VX_ATOMIC(uint64_t) word;
    vx_store_relaxed(&word, 0);
    for (uint64_t i = 0; i < count; i++)
        vx_store_release(&word, vx_load_relaxed(&word) + 1);
    return vx_load_relaxed(&word);
}

static uint64_t add_atomically(uint64_t count)
{
    VX_ATOMIC(uint64_t) word;
    vx_store_relaxed(&word, 0);
    for (uint64_t i = 0; i < count; i++)
        atomic_fetch_add_explicit(&word, 1, memory_order_relaxed);
    return vx_load_relaxed(&word);
}

static uint64_t compare_and_swap(uint64_t count)
{
    VX_ATOMIC(uint64_t) word;
    vx_store_relaxed(&word, 0);
    for (uint64_t i = 0; i < count; i++) {
        uint64_t held = i;
        vx_cas_relaxed(&word, &held, i + 1);
    }
    return vx_load_relaxed(&word);
}

static uint64_t copy_items(uint64_t count)
{
    vx_transaction from[64];
    vx_transaction to[64];
    memset(from, 0, sizeof from);
    for (uint64_t i = 0; i < count; i++) {
        from[i % 64].id = i + 1;
        bench_keep((uint64_t)(uintptr_t)from);
        to[i % 64] = from[i % 64];
        bench_keep((uint64_t)(uintptr_t)to);
    }
    return to[(count - 1) % 64].id;
}

static uint64_t yield(uint64_t count)
{
    uint64_t done = 0;
    for (uint64_t i = 0; i < count; i++)
        done += sched_yield() == 0;
    return done;
}

static const bench_loop READ_COUNTER = {read_counter}, READ_GETTIME = {read_gettime}, STORE = {store_release},
                        ADD = {add_atomically}, CAS = {compare_and_swap}, COPY = {copy_items},
                        YIELD = {yield};

static void ping_pong(bench_trial *trial)
{
    trial->figures[0] = bench_ping_pong_ns(trial->cores->pair[0], trial->cores->pair[1]);
}

static const bench_figure PING_PONG[] = {{"there and back", "ns", 0}};
static const bench_figure SLEEP[] = {{"p50", "us", 0}, {"p99", "us", 0}};
static const bench_figure JITTER[] = {
    {"longest stop", "us", 0}, {"stops over 10 us", "/s", 0}, {"stopped", "%", 0}};

static const bench_entry FLOORS[] = {
    {.name = "floor.ping_pong",
     .definition = "one line from core to core and back, the least of 20 batches of 100",
     .figures = PING_PONG,
     .figure_count = 1,
     .cores_needed = 2,
     .timed = 1,
     .contenders = {{"machine", ping_pong, NULL, 0}}},
    {.name = "floor.stream",
     .definition = "items of 32 bytes written on one core and read on the other, one flag for 256 lines",
     .figures = BENCH_M_ITEMS_A_SECOND,
     .figure_count = 1,
     .cores_needed = 2,
     .contenders = {{"machine", bench_stream, NULL, 0}}},
    {.name = "floor.clock",
     .definition = "one reading of the CPU's counter, not even converted; one clock_gettime",
     .figures = BENCH_NS_AN_ITEM,
     .figure_count = 1,
     .contenders = {{"counter", bench_run_loop, &READ_COUNTER, 0},
                    {"clock_gettime", bench_run_loop, &READ_GETTIME, 0}}},
    {.name = "floor.atomics",
     .definition =
         "on one word of this core's: load, add and store with release; atomic add; compare-and-swap",
     .figures = BENCH_NS_AN_ITEM,
     .figure_count = 1,
     .contenders = {{"store", bench_run_loop, &STORE, 0},
                    {"atomic add", bench_run_loop, &ADD, 0},
                    {"compare-and-swap", bench_run_loop, &CAS, 0}}},
    {.name = "floor.copy",
     .definition = "writing 8 bytes and copying 32 within the first cache",
     .figures = BENCH_NS_AN_ITEM,
     .figure_count = 1,
     .contenders = {{"machine", bench_run_loop, &COPY, 0}}},
    {.name = "floor.yield",
     .definition = "one sched_yield",
     .figures = BENCH_NS_AN_ITEM,
     .figure_count = 1,
     .contenders = {{"machine", bench_run_loop, &YIELD, 0}}},
    {.name = "floor.sleep",
     .definition = "how long a clock_nanosleep asked for 50 us takes, timer slack 1 ns",
     .figures = SLEEP,
     .figure_count = 2,
     .timed = 1,
     .contenders = {{"machine", bench_sleep, NULL, 0}}},
    {.name = "floor.wake",
     .definition = "from calling a sleeping thread, by a condition variable, until it runs",
     .figures = SLEEP,
     .figure_count = 2,
     .timed = 1,
     .contenders = {{"machine", bench_wake, NULL, 0}}},
    {.name = "floor.jitter",
     .definition = "a loop that only reads the clock: how long the system stops it (over 1 us counts)",
     .figures = JITTER,
     .figure_count = 3,
     .timed = 1,
     .contenders = {{"machine", bench_jitter, NULL, 0}}},
};

const bench_entry *bench_floors(size_t *count)
{
    *count = sizeof FLOORS / sizeof FLOORS[0];
    return FLOORS;
}
