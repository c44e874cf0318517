/* Updates of the order book: the engine's, with exact best prices, and the baseline's, without. */
#include <stdlib.h>
#include <string.h>

#include "baseline/book.h"
#include "bench.h"
#include "order_book.h"
#include "orders.h"
#include "threads.h"

#define GENERATED   16384
#define BATCH       64
#define WRITERS_MAX 4
#define LEVELS_MAX  VELOX_LEVELS_MAX

/* contender->parameter: writers | reduce permille << 8. */
#define WRITERS(parameter)     ((int)((parameter)&255))
#define REDUCES(parameter)     ((parameter) >> 8)
#define WORK(writers, reduces) ((writers) | (reduces) << 8)

typedef struct books {
    vx_level *levels; /* of 2 * LEVELS_MAX */
    VX_ATOMIC(uint64_t) best;
    vx_book book;
    baseline_book baseline;
    bench_orders orders[WRITERS_MAX];
    uint64_t passes;
    uint64_t net[WRITERS_MAX]; /* adds less reduces of what was applied, mod 2^64 */
} books;

static uint64_t signed_size(const vx_transaction *order)
{
    return (order->size ^ (0 - (uint64_t)order->kind)) + order->kind;
}

/* One batch as the stage makes it; adds less reduces of what was applied. */
static uint64_t apply_batch(vx_book *book, const vx_transaction *orders, uint32_t count, uint64_t now_ns)
{
    uint64_t net = 0;
    vx_level *levels[BATCH];
    for (uint32_t i = 0; i < count; i++) {
        levels[i] = vx_book_find(book, &orders[i]);
        __builtin_prefetch(levels[i], 1);
    }
    for (uint32_t i = 0; i < count; i++)
        if (levels[i] != NULL &&
            vx_book_update(book, levels[i], &orders[i], now_ns).rejection == VELOX_ACCEPTED)
            net += signed_size(&orders[i]);
    return net;
}

static void write_book(void *context, int writer)
{
    books *const self = context;
    const bench_orders *const orders = &self->orders[writer];
    uint64_t net = 0;
    for (uint64_t pass = 0; pass < self->passes; pass++)
        for (uint32_t at = 0; at < orders->count; at += BATCH) {
            const uint32_t left = orders->count - at;
            net += apply_batch(&self->book, orders->items + at, left < BATCH ? left : BATCH, pass);
        }
    self->net[writer] = net;
}

static void write_baseline(void *context, int writer)
{
    books *const self = context;
    const bench_orders *const orders = &self->orders[writer];
    uint64_t net = 0;
    for (uint64_t pass = 0; pass < self->passes; pass++)
        for (uint32_t i = 0; i < orders->count; i++)
            if (baseline_book_apply(&self->baseline, &orders->items[i], pass))
                net += signed_size(&orders->items[i]);
    self->net[writer] = net;
}

static books *create(const bench_trial *trial)
{
    const uint32_t levels = trial->entry->parameter;
    const uint32_t work = trial->contender->parameter;
    books *const self = aligned_alloc(VX_SPACING, (sizeof *self + VX_SPACING - 1) / VX_SPACING * VX_SPACING);
    if (self == NULL)
        return NULL;
    memset(self, 0, sizeof *self);
    self->levels = aligned_alloc(VX_CACHE_LINE, 2 * LEVELS_MAX * sizeof *self->levels);
    for (int i = 0; i < WRITERS(work); i++)
        self->orders[i] = bench_orders_make(GENERATED, levels, REDUCES(work), (uint64_t)i + 1);
    if (self->levels != NULL)
        memset(self->levels, 0, 2 * LEVELS_MAX * sizeof *self->levels);
    self->baseline.ticks_per_level = BENCH_ORDERS_TICKS;
    return self;
}

static void destroy(books *self)
{
    for (int i = 0; i < WRITERS_MAX; i++)
        bench_orders_free(&self->orders[i]);
    free(self->levels);
    free(self);
}

static void run_writers(bench_trial *trial, books *self, bench_work work)
{
    int cores[WRITERS_MAX];
    const int writers = WRITERS(trial->contender->parameter);
    uint64_t orders = 0;
    for (int i = 0; i < writers; i++) {
        cores[i] = trial->cores->usable[i % trial->cores->count];
        orders += self->orders[i].count;
    }
    self->passes = (trial->count + orders - 1) / orders;
    trial->count = self->passes * orders;
    if (writers == 1)
        bench_alone(trial, work, self);
    else
        bench_on_threads(trial, cores, writers, work, self);
}

