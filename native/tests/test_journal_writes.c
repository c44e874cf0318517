/* A journal whose writes come short, are interrupted or fail: what is in the file is whole, what is not is
 * counted, and a file without a header goes. Each write passes through the test. */
#include <errno.h>

#include "journal_file.h"
#include "open_files.h"

ssize_t __real_write(int fd, const void *from, size_t bytes);
ssize_t __wrap_write(int fd, const void *from, size_t bytes);

static enum { WHOLE, SHORT, NOTHING, FULL } mode;
static int calls;

ssize_t __wrap_write(int fd, const void *from, size_t bytes)
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
    return __real_write(fd, from, mode == SHORT && bytes > 1001 ? 1001 : bytes);
}

static void should_write_all_however_short_or_interrupted(void)
{
    char error[VELOX_ERROR_BYTES] = "";
    mode = SHORT;
    CHECK_EQUAL(open_journal(error), VELOX_OK);
    keep_bundles(10);
    CHECK_EQUAL(vx_load_relaxed(&words[VX_CONTROL_JOURNAL_WRITTEN]), 160);
    CHECK_EQUAL(failed(), 0);
    check_file(160);
}

static void should_count_what_could_not_be_written(void)
{
    char error[VELOX_ERROR_BYTES] = "";
    mode = WHOLE;
    CHECK_EQUAL(open_journal(error), VELOX_OK);
    for (mode = NOTHING; mode <= FULL; mode++)
        keep_bundles(1);
    CHECK_EQUAL(failed(), 32);
    CHECK_EQUAL(vx_load_relaxed(&words[VX_CONTROL_JOURNAL_WRITTEN]), 0);
    vx_journal_finish(&journal); /* nor can the count */
    CHECK_EQUAL(failed(), 32);
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
