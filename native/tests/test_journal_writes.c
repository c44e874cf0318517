/* A journal whose writes come short, are interrupted or fail: what is in the file is whole, what is not is
 * counted, and a file without a header goes. Each write passes through the test. */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "input.h"
#include "journal.h"
#include "open_files.h"
#include "ring_memory.h"
#include "scratch.h"
#include "words.h"

ssize_t __real_pwrite(int fd, const void *from, size_t bytes, off_t offset);
ssize_t __wrap_pwrite(int fd, const void *from, size_t bytes, off_t offset);

static enum { WHOLE, SHORT, NOTHING, FULL } mode;
static int calls;

ssize_t __wrap_pwrite(int fd, const void *from, size_t bytes, off_t offset)
{
    calls++;
    if (mode == SHORT && calls % 2 == 0) {
        errno = EINTR;
        return -1;
    }
    if (mode == FULL) {
        errno = ENOSPC;
        return -1;
    }
    if (mode == NOTHING)
        return 0;
    return __real_pwrite(fd, from, mode == SHORT && bytes > 1001 ? 1001 : bytes, offset);
}

static char path[64];
static VX_ATOMIC(uint64_t) words[VX_CONTROL_WORDS];
static vx_journal journal;

static velox_status open_journal(char *error)
{
    velox_config *const config = velox_config_create();
    memset((void *)words, 0, sizeof words);
    memset(&journal, 0, sizeof journal);
    CHECK_EQUAL(vx_ring_init(&journal.ring, VX_JOURNAL_SLOTS, sizeof(vx_transaction)), VELOX_OK);
    const velox_status status = vx_journal_open(&journal, path, config, words, error);
    journal.is_wanted = 1;
    velox_config_destroy(config);
    return status;
}

static void keep_bundles(int bundles)
{
    static uint64_t id;
    for (int i = 0; i < bundles; i++) {
        vx_bundle bundle = {.count = VELOX_BUNDLE_CAPACITY};
        for (uint32_t k = 0; k < VELOX_BUNDLE_CAPACITY; k++, id++)
            bundle.transactions[k] = (vx_transaction){.id = id, .price = 1000000, .size = 1, .ts_ns = 1 + id};
        vx_journal_take(&journal, &bundle, 1);
    }
    vx_journal_write(&journal);
}

/* Ids 0, 1, 2 .. and as many as are said to be. */
static void check_file(uint64_t count)
{
    char error[VELOX_ERROR_BYTES] = "";
    vx_input input;
    vx_journal_close(&journal);
    vx_ring_free(&journal.ring);
    CHECK_EQUAL(vx_input_open(path, &input, error), VELOX_OK);
    CHECK_EQUAL(input.header->count, count);
    CHECK_EQUAL(input.bytes, VX_VTX_HEADER_BYTES + 32 * count);
    for (uint64_t i = 0; i < count; i++) {
        vx_transaction transaction;
        vx_transaction_decode(input.records + 32 * i, &transaction);
        CHECK_EQUAL(transaction.id, i);
    }
    vx_input_close(&input);
    CHECK_EQUAL(unlink(path), 0);
}

static void should_write_all_however_short_or_interrupted(void)
{
    char error[VELOX_ERROR_BYTES] = "";
    mode = SHORT;
    CHECK_EQUAL(open_journal(error), VELOX_OK);
    keep_bundles(10);
    CHECK_EQUAL(vx_load_relaxed(&words[VX_CONTROL_JOURNAL_WRITTEN]), 160);
    CHECK_EQUAL(vx_load_relaxed(&words[VX_CONTROL_JOURNAL_FAILED]), 0);
    check_file(160);
}

static void should_count_what_could_not_be_written(void)
{
    char error[VELOX_ERROR_BYTES] = "";
    mode = WHOLE;
    CHECK_EQUAL(open_journal(error), VELOX_OK);
    for (mode = NOTHING; mode <= FULL; mode++)
        keep_bundles(1);
    CHECK_EQUAL(vx_load_relaxed(&words[VX_CONTROL_JOURNAL_FAILED]), 32);
    CHECK_EQUAL(vx_load_relaxed(&words[VX_CONTROL_JOURNAL_WRITTEN]), 0);
    vx_journal_finish(&journal); /* nor can the count */
    CHECK_EQUAL(vx_load_relaxed(&words[VX_CONTROL_JOURNAL_FAILED]), 32);
    mode = WHOLE;
    vx_journal_close(&journal);
    vx_ring_free(&journal.ring);
    CHECK_EQUAL(unlink(path), 0);
}

static void should_leave_no_file_without_a_header(void)
{
    char error[VELOX_ERROR_BYTES] = "";
    struct stat file;
    const int before = count_descriptors();
    mode = FULL;
    CHECK_EQUAL(open_journal(error), VELOX_OUTPUT_REFUSED);
    CHECK(strstr(error, path) != NULL && strstr(error, "No space left") != NULL);
    CHECK(stat(path, &file) != 0);
    CHECK_EQUAL(count_descriptors(), before);
    vx_journal_close(&journal);
    vx_ring_free(&journal.ring);
}

int main(void)
{
    scratch_file(path);
    RUN(should_write_all_however_short_or_interrupted);
    RUN(should_count_what_could_not_be_written);
    RUN(should_leave_no_file_without_a_header);
    return 0;
}
