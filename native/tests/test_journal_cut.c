/* A journal that another deletes, cuts or adds to while it is written: what is left of it is whole and all
 * that it has not is counted, at whatever moment it happens; nothing is written behind what is missing. */
#include "journal_file.h"

ssize_t __real_write(int fd, const void *from, size_t bytes);
ssize_t __wrap_write(int fd, const void *from, size_t bytes);

/* What becomes of the file just before and just after a write; -1: nothing. */
static off_t cut_before = -1;
static off_t cut_after = -1;

static void cut(off_t *to)
{
    if (*to >= 0)
        CHECK_EQUAL(truncate(path, *to), 0);
    *to = -1;
}

ssize_t __wrap_write(int fd, const void *from, size_t bytes)
{
    cut(&cut_before);
    const ssize_t written = __real_write(fd, from, bytes);
    cut(&cut_after);
    return written;
}

static void start_journal(int bundles)
{
    char error[VELOX_ERROR_BYTES] = "";
    CHECK_EQUAL(open_journal(error), VELOX_OK);
    keep_bundles(bundles);
    CHECK_EQUAL(failed(), 0);
}

static void should_count_all_of_a_deleted_file(void)
{
    struct stat file;
    start_journal(2);
    CHECK_EQUAL(unlink(path), 0);
    keep_bundles(1);
    CHECK_EQUAL(failed(), 48);
    keep_bundles(1);
    CHECK_EQUAL(failed(), 64);
    vx_journal_finish(&journal);
    CHECK_EQUAL(failed(), 64);
    vx_journal_close(&journal);
    vx_ring_free(&journal.ring);
    CHECK(stat(path, &file) != 0);
}

static void should_count_all_of_a_file_deleted_after_its_last_write(void)
{
    start_journal(2);
    CHECK_EQUAL(unlink(path), 0);
    vx_journal_finish(&journal);
    CHECK_EQUAL(failed(), 32);
    vx_journal_close(&journal);
    vx_ring_free(&journal.ring);
}

static void should_count_all_of_a_file_without_its_header(void)
{
    for (off_t left = 0; left < VX_VTX_HEADER_BYTES; left += VX_VTX_HEADER_BYTES - 1) {
        struct stat file;
        start_journal(2);
        CHECK_EQUAL(truncate(path, left), 0);
        keep_bundles(2);
        vx_journal_finish(&journal);
        CHECK_EQUAL(failed(), 64);
        vx_journal_close(&journal);
        vx_ring_free(&journal.ring);
        CHECK(stat(path, &file) == 0 && file.st_size == 0);
        CHECK_EQUAL(unlink(path), 0);
    }
}

static void should_end_where_it_was_cut(void)
{
    start_journal(4);
    CHECK_EQUAL(truncate(path, VX_VTX_HEADER_BYTES + 28 * 32 + 8), 0);
    keep_bundles(1);
    CHECK_EQUAL(failed(), 64 - 28 + 16);
    keep_bundles(1);
    check_file(28);
    CHECK_EQUAL(failed(), 64 - 28 + 32);
}

static void should_end_where_it_was_cut_after_its_last_write(void)
{
    start_journal(4);
    CHECK_EQUAL(truncate(path, VX_VTX_HEADER_BYTES + 28 * 32 + 8), 0);
    check_file(28);
    CHECK_EQUAL(failed(), 64 - 28);
}

/* Between any look at the file and the write that follows. */
static void should_write_nothing_behind_a_hole(void)
{
    start_journal(4);
    cut_before = VX_VTX_HEADER_BYTES + 28 * 32;
    keep_bundles(1);
    check_file(28);
    CHECK_EQUAL(failed(), 64 - 28 + 16);
}

static void should_rely_on_no_more_than_is_certain(void)
{
    start_journal(4);
    cut_after = VX_VTX_HEADER_BYTES + 28 * 32;
    keep_bundles(1);
    check_file(28 - 16); /* 16 might have come behind the cut */
    CHECK_EQUAL(failed(), 64 - 12 + 16);
}

static void should_end_before_what_another_added(void)
{
    start_journal(2);
    FILE *const other = fopen(path, "a");
    CHECK(other != NULL && fputs("something", other) >= 0 && fclose(other) == 0);
    keep_bundles(2);
    check_file(32);
    CHECK_EQUAL(failed(), 32);
}

int main(void)
{
    scratch_file(path);
    RUN(should_count_all_of_a_deleted_file);
    RUN(should_count_all_of_a_file_deleted_after_its_last_write);
    RUN(should_count_all_of_a_file_without_its_header);
    RUN(should_end_where_it_was_cut);
    RUN(should_end_where_it_was_cut_after_its_last_write);
    RUN(should_write_nothing_behind_a_hole);
    RUN(should_rely_on_no_more_than_is_certain);
    RUN(should_end_before_what_another_added);
    return 0;
}
