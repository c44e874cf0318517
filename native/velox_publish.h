/* Publishes stages, rings, counters, gauges, histograms and exact cuts of any program in a mapped file, which
 * the Velox console, recorder and exporters read as they read Velox's own engine: by the table in the file.
 * C11 or C++11, gcc or clang, Linux; with velox.h, which names kinds, units and roles; nothing to link.
 * Include it before other headers. examples/three_stages.c is a whole program.
 *
 * The file, little-endian; words are 8 bytes, 8-byte aligned:
 *        0  8     "VELOXSEG"
 *        8  8     version, 1; stored last, with release: who loads it with acquire may read header and table
 *       16  8     unused
 *       24  15*8  pid; start in CLOCK_MONOTONIC ns; start in Unix ns; bytes of the file; rows of the table;
 *                 rows that are words (counters, gauges, settings); clock (2: clock_gettime); its Hz;
 *                 stages; rings; the rest 0
 *      144  32    run id: text, NUL-padded
 *     4096        rows, as velox_pub_row, of 128 bytes; room for 512
 *    69632        the rows' data, wherever they say
 *
 * A stage row's stage is its order along the flow; a ring row's ring its order, stage its producer, param its
 * slots, unit what a slot carries; its consumer is the stage of the word VELOX_ROLE_RING_TAKEN with that
 * ring. A histogram is the sum of its values, then 2048 counts: each value below 64 has its own, each power
 * of two above has 64, and the last one also counts all beyond 2^37 - 1. A cut row has two copies, for even
 * and odd numbers, of the `param` words from `source` on, which are its stage's. The `source` of the row
 * VELOX_ROLE_CONTROL_HEARTBEAT_NS is where five words lie: a number of turns, then the pair (engine's clock,
 * CLOCK_MONOTONIC) of the newest even one and of the newest odd one. The owner holds a flock on the file.
 *
 * The ledger (velox_role in velox.h) is checked at exact cuts and, when the state is stopped, at rest. One
 * thread writes a word. Words are stored in the order in which they are described, IN first, OUT last, stage
 * by stage along the flow, each with release; readers load them backwards, so that any reading has in >= out,
 * but the state before all others: beside "stopped" stand the last counts.
 */
#ifndef VELOX_PUBLISH_H
#define VELOX_PUBLISH_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "velox.h"

/* The atomic operations on words, the compiler's own. Under VX_MODEL Velox's model checker supplies them, and
 * is told of plain writes that others read. */
#ifdef VX_MODEL
#include "publish_atomics.h"
#else
#define velox_pub_load_relaxed(at)         __atomic_load_n((at), __ATOMIC_RELAXED)
#define velox_pub_load_acquire(at)         __atomic_load_n((at), __ATOMIC_ACQUIRE)
#define velox_pub_store_relaxed(at, value) __atomic_store_n((at), (value), __ATOMIC_RELAXED)
#define velox_pub_store_release(at, value) __atomic_store_n((at), (value), __ATOMIC_RELEASE)
#define velox_pub_plain_write(at, bytes)   ((void)0)
#endif

#define VELOX_PUB_TABLE  4096
#define VELOX_PUB_ROWS   512
#define VELOX_PUB_STAGES 32
#define VELOX_PUB_LINES  128 /* stages' words lie apart: neighbouring cache lines are fetched in pairs */

typedef struct velox_pub_row {
    char name[VELOX_NAME_BYTES];   /* snake_case, unique, NUL-padded */
    char label[VELOX_LABEL_BYTES]; /* for people, UTF-8 */
    uint32_t kind, unit, role;
    int32_t stage, ring; /* -1: none */
    uint32_t param;
    uint64_t offset, bytes; /* of its data in the file */
    uint64_t source;
} velox_pub_row;

struct velox_pub_marker { /* to a stage from the one before; to the first from velox_pub_beat */
    uint64_t sequence, position;
    uint64_t done; /* the stage's own: the last cut it took part in */
    uint64_t padding[13];
};

