/* Cleaning up: what the dead left behind goes, what is alive or foreign stays, also while processes start and
 * die. */
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "segment_fixture.h"

#define STARTERS 4
#define STARTS   150

static char directory[64];

static void path_of(char *path, size_t room, const char *name)
{
    snprintf(path, room, "%s/%s", directory, name);
}

static void put(const char *name, const void *bytes, size_t count)
{
    char path[256];
    path_of(path, sizeof path, name);
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    CHECK(fd >= 0);
    CHECK_EQUAL(write(fd, bytes, count), count);
    close(fd);
}

static void remove_file(const char *name)
{
    char path[256];
    path_of(path, sizeof path, name);
    CHECK_EQUAL(unlink(path), 0);
}

/* velox-<uid>-<middle>.seg */
static const char *own(char *name, size_t room, const char *middle)
{
    snprintf(name, room, "velox-%u-%s.seg", (unsigned)geteuid(), middle);
    return name;
}

/* A child that holds a segment until it is killed; returns once the segment is there. */
static pid_t start_holder(void)
{
    int ready[2];
    char byte;
    CHECK_EQUAL(pipe(ready), 0);
    const pid_t child = fork();
    if (child == 0) {
        static fixture self;
        fixture_open(&self, directory);
        byte = (char)write(ready[1], "x", 1);
        for (;;)
            pause();
    }
    CHECK_EQUAL(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    close(ready[1]);
    return child;
}

static void end(pid_t child)
{
    CHECK_EQUAL(kill(child, SIGKILL), 0);
    CHECK_EQUAL(waitpid(child, NULL, 0), child);
}

static void should_unlink_what_a_killed_process_left(void)
{
    const pid_t child = start_holder();
    CHECK_EQUAL(scratch_count_files(directory), 1);
    CHECK_EQUAL(velox_segment_clean(directory), 0);
    end(child);
    CHECK_EQUAL(scratch_count_files(directory), 1);
    CHECK_EQUAL(velox_segment_clean(directory), 1);
    CHECK_EQUAL(scratch_count_files(directory), 0);
    CHECK_EQUAL(velox_segment_clean(directory), 0);
}

static void should_leave_the_living_alone(void)
{
    static fixture self;
    fixture_open(&self, directory);
    const pid_t live = start_holder();
    const pid_t dead = start_holder();
    end(dead);
    CHECK_EQUAL(velox_segment_clean(directory), 1);
    CHECK_EQUAL(scratch_count_files(directory), 2);
    CHECK(vx_segment_is_linked(AT_FDCWD, self.segment.path, self.segment.fd));
    end(live);
    vx_segment_destroy(&self.segment);
    CHECK_EQUAL(velox_segment_clean(directory), 1);
}

/* A process that dies half-way leaves no complete header. */
static void should_unlink_what_was_never_completed(void)
{
    char name[64];
    put(own(name, sizeof name, "1-0"), "", 0);
    put(own(name, sizeof name, "1-1"), "VELOXSEG", 8);
    put(own(name, sizeof name, "1-2"), "VEL", 3);
    CHECK_EQUAL(velox_segment_clean(directory), 3);
}

static void should_leave_files_that_are_not_segments(void)
{
    static const char *const names[] = {"velox-.seg", "velox-0.seg",
                                        "notes.txt",  "velox-4294967294-1-0.seg",
                                        "velox.seg",  "xvelox-0-1-0.seg"};
    const int count = (int)(sizeof names / sizeof names[0]);
    char other[4096];
    char name[64];
    char bare[32];
    memset(other, 'x', sizeof other);
    for (int i = 0; i < count; i++)
        put(names[i], "VELOXSEG", 8);
    put(own(name, sizeof name, "1-0"), other, sizeof other); /* the name, but another's content */
    put(own(name, sizeof name, "1-0.seg"), "VELOXSEG", 8);
    put(own(name, sizeof name, "1-x"), "VELOXSEG", 8);
    snprintf(bare, sizeof bare, "velox-%u-", (unsigned)geteuid());
    put(bare, "VELOXSEG", 8);
    put(own(name, sizeof name, "1-"), "VELOXSEG", 8);
    CHECK_EQUAL(velox_segment_clean(directory), 0);
    CHECK_EQUAL(scratch_count_files(directory), count + 5);
    for (int i = 0; i < count; i++)
        remove_file(names[i]);
    remove_file(own(name, sizeof name, "1-0"));
    remove_file(own(name, sizeof name, "1-0.seg"));
    remove_file(own(name, sizeof name, "1-x"));
    remove_file(bare);
    remove_file(own(name, sizeof name, "1-"));
}

static void should_follow_no_link_and_wait_for_no_pipe(void)
{
    char name[64];
    char path[256];
    put("target", "VELOXSEG", 8);
    path_of(path, sizeof path, own(name, sizeof name, "1-0"));
    CHECK_EQUAL(symlink("target", path), 0);
    path_of(path, sizeof path, own(name, sizeof name, "1-1"));
    CHECK_EQUAL(mkfifo(path, 0600), 0);
    path_of(path, sizeof path, own(name, sizeof name, "1-2"));
    CHECK_EQUAL(mkdir(path, 0700), 0);
    CHECK_EQUAL(velox_segment_clean(directory), 0);
    CHECK_EQUAL(scratch_count_files(directory), 4);
    CHECK_EQUAL(rmdir(path), 0);
    remove_file(own(name, sizeof name, "1-0"));
    remove_file(own(name, sizeof name, "1-1"));
    remove_file("target");
}

static void should_leave_another_users_files(void)
{
    char name[64];
    char path[256];
    put(own(name, sizeof name, "1-0"), "VELOXSEG", 8);
    path_of(path, sizeof path, name);
    if (chown(path, 65534, (gid_t)-1) != 0)
        printf("skipped: giving a file away needs root\n");
    else
        CHECK_EQUAL(velox_segment_clean(directory), 0);
    remove_file(name);
}

static void should_say_when_there_is_no_such_directory(void)
{
    CHECK_EQUAL(velox_segment_clean("/nowhere/at/all"), -VELOX_SEGMENT_MISSING);
}

/* Creates and destroys; 1 when a segment was taken away from it in between. */
static int start_again_and_again(void)
{
    static fixture self;
    for (int i = 0; i < STARTS; i++) {
        char error[VELOX_ERROR_BYTES];
        if (fixture_create(&self, directory, error) != VELOX_OK)
            return 2;
        const int kept = vx_segment_is_linked(AT_FDCWD, self.segment.path, self.segment.fd);
        vx_segment_publish(&self.segment);
        if (!kept || !vx_segment_is_linked(AT_FDCWD, self.segment.path, self.segment.fd))
            return 1;
        if (i % 8 != 7) /* every eighth is left to the cleaner */
            vx_segment_destroy(&self.segment);
        else
            close(self.segment.fd);
    }
    return 0;
}

static void should_never_take_a_segment_from_a_process_that_starts(void)
{
    int left = STARTERS;
    int cleaned = 0;
    fflush(stdout);
    for (int i = 0; i < STARTERS; i++)
        if (fork() == 0)
            _exit(start_again_and_again());
    while (left > 0) {
        int status;
        const int count = velox_segment_clean(directory);
        CHECK(count >= 0);
        cleaned += count;
        if (waitpid(-1, &status, WNOHANG) <= 0)
            continue;
        CHECK(WIFEXITED(status));
        CHECK_EQUAL(WEXITSTATUS(status), 0);
        left--;
    }
    cleaned += velox_segment_clean(directory);
    CHECK(cleaned >= STARTERS * (STARTS / 8));
    CHECK_EQUAL(scratch_count_files(directory), 0);
}

int main(void)
{
    fixture_directory(directory);
    RUN(should_unlink_what_a_killed_process_left);
    RUN(should_leave_the_living_alone);
    RUN(should_unlink_what_was_never_completed);
    RUN(should_leave_files_that_are_not_segments);
    RUN(should_follow_no_link_and_wait_for_no_pipe);
    RUN(should_leave_another_users_files);
    RUN(should_say_when_there_is_no_such_directory);
    RUN(should_never_take_a_segment_from_a_process_that_starts);
    fixture_remove_directory(directory);
    return 0;
}