/* The quantity left is what was applied, to the last unit. One writer is never refused: everything cancels,
 * and an empty book has no best. Several may be, having lost 100 compare-and-swaps. */
static void check(bench_trial *trial, const books *self, uint64_t left, uint64_t best)
{
    uint64_t net = 0;
    for (int i = 0; i < WRITERS_MAX; i++)
        net += self->net[i];
    bench_expect(trial, "quantity left", left, WRITERS(trial->contender->parameter) == 1 ? 0 : net);
    bench_expect(trial, "quantity applied", net, left);
    if (left == 0)
        bench_expect(trial, "best pair of an empty book", best, 0);
}

static void run_velox(bench_trial *trial)
{
    books *const self = create(trial);
    const uint32_t levels = trial->entry->parameter;
    if (self == NULL || self->levels == NULL ||
        vx_book_init(&self->book, self->levels, levels, BENCH_ORDERS_TICKS, BENCH_ORDERS_BASE, &self->best) !=
            VELOX_OK) {
        bench_fail(trial, "no book");
    } else {
        uint64_t left = 0;
        run_writers(trial, self, write_book);
        for (uint32_t i = 0; i < 2 * levels; i++)
            left += vx_load_relaxed(&self->levels[i].quantity); /* relaxed: the writers have been joined */
        check(trial, self, left, vx_book_best(&self->book) % VX_BEST_VERSION);
    }
    if (self != NULL)
        destroy(self);
}

/* Its best prices are wrong by then, so they are not looked at. */
static void run_baseline(bench_trial *trial)
{
    books *const self = create(trial);
    uint64_t left = 0;
    if (self == NULL) {
        bench_fail(trial, "no memory");
        return;
    }
    run_writers(trial, self, write_baseline);
    for (uint32_t i = 0; i < BASELINE_LEVELS; i++)
        left += self->baseline.levels[VX_BID][i].quantity + self->baseline.levels[VX_ASK][i].quantity;
    check(trial, self, left, 0);
    destroy(self);
}

#define CONTENDERS(writers, reduces)                                                                         \
    {                                                                                                        \
        {"velox", run_velox, NULL, WORK(writers, reduces)},                                                  \
        {                                                                                                    \
            "baseline", run_baseline, NULL, WORK(writers, reduces)                                           \
        }                                                                                                    \
    }
#define TIMES .figures = BENCH_NS_AN_ITEM, .figure_count = 1
#define LEVELS(levels)                                                                                       \
    {                                                                                                        \
        .name = "book.levels." #levels, .definition = "the default flow's mix over " #levels " levels",      \
        TIMES, .parameter = levels, .details = 1, .contenders = {                                            \
            {"velox", run_velox, NULL, WORK(1, 450)}                                                         \
        }                                                                                                    \
    }

static const bench_entry BOOKS[] = {
    {.name = "book.adds",
     .definition =
         "an update by one writer; 16,384 adds, then what cancels them; 1024 levels, in batches of 64",
     TIMES,
     .parameter = 1024,
     .contenders = CONTENDERS(1, 0)},
    {.name = "book.mixed",
     .definition = "the same with the default flow: 45 % cancel earlier orders, levels fill and empty",
     TIMES,
     .parameter = 1024,
     .contenders = CONTENDERS(1, 450)},
    {.name = "book.writers.2",
     .definition = "two writers on two cores, each with its own flow, in one book; time per update of all",
     TIMES,
     .parameter = 1024,
     .cores_needed = 2,
     .contenders = CONTENDERS(2, 450)},
    {.name = "book.writers.4",
     .definition = "four writers in one book, on as many cores as there are; time per update of all",
     TIMES,
     .parameter = 1024,
     .contenders = CONTENDERS(4, 450)},
    LEVELS(64),
    LEVELS(256),
    LEVELS(1024),
    LEVELS(4096),
};

const bench_entry *bench_books(size_t *count)
{
    *count = sizeof BOOKS / sizeof BOOKS[0];
    return BOOKS;
}
