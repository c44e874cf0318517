/* Cleaning against others who clean and start: between the lock and the removal the dead process's file goes
 * and a living one takes its name, which then must stay. Done at that very moment, at the call that takes the
 * lock. */
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "open_files.h"
#include "segment_fixture.h"

int __real_flock(int fd, int operation);
int __wrap_flock(int fd, int operation);

static char directory[64];
static char path[128];
static int replaced; /* 1: the next lock is followed by it */
static int living = -1;
static int refusal; /* errno with which the next lock is refused */

static int make(void)
{
    const int fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
    CHECK(fd >= 0);
    CHECK_EQUAL(pwrite(fd, VX_SEGMENT_MAGIC, 8, 0), 8);
    CHECK_EQUAL(ftruncate(fd, 8192), 0);
    return fd;
}

int __wrap_flock(int fd, int operation)
{
    if (refusal != 0) {
        errno = refusal;
        refusal = 0;
        return -1;
    }
    const int status = __real_flock(fd, operation);
    if (status == 0 && replaced) {
        replaced = 0;
        CHECK_EQUAL(unlink(path), 0);
        living = make();
        CHECK_EQUAL(__real_flock(living, LOCK_EX | LOCK_NB), 0);
    }
    return status;
}

static void should_leave_a_new_file_of_the_same_name(void)
{
    close(make()); /* of a process that died */
    replaced = 1;
    CHECK_EQUAL(velox_segment_clean(directory), 0);
    CHECK_EQUAL(replaced, 0);
    CHECK(vx_segment_is_linked(AT_FDCWD, path, living));
}

static void should_remove_it_once_its_owner_is_gone(void)
{
    CHECK_EQUAL(velox_segment_clean(directory), 0);
    close(living);
    CHECK_EQUAL(velox_segment_clean(directory), 1);
    CHECK_EQUAL(scratch_count_files(directory), 0);
}

/* A cleaner was faster: the next name is taken, and nothing of the first stays open. */
static void should_take_another_name_when_a_cleaner_was_faster(void)
{
    static fixture self;
    char error[VELOX_ERROR_BYTES] = "";
    const int before = count_descriptors();
    refusal = EWOULDBLOCK;
    CHECK_EQUAL(fixture_create(&self, directory, error), VELOX_OK);
    CHECK(strstr(self.segment.path, "-1.seg") != NULL);
    CHECK_EQUAL(count_descriptors(), before + 1);
    vx_segment_destroy(&self.segment);
    CHECK_EQUAL(velox_segment_clean(directory), 1); /* here it was none */
}

static void should_leave_nothing_where_no_lock_is_to_be_had(void)
{
    static fixture self;
    char error[VELOX_ERROR_BYTES] = "";
    const int before = count_descriptors();
    refusal = ENOLCK;
    CHECK_EQUAL(fixture_create(&self, directory, error), VELOX_SEGMENT_REFUSED);
    CHECK(strstr(error, directory) != NULL);
    CHECK_EQUAL(count_descriptors(), before);
    CHECK_EQUAL(scratch_count_files(directory), 0);
}

int main(void)
{
    fixture_directory(directory);
    snprintf(path, sizeof path, "%s/velox-%u-999999-0.seg", directory, (unsigned)geteuid());
    RUN(should_leave_a_new_file_of_the_same_name);
    RUN(should_remove_it_once_its_owner_is_gone);
    RUN(should_take_another_name_when_a_cleaner_was_faster);
    RUN(should_leave_nothing_where_no_lock_is_to_be_had);
    fixture_remove_directory(directory);
    return 0;
}
