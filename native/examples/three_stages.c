/* A pipeline that is not Velox's, on Velox's console: Source -> Pair -> Sink, on three threads.
 *
 * Source makes numbered items and drops what finds its ring full. Pair passes them on two by two, so that it
 * holds one now and then. Sink counts what arrives and what is missing. Each thread stores its words as it
 * goes; the main thread gives the signs of life, which also ask for exact cuts.
 *
 *     cc -std=c11 -O2 -pthread -I native native/examples/three_stages.c -o three_stages
 *     ./three_stages [SECONDS [ITEMS_PER_SECOND [DIRECTORY]]]
 *
 * Prints the file it publishes. Ends after SECONDS (default 10) or on SIGINT; the file stays, at rest, until
 * standard input ends or another signal comes. */
#include "velox_publish.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>

enum { SOURCE, PAIR, SINK, STAGES };
enum { ITEM_SLOTS = 1024, PAIR_SLOTS = 256, BATCH = 64 };

typedef struct item {
    uint64_t id;
    uint64_t due_ns;
} item;

typedef struct pair {
    uint64_t count;
    item items[2];
} pair;

/* One producer, one consumer. The positions only grow. */
typedef struct ring {
    uint64_t put;   /* stored by the producer */
    uint64_t taken; /* stored by the consumer */
    uint64_t ended; /* 1 + the number of ids there were, once nothing comes any more */
    union {
        item items[ITEM_SLOTS];
        pair pairs[PAIR_SLOTS];
    } slots;
} ring;

/* What a stage publishes; what it does not have stays NULL. */
typedef struct words {
    uint64_t *thread, *busy_ns, *taken, *occupancy, *occupancies, *full;
    uint64_t *in, *id_in, *dropped, *id_dropped, *held, *id_held, *units, *gaps, *latency, *id_out, *out;
} words;

typedef struct program {
    velox_pub pub;
    words words[STAGES];
    ring rings[STAGES - 1];
    uint64_t interval_ns;
    int stop;
} program;

/* ---- What is published: along the flow, of each stage IN first and OUT last. ---- */

#define WORD(field, kind, unit, role, ring, name, label)                                                     \
    velox_pub_describe(pub, &w->field, VELOX_KIND_##kind, VELOX_UNIT_##unit, VELOX_ROLE_##role, ring, name,  \
                       label)

static void describe_source(velox_pub *pub, words *w)
{
    velox_pub_stage(pub, "source", "Source");
    const int items = velox_pub_ring(pub, "items", "Source>Pair", ITEM_SLOTS, VELOX_UNIT_TRANSACTIONS);
    WORD(thread, GAUGE, NONE, THREAD_ID, -1, "source_thread_id", "thread");
    WORD(busy_ns, COUNTER, NS, BUSY_NS, -1, "source_busy_ns_total", "busy");
    WORD(full, COUNTER, NONE, FULL_EVENTS, items, "items_full_total", "found full");
    WORD(in, COUNTER, TRANSACTIONS, IN, -1, "source_made_total", "made");
    WORD(id_in, GAUGE, IDS, ID_IN, -1, "source_made_id_sum", "ids made");
    WORD(dropped, COUNTER, TRANSACTIONS, DROPPED, -1, "source_dropped_total", "dropped, ring full");
    WORD(id_dropped, GAUGE, IDS, ID_DROPPED, -1, "source_dropped_id_sum", "ids dropped");
    WORD(latency, HISTOGRAM, NS, LATENCY_EXIT, -1, "source_exit", "since it was due");
    WORD(id_out, GAUGE, IDS, ID_OUT, -1, "source_out_id_sum", "ids out");
    WORD(out, COUNTER, TRANSACTIONS, OUT, -1, "source_out_total", "out");
}