/* `error` and `path` are for others, too. Large: let it be static or allocated. */
typedef struct velox_pub {
    char error[VELOX_ERROR_BYTES]; /* the first thing that went wrong; "": nothing */
    char path[256];
    uint8_t *base;
    uint64_t bytes;
    int fd;
    int32_t stages, rings;
    uint32_t count;
    uint32_t cuts[VELOX_PUB_STAGES]; /* row of each stage's cut */
    struct velox_pub_marker markers[VELOX_PUB_STAGES];
    velox_pub_row rows[VELOX_PUB_ROWS];
    uint64_t **words[VELOX_PUB_ROWS]; /* what velox_pub_open sets to each row's data; NULL: nothing */
} velox_pub;

enum { VELOX_PUB_STATE, VELOX_PUB_HEARTBEAT, VELOX_PUB_MONOTONIC, VELOX_PUB_SEQUENCE }; /* the first rows */

static inline int velox_pub_fail(velox_pub *pub, const char *which, const char *what)
{
    if (pub->error[0] == '\0')
        snprintf(pub->error, sizeof pub->error, "%.100s: %.100s", which, what);
    return -1;
}

/* Describes a counter, gauge, setting or histogram of the newest stage (before the first one: of none) and of
 * a ring, or -1. velox_pub_open will set *word to it (NULL: not wanted), and tell of mistakes. Gives its row.
 */
static inline int velox_pub_describe(velox_pub *pub, uint64_t **word, int kind, int unit, int role, int ring,
                                     const char *name, const char *label)
{
    velox_pub_row *const row = &pub->rows[pub->count];
    const size_t length = strlen(name);
    if (length == 0 || length >= sizeof row->name || strlen(label) >= sizeof row->label ||
        strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != length)
        return velox_pub_fail(pub, name, "a name has up to 47 of a-z 0-9 _, a label up to 31 bytes");
    for (uint32_t i = 0; i < pub->count; i++)
        if (strcmp(pub->rows[i].name, name) == 0)
            return velox_pub_fail(pub, name, "the name is taken");
    if (ring < -1 || ring >= pub->rings || pub->count == VELOX_PUB_ROWS)
        return velox_pub_fail(pub, name, ring < pub->rings ? "the table is full" : "its ring is unknown");
    memcpy(row->name, name, length);
    memcpy(row->label, label, strlen(label));
    row->kind = (uint32_t)kind;
    row->unit = (uint32_t)unit;
    row->role = (uint32_t)role;
    row->stage = pub->stages - 1;
    row->ring = ring;
    pub->words[pub->count] = word;
    return (int)pub->count++;
}

/* Begins a description, with what every pipeline has. */
static inline void velox_pub_init(velox_pub *pub)
{
    memset(pub, 0, sizeof *pub);
    pub->fd = -1;
    velox_pub_describe(pub, NULL, VELOX_KIND_GAUGE, VELOX_UNIT_NONE, VELOX_ROLE_STATE, -1, "state", "state");
    velox_pub_describe(pub, NULL, VELOX_KIND_GAUGE, VELOX_UNIT_NS, VELOX_ROLE_CONTROL_HEARTBEAT_NS, -1,
                       "heartbeat_engine_ns", "heartbeat, engine clock");
    velox_pub_describe(pub, NULL, VELOX_KIND_GAUGE, VELOX_UNIT_NS, VELOX_ROLE_CONTROL_MONOTONIC_NS, -1,
                       "heartbeat_monotonic_ns", "heartbeat, monotonic");
    velox_pub_describe(pub, NULL, VELOX_KIND_GAUGE, VELOX_UNIT_NONE, VELOX_ROLE_CUT_SEQUENCE, -1,
                       "cut_sequence", "newest exact cut");
}

