#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "affinity.h"
#include "input.h"
#include "segment.h"
#include "words.h"

#define TURN_NS    2000000
#define WRITE_MOST 4096 /* transactions a write: slots come back while others are written */

/* How much of it came to the file's end. Appended, so that behind a cut by another there is never a hole. */
static uint64_t append(int fd, const void *from, uint64_t bytes)
{
    const uint8_t *const at = from;
    uint64_t done = 0;
    while (done < bytes) {
        const ssize_t written = write(fd, at + done, bytes - done);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            break;
        done += (uint64_t)written;
    }
    return done;
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
    return append(journal->fd, &header, sizeof header) == sizeof header;
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
    journal->fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
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

static uint64_t count_whole(uint64_t file_bytes)
{
    return file_bytes < VX_VTX_HEADER_BYTES ? 0 : (file_bytes - VX_VTX_HEADER_BYTES) / sizeof(vx_transaction);
}

/* Whether the file has a name, and the size that it was left with. */
static int is_as_left(const vx_journal *journal, uint64_t bytes)
{
    struct stat file;
    return fstat(journal->fd, &file) == 0 && file.st_nlink != 0 && (uint64_t)file.st_size == bytes;
}

/* Another has deleted, cut or added to the file. Nothing more is written: what follows a gap would make
 * another book. Of what was written that counts on which was there before `appended` bytes came last. */
static void end_early(vx_journal *journal, uint64_t appended)
{
    struct stat file;
    const uint64_t had = count_whole(journal->bytes);
    const int is_there = fstat(journal->fd, &file) == 0 && file.st_nlink != 0;
    const uint64_t size = is_there ? (uint64_t)file.st_size : 0;
    const uint64_t before = size > appended ? size - appended : 0;
    const uint64_t whole = count_whole(before) < had ? count_whole(before) : had;
    vx_counter_add(&journal->words[VX_CONTROL_JOURNAL_FAILED], had - whole);
    journal->bytes = before < VX_VTX_HEADER_BYTES ? 0 : VX_VTX_HEADER_BYTES + whole * sizeof(vx_transaction);
    journal->has_ended = 1;
    if (size > journal->bytes && ftruncate(journal->fd, (off_t)journal->bytes) != 0)
        return; /* what is torn lies beyond the header's count */
}

/* Transactions lie in the ring as they lie in the file. */
static void write_some(vx_journal *journal, const void *transactions, uint32_t count)
{
    const uint64_t bytes = count * sizeof(vx_transaction);
    vx_plain_read(transactions, bytes);
    const uint64_t appended = journal->has_ended ? 0 : append(journal->fd, transactions, bytes);
    const int was_left = journal->has_ended || is_as_left(journal, journal->bytes + appended);
    if (was_left && appended == bytes) {
        journal->bytes += bytes;
        vx_counter_add(&journal->words[VX_CONTROL_JOURNAL_WRITTEN], count);
        return;
    }
    vx_counter_add(&journal->words[VX_CONTROL_JOURNAL_FAILED], count);
    if (!was_left)
        end_early(journal, appended);
    else if (appended != 0 && ftruncate(journal->fd, (off_t)journal->bytes) != 0)
        return; /* the next look at the file finds what is torn, and ends the journal before it */
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

/* The header's count is written where it belongs: with O_APPEND it would come to the end. */
static int write_count(const vx_journal *journal, uint64_t count)
{
    return fcntl(journal->fd, F_SETFL, 0) == 0 &&
           pwrite(journal->fd, &count, sizeof count, offsetof(vx_vtx_header, count)) == sizeof count &&
           fdatasync(journal->fd) == 0;
}

/* Makes the header say what the file holds. */
static void seal(vx_journal *journal)
{
    const uint64_t count = count_whole(journal->bytes);
    if (journal->bytes == 0 || write_count(journal, count))
        return;
    vx_counter_add(&journal->words[VX_CONTROL_JOURNAL_FAILED], count);
    journal->bytes = 0;
}

/* Whether the file is still what was written; else it ends with what is left of it. */
static int is_kept(vx_journal *journal)
{
    if (journal->bytes == 0 || is_as_left(journal, journal->bytes))
        return 1;
    end_early(journal, 0);
    return 0;
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
    (void)is_kept(journal);
    seal(journal);
    if (!is_kept(journal)) /* cut while it was brought to the disk, which may take long */
        seal(journal);
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
