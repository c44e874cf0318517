#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "affinity.h"
#include "input.h"
#include "segment.h"
#include "words.h"

#define TURN_NS    2000000
#define WRITE_MOST 4096 /* transactions a write: slots come back while others are written */

/* All or nothing of `bytes` at `offset`. */
static int write_all(int fd, const void *from, uint64_t bytes, uint64_t offset)
{
    const uint8_t *const at = from;
    uint64_t done = 0;
    while (done < bytes) {
        const ssize_t written = pwrite(fd, at + done, bytes - done, (off_t)(offset + done));
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return 0;
        done += (uint64_t)written;
    }
    return 1;
}

static velox_status refuse(char *error, const char *path)
{
    const char *const why = errno == EEXIST ? "it exists; a journal is a new file" : strerror(errno);
    snprintf(error, VELOX_ERROR_BYTES, "journal %.150s: %s", path, why);
    return VELOX_OUTPUT_REFUSED;
}

static int write_header(vx_journal *journal, const velox_config *config)
{
    vx_vtx_header header = {.magic = VX_VTX_MAGIC,
                            .version = VX_VTX_VERSION,
                            .header_bytes = VX_VTX_HEADER_BYTES,
                            .source = "velox-tui: journal of a run",
                            .base_price = (int64_t)config->values[VELOX_OPTION_BASE_PRICE],
                            .ticks_per_level = (uint32_t)config->values[VELOX_OPTION_TICKS_PER_LEVEL],
                            .levels = (uint32_t)config->values[VELOX_OPTION_LEVELS]};
    return write_all(journal->fd, &header, sizeof header, 0);
}

/* Unless another file has its name by now. */
static void give_up_file(const vx_journal *journal)
{
    if (vx_segment_is_linked(AT_FDCWD, journal->path, journal->fd))
        unlink(journal->path);
    close(journal->fd);
}

velox_status vx_journal_open(vx_journal *journal, const char *path, const velox_config *config,
                             vx_word *words, char *error)
{
    journal->words = words;
    journal->bytes = VX_VTX_HEADER_BYTES;
    snprintf(journal->path, sizeof journal->path, "%s", path);
    journal->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (journal->fd < 0)
        return refuse(error, path);
    if (!write_header(journal, config)) {
        refuse(error, path);
        give_up_file(journal);
        return VELOX_OUTPUT_REFUSED;
    }
    journal->is_open = 1;
    return VELOX_OK;
}

/* Copies what there is room for, across the ring's wrap; the rest is lost. */
static void keep(vx_journal *journal, const vx_transaction *transactions, uint32_t count)
{
    while (count != 0) {
        void *slots;
        const uint32_t room = vx_ring_claim(&journal->ring, count, &slots);
        if (room == 0) {
            vx_counter_add(&journal->words[VX_CONTROL_JOURNAL_FULL], count);
            return;
        }
        vx_plain_read(transactions, room * sizeof *transactions);
        vx_plain_write(slots, room * sizeof *transactions);
        memcpy(slots, transactions, room * sizeof *transactions);
        vx_ring_publish(&journal->ring, room);
        transactions += room;
        count -= room;
    }
}

void vx_journal_take(void *context, const vx_bundle *bundles, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        keep(context, bundles[i].transactions, bundles[i].count);
}

/* Transactions lie in the ring as they lie in the file. */
static void write_some(vx_journal *journal, const void *transactions, uint32_t count)
{
    const uint64_t bytes = count * sizeof(vx_transaction);
    vx_plain_read(transactions, bytes);
    if (write_all(journal->fd, transactions, bytes, journal->bytes)) {
        journal->bytes += bytes;
        vx_counter_add(&journal->words[VX_CONTROL_JOURNAL_WRITTEN], count);
        return;
    }
    vx_counter_add(&journal->words[VX_CONTROL_JOURNAL_FAILED], count);
    if (ftruncate(journal->fd, (off_t)journal->bytes) != 0)
        return; /* what is torn lies beyond the header's count, or is written over */
}

void vx_journal_write(vx_journal *journal)
{
    void *transactions;
    uint32_t count;
    while ((count = vx_ring_peek(&journal->ring, WRITE_MOST, &transactions)) != 0) {
        write_some(journal, transactions, count);
        vx_ring_release(&journal->ring, count);
    }
}

static void *run(void *argument)
{
    vx_journal *const journal = argument;
    const struct timespec turn = {0, TURN_NS};
    vx_thread_settle("velox-journal", -1);
    /* Relaxed: only whether to go on; whoever stores it waits for this thread's end. */
    while (!vx_load_relaxed(&journal->quit)) {
        vx_journal_write(journal);
        clock_nanosleep(CLOCK_MONOTONIC, 0, &turn, NULL);
    }
    return NULL;
}

velox_status vx_journal_start(vx_journal *journal)
{
    if (pthread_create(&journal->thread, NULL, run, journal) != 0)
        return VELOX_THREAD_FAILED;
    journal->is_started = 1;
    return VELOX_OK;
}

void vx_journal_finish(vx_journal *journal)
{
    if (!journal->is_open || journal->is_finished)
        return;
    if (journal->is_started) {
        vx_store_relaxed(&journal->quit, 1); /* relaxed: hands nothing over; the join does */
        pthread_join(journal->thread, NULL);
    }
    vx_journal_write(journal);
    const uint64_t count = (journal->bytes - VX_VTX_HEADER_BYTES) / sizeof(vx_transaction);
    if (!write_all(journal->fd, &count, sizeof count, offsetof(vx_vtx_header, count)) ||
        fdatasync(journal->fd) != 0)
        vx_counter_add(&journal->words[VX_CONTROL_JOURNAL_FAILED], count);
    journal->is_finished = 1;
}

void vx_journal_close(vx_journal *journal)
{
    if (!journal->is_open)
        return;
    vx_journal_finish(journal);
    if (journal->is_wanted)
        close(journal->fd);
    else
        give_up_file(journal);
    journal->is_open = 0;
}
