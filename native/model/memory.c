/* Locations, their messages (stores) in modification order, and the operations on them. */
#include "memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "model_atomics.h"

typedef struct message {
    uint64_t value;
    uint8_t rank;    /* its place in the modification order */
    uint8_t taken;   /* a read-modify-write has read it: its store comes directly after, nothing in between */
    model_view view; /* what an acquire of it learns */
} message;

/* A location and who writes it are kept from one execution of an exploration to the next. */
typedef struct location {
    const void *at;
    unsigned writers;              /* threads that have stored in some execution so far: a set */
    uint32_t count;                /* messages; 0: not touched in this execution */
    uint8_t order[MODEL_MESSAGES]; /* modification order: rank → message */
    message messages[MODEL_MESSAGES];
} location;

/* The operations are macros without a context to pass on, so there is one memory for the one execution at a
 * time. */
static struct {
    uint32_t count;
    int learnt_writers; /* since last asked */
    location locations[MODEL_LOCATIONS];
    model_view threads[MODEL_THREADS];
} memory;

void model_memory_forget(void)
{
    memory.count = 0;
    memory.learnt_writers = 0;
}

int model_memory_learnt_writers(void)
{
    const int learnt = memory.learnt_writers;
    memory.learnt_writers = 0;
    return learnt;
}

void model_memory_reset(void)
{
    for (uint32_t i = 0; i < memory.count; i++)
        memory.locations[i].count = 0;
    memset(memory.threads, 0, sizeof memory.threads);
    for (int thread = 0; thread < MODEL_THREADS; thread++)
        memory.threads[thread].clock[thread] = 1; /* accesses of others at clock 0 are before everything */
}

model_view *model_thread_view(int thread)
{
    return &memory.threads[thread];
}

static uint64_t get(const void *at, size_t bytes)
{
    uint64_t value = 0; /* little-endian machines only */
    memcpy(&value, at, bytes);
    return value;
}

static void put(void *at, size_t bytes, uint64_t value)
{
    memcpy(at, &value, bytes);
}

/* The location at this address, which is new if no execution has touched it. */
static uint32_t find(const void *at)
{
    for (uint32_t i = 0; i < memory.count; i++)
        if (memory.locations[i].at == at)
            return i;
    if (memory.count == MODEL_LOCATIONS) {
        model_fail("more locations than MODEL_LOCATIONS");
        return MODEL_LOCATIONS - 1;
    }
    location *const made = &memory.locations[memory.count];
    memset(made, 0, sizeof *made);
    made->at = at;
    return memory.count++;
}

/* At an execution's first touch the location gets what lies there as its one message, known to all. */
static uint32_t locate(const void *at, size_t bytes)
{
    const uint32_t i = find(at);
    location *const here = &memory.locations[i];
    if (here->count == 0) {
        here->count = 1;
        here->order[0] = 0;
        here->messages[0] = (message){.value = get(at, bytes)};
    }
    return i;
}

/* Lets another thread go first, unless what is about to be read is stored by this thread alone, so that it
 * makes no difference. Should some execution show otherwise, the exploration starts over knowing that. */
static uint32_t locate_to_read(const void *at, size_t bytes)
{
    const uint32_t i = find(at);
    if ((memory.locations[i].writers & ~(1u << model_running_thread())) != 0)
        model_switch_point();
    return locate(at, bytes);
}

static void learn(model_view *view, const model_view *from)
{
    for (uint32_t i = 0; i < memory.count; i++) {
        const message *const messages = memory.locations[i].messages;
        if (messages[from->latest[i]].rank > messages[view->latest[i]].rank)
            view->latest[i] = from->latest[i];
    }
    for (int thread = 0; thread < MODEL_THREADS; thread++)
        if (from->clock[thread] > view->clock[thread])
            view->clock[thread] = from->clock[thread];
}

void model_memory_join(int thread, int ended)
{
    learn(model_thread_view(thread), model_thread_view(ended));
}

static uint32_t known_rank(uint32_t at, const model_view *view)
{
    return memory.locations[at].messages[view->latest[at]].rank;
}

static void trace(const model_site *site, uint64_t value, uint32_t rank, uint32_t count)
{
    if (model_tracing())
        printf("    thread %d  %-16s %-42s %s:%d  value %" PRIu64 " (store %" PRIu32 " of %" PRIu32 ")\n",
               model_running_thread(), site->operation, site->location, model_site_file(site), site->line,
               value, rank, count - 1);
}

/* The thread reads the message of this rank. */
static message *observe(uint32_t at, uint32_t rank, unsigned acquire)
{
    location *const here = &memory.locations[at];
    model_view *const view = model_thread_view(model_running_thread());
    message *const read = &here->messages[here->order[rank]];
    view->latest[at] = here->order[rank];
    if (acquire)
        learn(view, &read->view);
    return read;
}

/* A new message of the running thread, placed at `rank`; `follows` is what a read-modify-write has read, else
 * NULL. */
