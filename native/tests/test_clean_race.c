/* Cleaning against others who clean and start: between the lock and the removal the dead process's file goes
 * and a living one takes its name, which then must stay. Done at that very moment, at the call that takes the
 * lock. */
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "segment_fixture.h"

int __real_flock(int fd, int operation);
int __wrap_flock(int fd, int operation);

static char directory[64];
static char path[128];
static int replaced; /* 1: the next lock is followed by it */
static int living = -1;

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
    CHECK_EQUAL(fixture_count_files(directory), 0);
}

int main(void)
{
    fixture_directory(directory);
    snprintf(path, sizeof path, "%s/velox-%u-999999-0.seg", directory, (unsigned)geteuid());
    RUN(should_leave_a_new_file_of_the_same_name);
    RUN(should_remove_it_once_its_owner_is_gone);
    fixture_remove_directory(directory);
    return 0;
}