static void describe_pair(velox_pub *pub, words *w)
{
    velox_pub_stage(pub, "pair", "Pair");
    velox_pub_ring(pub, "pairs", "Pair>Sink", PAIR_SLOTS, VELOX_UNIT_BUNDLES);
    WORD(thread, GAUGE, NONE, THREAD_ID, -1, "pair_thread_id", "thread");
    WORD(busy_ns, COUNTER, NS, BUSY_NS, -1, "pair_busy_ns_total", "busy");
    WORD(taken, COUNTER, SLOTS, RING_TAKEN, 0, "items_taken_total", "items taken");
    WORD(occupancy, GAUGE, SLOTS, OCCUPANCY, 0, "items_occupancy_slots", "occupancy");
    WORD(occupancies, HISTOGRAM, SLOTS, OCCUPANCY, 0, "items_occupancy", "occupancy found");
    WORD(in, COUNTER, TRANSACTIONS, IN, -1, "pair_in_total", "in");
    WORD(id_in, GAUGE, IDS, ID_IN, -1, "pair_in_id_sum", "ids in");
    WORD(held, GAUGE, TRANSACTIONS, HELD, -1, "pair_waiting", "waits for its partner");
    WORD(id_held, GAUGE, IDS, ID_HELD, -1, "pair_waiting_id_sum", "ids waiting");
    WORD(units, COUNTER, BUNDLES, UNITS_OUT, -1, "pair_pairs_total", "pairs");
    WORD(latency, HISTOGRAM, NS, LATENCY_EXIT, -1, "pair_exit", "since it was due");
    WORD(id_out, GAUGE, IDS, ID_OUT, -1, "pair_out_id_sum", "ids out");
    WORD(out, COUNTER, TRANSACTIONS, OUT, -1, "pair_out_total", "out");
}

static void describe_sink(velox_pub *pub, words *w)
{
    velox_pub_stage(pub, "sink", "Sink");
    WORD(thread, GAUGE, NONE, THREAD_ID, -1, "sink_thread_id", "thread");
    WORD(busy_ns, COUNTER, NS, BUSY_NS, -1, "sink_busy_ns_total", "busy");
    WORD(taken, COUNTER, SLOTS, RING_TAKEN, 1, "pairs_taken_total", "pairs taken");
    WORD(occupancy, GAUGE, SLOTS, OCCUPANCY, 1, "pairs_occupancy_slots", "occupancy");
    WORD(occupancies, HISTOGRAM, SLOTS, OCCUPANCY, 1, "pairs_occupancy", "occupancy found");
    WORD(units, COUNTER, BUNDLES, UNITS_IN, -1, "sink_pairs_total", "pairs");
    WORD(in, COUNTER, TRANSACTIONS, IN, -1, "sink_in_total", "in");
    WORD(id_in, GAUGE, IDS, ID_IN, -1, "sink_in_id_sum", "ids in");
    WORD(gaps, COUNTER, TRANSACTIONS, ID_GAPS, -1, "sink_id_gaps_total", "ids missing");
    WORD(latency, HISTOGRAM, NS, LATENCY_EXIT, -1, "e2e", "since it was due");
    WORD(id_out, GAUGE, IDS, ID_OUT, -1, "sink_delivered_id_sum", "ids delivered");
    WORD(out, COUNTER, TRANSACTIONS, OUT, -1, "sink_delivered_total", "delivered");
}

/* ---- The stages. ---- */

static uint64_t clock_ns(void)
{
    return velox_pub_clock_ns(CLOCK_MONOTONIC);
}