/* The next stage of the flow; its number. */
static inline int velox_pub_stage(velox_pub *pub, const char *name, const char *label)
{
    if (pub->stages == VELOX_PUB_STAGES)
        return velox_pub_fail(pub, name, "too many stages");
    pub->stages++;
    velox_pub_describe(pub, NULL, VELOX_KIND_STAGE, VELOX_UNIT_NONE, VELOX_ROLE_NONE, -1, name, label);
    return pub->stages - 1;
}

/* A ring from the newest stage to the next one; its number. `unit`: what a slot carries. */
static inline int velox_pub_ring(velox_pub *pub, const char *name, const char *label, uint32_t slots,
                                 int unit)
{
    const int row = velox_pub_describe(pub, NULL, VELOX_KIND_RING, unit, VELOX_ROLE_NONE, -1, name, label);
    if (row < 0 || pub->stages == 0)
        return velox_pub_fail(pub, name, "a ring comes after its producer");
    pub->rows[row].param = slots;
    pub->rows[row].ring = pub->rings;
    return pub->rings++;
}

static inline uint64_t velox_pub_reserve(velox_pub *pub, uint64_t bytes, uint64_t alignment)
{
    const uint64_t offset = (pub->bytes + alignment - 1) / alignment * alignment;
    pub->bytes = offset + bytes;
    return offset;
}

/* Places everything and describes the cuts; the number of words. A stage's words lie next to each other. */
static inline uint64_t velox_pub_plan(velox_pub *pub)
{
    uint64_t words = 0;
    pub->bytes = VELOX_PUB_TABLE + sizeof pub->rows;
    for (int stage = -1; stage < pub->stages; stage++) {
        const uint64_t block = velox_pub_reserve(pub, 0, VELOX_PUB_LINES);
        for (uint32_t i = 0; i < pub->count; i++)
            if (pub->rows[i].stage == stage && pub->rows[i].kind >= VELOX_KIND_COUNTER &&
                pub->rows[i].kind <= VELOX_KIND_CONFIG)
                pub->rows[i].offset = velox_pub_reserve(pub, pub->rows[i].bytes = 8, 8);
        words += (pub->bytes - block) / 8;
        if (stage < 0) {
            pub->rows[VELOX_PUB_HEARTBEAT].source = velox_pub_reserve(pub, 5 * 8, 8);
            continue;
        }
        char name[VELOX_NAME_BYTES];
        snprintf(name, sizeof name, "stage%d_cut", stage);
        const int row = velox_pub_describe(pub, NULL, VELOX_KIND_CUT, 0, 0, -1, name, "exact cut");
        if (row < 0 || pub->bytes == block)
            return (uint64_t)velox_pub_fail(pub, name, "a stage without words");
        velox_pub_row *const cut = &pub->rows[pub->cuts[stage] = (uint32_t)row];
        cut->stage = stage;
        cut->param = (uint32_t)((pub->bytes - block) / 8);
        cut->source = block;
        cut->offset = velox_pub_reserve(pub, cut->bytes = 16 * (uint64_t)cut->param, VELOX_PUB_LINES);
    }
    for (uint32_t i = 0; i < pub->count; i++)
        if (pub->rows[i].kind == VELOX_KIND_HISTOGRAM)
            pub->rows[i].offset = velox_pub_reserve(
                pub, pub->rows[i].bytes = 8 * (1 + VELOX_HISTOGRAM_BUCKETS), VELOX_PUB_LINES);
    return words;
}

/* A new file under a name of this process, locked. Whoever cleans up after the dead may remove it before it
 * is locked: then the next name is tried. */