static void append(uint32_t at, size_t bytes, uint32_t rank, uint64_t value, unsigned release,
                   message *follows)
{
    location *const here = &memory.locations[at];
    const int thread = model_running_thread();
    model_view *const view = model_thread_view(thread);
    memory.learnt_writers |= !(here->writers >> thread & 1);
    here->writers |= 1u << thread;
    if (here->count == MODEL_MESSAGES) {
        model_fail("more stores than MODEL_MESSAGES");
        return;
    }
    for (uint32_t i = here->count; i > rank; i--) {
        here->order[i] = here->order[i - 1];
        here->messages[here->order[i]].rank = (uint8_t)i;
    }
    const uint8_t index = (uint8_t)here->count++;
    message *const made = &here->messages[index];
    here->order[rank] = index;
    *made = (message){.value = value, .rank = (uint8_t)rank};
    view->latest[at] = index;
    made->view.latest[at] = index;
    if (release)
        learn(&made->view, view);
    if (follows != NULL) { /* the release sequence goes on */
        learn(&made->view, &follows->view);
        follows->taken = 1;
    }
    view->clock[thread]++;
    if (rank == here->count - 1)
        put((void *)(uintptr_t)here->at, bytes, value);
}

uint64_t model_load(const void *at, size_t bytes, model_site *site)
{
    if (model_running_thread() < 0)
        return get(at, bytes);
    const unsigned order = model_site_order(site);
    const uint32_t i = locate_to_read(at, bytes);
    const uint32_t known = known_rank(i, model_thread_view(model_running_thread()));
    const uint32_t rank = memory.locations[i].count - 1 - model_choose(memory.locations[i].count - known);
    const uint64_t value = observe(i, rank, order & MODEL_ACQUIRE)->value;
    trace(site, value, rank, memory.locations[i].count);
    return value;
}

void model_store(void *at, size_t bytes, uint64_t value, model_site *site)
{
    if (model_running_thread() < 0) {
        put(at, bytes, value);
        return;
    }
    const unsigned order = model_site_order(site);
    const uint32_t i = locate(at, bytes);
    const location *const here = &memory.locations[i];
    uint8_t places[MODEL_MESSAGES + 1];
    uint32_t count = 0;
    for (uint32_t rank = here->count; rank > known_rank(i, model_thread_view(model_running_thread())); rank--)
        if (!here->messages[here->order[rank - 1]].taken)
            places[count++] = (uint8_t)rank;
    const uint32_t rank = places[model_choose(count)];
    append(i, bytes, rank, value, order & MODEL_RELEASE, NULL);
    trace(site, value, rank, here->count);
}

/* Reads a message that no other read-modify-write has read and stores what `combine` makes of it directly
 * after. */
static uint64_t modify(void *at, size_t bytes, uint64_t bits, model_site *site,
                       uint64_t (*combine)(uint64_t, uint64_t))
{
    if (model_running_thread() < 0) {
        const uint64_t old = get(at, bytes);
        put(at, bytes, combine(old, bits));
        return old;
    }
    const unsigned order = model_site_order(site);
    const uint32_t i = locate_to_read(at, bytes);
    const location *const here = &memory.locations[i];
    uint8_t ranks[MODEL_MESSAGES];
    uint32_t count = 0;
    for (uint32_t rank = here->count; rank-- > known_rank(i, model_thread_view(model_running_thread()));)
        if (!here->messages[here->order[rank]].taken)
            ranks[count++] = (uint8_t)rank;
    const uint32_t rank = ranks[model_choose(count)];
    message *const read = observe(i, rank, order & MODEL_ACQUIRE);
    append(i, bytes, rank + 1, combine(read->value, bits), order & MODEL_RELEASE, read);
    trace(site, combine(read->value, bits), rank + 1u, here->count);
    return read->value;
}

static uint64_t or_bits(uint64_t value, uint64_t bits)
{
    return value | bits;
}

static uint64_t and_bits(uint64_t value, uint64_t bits)
{
    return value & bits;
}

uint64_t model_fetch_or(void *at, size_t bytes, uint64_t bits, model_site *site)
{
    return modify(at, bytes, bits, site, or_bits);
}

uint64_t model_fetch_and(void *at, size_t bytes, uint64_t bits, model_site *site)
{
    return modify(at, bytes, bits, site, and_bits);
}

/* In a thread: any message not older than known, but for one that holds the expected value and is taken
 * already. */
static int swap_in_thread(uint32_t i, size_t bytes, void *expected, uint64_t desired, model_site *site,
                          unsigned order)
{
    const location *const here = &memory.locations[i];
    const uint64_t wanted = get(expected, bytes);
    uint8_t ranks[MODEL_MESSAGES];
    uint32_t count = 0;
    for (uint32_t rank = here->count; rank-- > known_rank(i, model_thread_view(model_running_thread()));) {
        const message *const candidate = &here->messages[here->order[rank]];
        if (candidate->value != wanted || !candidate->taken)
            ranks[count++] = (uint8_t)rank;
    }
    const uint32_t rank = ranks[model_choose(count)];
    const int succeeds = here->messages[here->order[rank]].value == wanted;
    message *const read = observe(i, rank, order & (succeeds ? MODEL_ACQUIRE : MODEL_ACQUIRE_ON_FAILURE));
    if (succeeds)
        append(i, bytes, rank + 1, desired, order & MODEL_RELEASE, read);
    else
        put(expected, bytes, read->value);
    trace(site, succeeds ? desired : read->value, succeeds ? rank + 1u : rank, here->count);
    return succeeds;
}

int model_compare_and_swap(void *at, size_t bytes, void *expected, uint64_t desired, model_site *site)
{
    if (model_running_thread() >= 0) {
        const unsigned order = model_site_order(site);
        return swap_in_thread(locate_to_read(at, bytes), bytes, expected, desired, site, order);
    }
    const uint64_t held = get(at, bytes);
    const int succeeds = held == get(expected, bytes);
    put(succeeds ? at : expected, bytes, succeeds ? desired : held);
    return succeeds;
}