/* Acquire pairs with the release store of the same word by the other side. */
static uint64_t look(const uint64_t *word)
{
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

/* One turn is over; what moved nothing rests. */
static void turn_over(words *w, uint64_t began_ns, uint64_t moved)
{
    if (moved > 0)
        velox_pub_add(w->busy_ns, clock_ns() - began_ns);
    else
        nanosleep(&(struct timespec){0, 50000}, NULL);
}

static void count_found(words *w, uint64_t found)
{
    velox_pub_set(w->occupancy, found);
    velox_pub_record(w->occupancies, found, 1);
}

/* Before the ring shows it: the next stage never has more in than this one has out. */
static void count_out(words *w, const item *items, uint64_t count)
{
    const uint64_t now_ns = clock_ns();
    for (uint64_t i = 0; i < count; i++) {
        velox_pub_record(w->latency, now_ns - items[i].due_ns, 1);
        velox_pub_add(w->id_out, items[i].id);
    }
    velox_pub_add(w->out, count);
}

static void make(words *w, ring *out, item one)
{
    velox_pub_add(w->id_in, one.id);
    velox_pub_add(w->in, 1);
    if (out->put - look(&out->taken) == ITEM_SLOTS) {
        velox_pub_add(w->full, 1);
        velox_pub_add(w->id_dropped, one.id);
        velox_pub_add(w->dropped, 1);
        return;
    }
    out->slots.items[out->put % ITEM_SLOTS] = one;
    count_out(w, &one, 1);
    velox_pub_add(&out->put, 1);
}

static void *run_source(void *context)
{
    program *const p = context;
    words *const w = &p->words[SOURCE];
    item next = {0, clock_ns()};
    velox_pub_set(w->thread, (uint64_t)syscall(SYS_gettid));
    while (!__atomic_load_n(&p->stop, __ATOMIC_RELAXED)) {
        velox_pub_cut(&p->pub, SOURCE, *w->out, *w->out, 0);
        const uint64_t now_ns = clock_ns();
        uint64_t made = 0;
        for (; made < BATCH && next.due_ns <= now_ns; made++, next.id++, next.due_ns += p->interval_ns)
            make(w, &p->rings[0], next);
        turn_over(w, now_ns, made);
    }
    velox_pub_set(&p->rings[0].ended, next.id + 1);
    return NULL;
}

static void pass_on(words *w, ring *out, pair *open)
{
    out->slots.pairs[out->put % PAIR_SLOTS] = *open;
    velox_pub_set(w->held, 0);
    velox_pub_set(w->id_held, 0);
    velox_pub_add(w->units, 1);
    count_out(w, open->items, open->count);
    velox_pub_add(&out->put, 1);
    open->count = 0;
}

static void put_together(words *w, ring *out, pair *open, item one)
{
    velox_pub_add(w->id_in, one.id);
    velox_pub_add(w->in, 1);
    open->items[open->count++] = one;
    if (open->count == 2) {
        pass_on(w, out, open);
        return;
    }
    velox_pub_set(w->id_held, one.id);
    velox_pub_set(w->held, 1);
}

static void *run_pair(void *context)
{
    program *const p = context;
    words *const w = &p->words[PAIR];
    ring *const in = &p->rings[0];
    ring *const out = &p->rings[1];
    pair open = {0};
    velox_pub_set(w->thread, (uint64_t)syscall(SYS_gettid));
    for (;;) {
        const uint64_t began_ns = clock_ns();
        const uint64_t ended =
            look(&in->ended); /* before the ring: if it has, nothing comes after this look */
        const uint64_t found = look(&in->put) - in->taken;
        const uint64_t room = PAIR_SLOTS - (out->put - look(&out->taken));
        uint64_t count = velox_pub_cut(&p->pub, PAIR, *w->in, *w->out, found);
        if (found == 0 && ended != 0 && room > 0) {
            if (open.count > 0)
                pass_on(w, out, &open);
            velox_pub_set(&out->ended, ended);
            return NULL;
        }
        count_found(w, found);
        count = count < room ? count : room;
        for (uint64_t i = 0; i < count; i++)
            put_together(w, out, &open, in->slots.items[(in->taken + i) % ITEM_SLOTS]);
        velox_pub_add(w->taken, count);
        velox_pub_add(&in->taken, count);
        turn_over(w, began_ns, count);
    }
}

static void deliver(words *w, const pair *one, uint64_t *next_id)
{
    for (uint64_t i = 0; i < one->count; i++) {
        velox_pub_add(w->id_in, one->items[i].id);
        velox_pub_add(w->gaps, one->items[i].id - *next_id);
        *next_id = one->items[i].id + 1;
    }
    velox_pub_add(w->units, 1);
    velox_pub_add(w->in, one->count);
    count_out(w, one->items, one->count);
}

static void *run_sink(void *context)
{
    program *const p = context;
    words *const w = &p->words[SINK];
    ring *const in = &p->rings[1];
    uint64_t next_id = 0;
    velox_pub_set(w->thread, (uint64_t)syscall(SYS_gettid));
    for (;;) {
        const uint64_t began_ns = clock_ns();
        const uint64_t ended = look(&in->ended);
        const uint64_t found = look(&in->put) - in->taken;
        const pair *const one = &in->slots.pairs[in->taken % PAIR_SLOTS];
        /* A cut never falls within a pair: what Pair has put out grows by whole ones. */
        velox_pub_cut(&p->pub, SINK, *w->in, *w->out, found > 0 ? one->count : 0);
        if (found == 0 && ended != 0) {
            velox_pub_add(w->gaps, ended - 1 - next_id);
            return NULL;
        }
        count_found(w, found);
        if (found > 0) {
            deliver(w, one, &next_id);
            velox_pub_add(w->taken, 1);
            velox_pub_add(&in->taken, 1);
        }
        turn_over(w, began_ns, found);
    }
}

/* ---- The program. ---- */

static volatile sig_atomic_t signalled;

static void on_signal(int number)
{
    (void)number;
    signalled = 1;
}

static void run(program *p, double seconds)
{
    static void *(*const stages[STAGES])(void *) = {run_source, run_pair, run_sink};
    pthread_t threads[STAGES];
    const uint64_t end_ns = clock_ns() + (uint64_t)(seconds * 1e9);
    for (int i = 0; i < STAGES; i++)
        if (pthread_create(&threads[i], NULL, stages[i], p) != 0)
            exit(1);
    while (!signalled && clock_ns() < end_ns) {
        velox_pub_beat(&p->pub, VELOX_RUNNING);
        nanosleep(&(struct timespec){0, 20000000}, NULL);
    }
    velox_pub_beat(&p->pub, VELOX_DRAINING);
    __atomic_store_n(&p->stop, 1, __ATOMIC_RELAXED);
    for (int i = 0; i < STAGES; i++)
        pthread_join(threads[i], NULL);
    velox_pub_beat(&p->pub, VELOX_STOPPED);
}

int main(int argc, char **argv)
{
    static program p;
    char run_id[VELOX_LABEL_BYTES], rest[64];
    const double rate = argc > 2 ? atof(argv[2]) : 20000;
    const struct sigaction action = {.sa_handler =
                                         on_signal}; /* without SA_RESTART: a signal ends the read */
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    p.interval_ns = rate > 0 && rate < 1e9 ? (uint64_t)(1e9 / rate) : 1;
    velox_pub_init(&p.pub);
    describe_source(&p.pub, &p.words[SOURCE]);
    describe_pair(&p.pub, &p.words[PAIR]);
    describe_sink(&p.pub, &p.words[SINK]);
    snprintf(run_id, sizeof run_id, "three-stages-%d", (int)getpid());
    if (velox_pub_open(&p.pub, argc > 3 ? argv[3] : NULL, run_id) != 0) {
        fprintf(stderr, "three_stages: %s\n", p.pub.error);
        return 1;
    }
    printf("%s\n", p.pub.path);
    fflush(stdout);
    run(&p, argc > 1 ? atof(argv[1]) : 10);
    while (read(STDIN_FILENO, rest, sizeof rest) > 0)
        continue;
    velox_pub_close(&p.pub);
    return 0;
}