static inline int velox_pub_create(velox_pub *pub, const char *directory)
{
    for (int n = 0; n < 10000; n++) {
        struct stat file;
        const int length = snprintf(pub->path, sizeof pub->path, "%s/velox-%u-%d-%d.seg", directory,
                                    (unsigned)geteuid(), (int)getpid(), n);
        if (length >= (int)sizeof pub->path)
            return velox_pub_fail(pub, directory, "too long a name");
        pub->fd = open(pub->path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (pub->fd < 0 && errno != EEXIST)
            return velox_pub_fail(pub, directory, strerror(errno));
        if (pub->fd >= 0 && flock(pub->fd, LOCK_EX | LOCK_NB) == 0 && fstat(pub->fd, &file) == 0 &&
            file.st_nlink == 1)
            return 0;
        if (pub->fd >= 0)
            close(pub->fd);
    }
    return velox_pub_fail(pub, directory, "too many segments of this process");
}

static inline uint64_t *velox_pub_at(velox_pub *pub, uint32_t row)
{
    return (uint64_t *)(void *)(pub->base + pub->rows[row].offset);
}

static inline uint64_t velox_pub_clock_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Stops if need be: the file goes, its readers keep what they last saw. */
static inline void velox_pub_close(velox_pub *pub)
{
    if (pub->fd < 0)
        return;
    unlink(pub->path);
    if (pub->base != NULL)
        munmap(pub->base, pub->bytes);
    close(pub->fd);
    pub->fd = -1;
}

/* Header and table, then the version: from now on there is something to read. */
static inline void velox_pub_show(velox_pub *pub, uint64_t words, const char *run_id)
{
    const uint64_t header[] = {(uint64_t)getpid(),
                               velox_pub_clock_ns(CLOCK_MONOTONIC),
                               velox_pub_clock_ns(CLOCK_REALTIME),
                               pub->bytes,
                               pub->count,
                               words,
                               2,
                               1000000000,
                               (uint64_t)pub->stages,
                               (uint64_t)pub->rings};
    velox_pub_plain_write(pub->base + 24, sizeof header);
    memcpy(pub->base + 24, header, sizeof header);
    velox_pub_plain_write(pub->base + 144, VELOX_LABEL_BYTES);
    memcpy(pub->base + 144, run_id, strnlen(run_id, VELOX_LABEL_BYTES - 1));
    velox_pub_plain_write(pub->base + VELOX_PUB_TABLE, pub->count * sizeof pub->rows[0]);
    memcpy(pub->base + VELOX_PUB_TABLE, pub->rows, pub->count * sizeof pub->rows[0]);
    /* Release pairs with a reader's acquire of the version: it sees header and table. */
    velox_pub_store_release((uint64_t *)(void *)(pub->base + 8), (uint64_t)VELOX_SEGMENT_VERSION);
}

/* Makes the file in `directory` (NULL: /dev/shm) and shows it to readers, state starting. 0, or -1 and
 * `error`. `run_id`: up to 31 bytes that tell this run from others. */
static inline int velox_pub_open(velox_pub *pub, const char *directory, const char *run_id)
{
    const uint64_t words = velox_pub_plan(pub);
    if (pub->error[0] != '\0' || velox_pub_create(pub, directory != NULL ? directory : "/dev/shm") != 0)
        return -1;
    const int full =
        pwrite(pub->fd, "VELOXSEG", 8, 0) == 8 ? posix_fallocate(pub->fd, 0, (off_t)pub->bytes) : ENOSPC;
    void *const base =
        full ? MAP_FAILED : mmap(NULL, pub->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, pub->fd, 0);
    if (base == MAP_FAILED) {
        velox_pub_fail(pub, pub->path, strerror(full ? full : errno));
        velox_pub_close(pub);
        return -1;
    }
    pub->base = (uint8_t *)base;
    for (uint32_t i = 0; i < pub->count; i++)
        if (pub->words[i] != NULL)
            *pub->words[i] = velox_pub_at(pub, i);
    velox_pub_show(pub, words, run_id);
    return 0;
}

static inline void velox_pub_set(uint64_t *word, uint64_t value)
{
    /* Release pairs with a reader's acquire: who sees this sees every word stored before. */
    velox_pub_store_release(word, value);
}

static inline void velox_pub_add(uint64_t *word, uint64_t n)
{
    velox_pub_set(word, *word + n); /* this thread alone stores it */
}

/* `count` times `value`; before the counters that tell of these items, which publish it. */
static inline void velox_pub_record(uint64_t *histogram, uint64_t value, uint64_t count)
{
    const uint64_t counted = value >> 37 ? (UINT64_C(1) << 37) - 1 : value;
    const unsigned shift = (63u ^ (unsigned)__builtin_clzll(counted | 64)) - 6;
    uint64_t *const bucket = histogram + 1 + (shift << 6) + (counted >> shift);
    velox_pub_store_relaxed(bucket, *bucket + count);
    velox_pub_store_relaxed(histogram, *histogram + value * count);
}

/* Some times a second, from one thread of any kind: a sign of life, the state, and the wish for a new cut. */
static inline void velox_pub_beat(velox_pub *pub, int state)
{
    const uint64_t now_ns = velox_pub_clock_ns(CLOCK_MONOTONIC);
    velox_pub_set(velox_pub_at(pub, VELOX_PUB_STATE), (uint64_t)state);
    velox_pub_set(velox_pub_at(pub, VELOX_PUB_HEARTBEAT), now_ns);
    velox_pub_set(velox_pub_at(pub, VELOX_PUB_MONOTONIC), now_ns);
    uint64_t *const turn = (uint64_t *)(void *)(pub->base + pub->rows[VELOX_PUB_HEARTBEAT].source);
    uint64_t *const pair = turn + 1 + 2 * ((*turn + 1) & 1);
    velox_pub_set(&pair[0],
                  now_ns); /* release: who meets the pair of turn n + 2 sees that n + 1 is complete */
    velox_pub_set(&pair[1], now_ns);
    velox_pub_add(turn, 1);
    /* Relaxed: the release below passes on what was read here, so that whoever meets a word of cut n + 2 sees
     * that n + 1 is complete. And a stage's load of the position for cut n comes before the store of the one
     * for n + 1, since the sequence stored here is computed from what its end made this thread read. */
    const uint64_t newest = velox_pub_load_relaxed(velox_pub_at(pub, VELOX_PUB_SEQUENCE));
    velox_pub_set(&pub->markers[0].sequence, newest + 1);
}

/* Called by each stage's thread after it has looked what there is to take and before it takes it: `in` items
 * it has taken so far and `out` put out, `found` it could take now. Gives how many of these it may take
 * before it calls again. Where a cut falls between `in` and the next item, the stage's words are copied into
 * it; so `in` and `out` must be in the words by then. The first stage may call at any time between two items.
 */
static inline uint64_t velox_pub_cut(velox_pub *pub, int stage, uint64_t in, uint64_t out, uint64_t found)
{
    struct velox_pub_marker *const marker = &pub->markers[stage];
    /* Acquire pairs with the release of the stage before: the position is that of it; or, in the first stage,
     * with that of velox_pub_beat: the words stored below come after the cut before was complete. */
    const uint64_t sequence = velox_pub_load_acquire(&marker->sequence);
    if (sequence == marker->done)
        return found;
    const uint64_t position = stage == 0 ? in : velox_pub_load_relaxed(&marker->position);
    if (in != position)
        return found < position - in ? found : position - in;
    const velox_pub_row *const cut = &pub->rows[pub->cuts[stage]];
    const uint64_t *const from = (const uint64_t *)(void *)(pub->base + cut->source);
    uint64_t *const to = velox_pub_at(pub, pub->cuts[stage]) + (sequence & 1) * cut->param;
    for (uint32_t i = 0; i < cut->param; i++)
        /* Relaxed load: a word of the stage may be another thread's. Release: who meets a word of cut n + 2
         * sees that n + 1 is complete. */
        velox_pub_set(&to[i], velox_pub_load_relaxed(&from[i]));
    marker->done = sequence;
    if (stage + 1 == pub->stages) {
        velox_pub_set(velox_pub_at(pub, VELOX_PUB_SEQUENCE), sequence);
        return found;
    }
    velox_pub_store_relaxed(&marker[1].position, out); /* read only after the sequence */
    velox_pub_set(&marker[1].sequence, sequence);
    return found;
}
#endif
