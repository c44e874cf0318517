/* The journal: Output copies into its ring and never waits, the writer empties it into the file, and whoever
 * finishes waits for the writer first. A case's writer makes two turns of its loop, whenever it is told to
 * quit. */
#include "journal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cases.h"
#include "input.h"
#include "words.h"

#define SLOTS   2
#define BUNDLES 2
#define TAKEN   3 /* transactions of both */
#define WRITER  0 /* thread */

typedef struct run {
    vx_journal journal;
    vx_bundle bundles[BUNDLES];
    vx_transaction slots[SLOTS];
    uint64_t words[VX_CONTROL_WORDS];
} run;

/* The linker puts this in place of the C library's: the writer is a thread of the model. */
int __wrap_pthread_join(pthread_t thread, void **result);
int __wrap_pthread_join(pthread_t thread, void **result)
{
    (void)thread, (void)result;
    model_join(WRITER);
    return 0;
}

static char path[] = "/dev/shm/velox-model-XXXXXX";

static void remove_file(void)
{
    unlink(path);
}

/* With a name as long as the program runs: a journal whose file has none is given up. */
static int make_file(void)
{
    const int fd = mkstemp(path);
    MODEL_CHECK(fd >= 0 && atexit(remove_file) == 0);
    return fd;
}

static void setup(void *state)
{
    static int fd = -1; /* one file, written over in every execution */
    run *const s = state;
    memset(s, 0, sizeof *s);
    if (fd < 0)
        fd = make_file();
    MODEL_CHECK(ftruncate(fd, VX_VTX_HEADER_BYTES) == 0 && fcntl(fd, F_SETFL, O_APPEND) == 0);
    vx_ring_init_over(&s->journal.ring, s->slots, SLOTS, sizeof *s->slots);
    s->journal.words = s->words;
    s->journal.bytes = VX_VTX_HEADER_BYTES;
    s->journal.fd = fd;
    s->journal.is_open = s->journal.is_started = 1;
    for (uint64_t id = 0; id < TAKEN; id++) {
        vx_bundle *const bundle = &s->bundles[id / 2];
        bundle->transactions[bundle->count++] = (vx_transaction){.id = 1 + id, .price = 1, .size = 1};
    }
}

/* Output's sink: two turns. */
static void deliver(void *state)
{
    run *const s = state;
    for (uint32_t i = 0; i < BUNDLES; i++)
        vx_journal_take(&s->journal, &s->bundles[i], 1);
}

static void write_twice(void *state)
{
    run *const s = state;
    vx_journal_write(&s->journal);
    vx_journal_write(&s->journal);
}

/* Ascending, each once, and as many as are counted; the header says so if it was finished. */
static void check_file(run *s)
{
    vx_transaction written[TAKEN];
    uint64_t last = 0;
    const ssize_t bytes = pread(s->journal.fd, written, sizeof written, VX_VTX_HEADER_BYTES);
    const uint64_t count = (uint64_t)bytes / sizeof *written;
    MODEL_CHECK(s->words[VX_CONTROL_JOURNAL_WRITTEN] == count);
    MODEL_CHECK(s->words[VX_CONTROL_JOURNAL_FULL] == TAKEN - count);
    for (uint64_t i = 0; i < count && i < TAKEN; i++) {
        MODEL_CHECK(written[i].id > last);
        last = written[i].id;
    }
    if (count == TAKEN)
        model_see();
}

static void check_written(void *state)
{
    run *const s = state;
    vx_journal_write(&s->journal);
    check_file(s);
}

const model_case journal_ring = {.name = "journal, copied, written, given back",
                                 .threads = 2,
                                 .setup = setup,
                                 .body = {write_twice, deliver},
                                 .check = check_written,
                                 .preemptions = 20,
                                 .deep_preemptions = 20,
                                 .must_see = 1};

/* The control thread, once Output has finished. */
static void deliver_and_finish(void *state)
{
    run *const s = state;
    deliver(state);
    vx_journal_finish(&s->journal);
}

static void check_finished(void *state)
{
    run *const s = state;
    uint64_t count = 0;
    MODEL_CHECK(pread(s->journal.fd, &count, sizeof count, offsetof(vx_vtx_header, count)) == sizeof count);
    MODEL_CHECK(count == s->words[VX_CONTROL_JOURNAL_WRITTEN]);
    MODEL_CHECK(s->words[VX_CONTROL_JOURNAL_FAILED] == 0);
    check_file(s);
}

const model_case journal_finish = {.name = "journal, finished after its writer",
                                   .threads = 2,
                                   .setup = setup,
                                   .body = {write_twice, deliver_and_finish},
                                   .check = check_finished,
                                   .preemptions = 20,
                                   .deep_preemptions = 20,
                                   .must_see = 1};
