/* Creating, publishing and destroying a segment: its file, its refusals, its header and table as they lie. */
#include "segment.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "segment_fixture.h"

static char directory[64];

static void name_of(char *path, size_t room, int n)
{
    snprintf(path, room, "%s/velox-%u-%d-%d.seg", directory, (unsigned)geteuid(), (int)getpid(), n);
}

static void should_make_a_private_file_allocated_in_full(void)
{
    static fixture self;
    struct stat file;
    char path[128];
    fixture_open(&self, directory);
    name_of(path, sizeof path, 0);
    CHECK_EQUAL(strcmp(self.segment.path, path), 0);
    CHECK_EQUAL(stat(path, &file), 0);
    CHECK_EQUAL(file.st_mode, S_IFREG | 0600);
    CHECK_EQUAL(file.st_size, self.layout.bytes);
    CHECK(file.st_blocks * 512 >= file.st_size);
    vx_segment_destroy(&self.segment);
    CHECK_EQUAL(scratch_count_files(directory), 0);
}

static void should_keep_0600_whatever_the_umask(void)
{
    static fixture self;
    struct stat file;
    const mode_t before = umask(0);
    fixture_open(&self, directory);
    umask(before);
    CHECK_EQUAL(stat(self.segment.path, &file), 0);
    CHECK_EQUAL(file.st_mode & 0777, 0600);
    vx_segment_destroy(&self.segment);
}

static void should_lay_down_header_and_table_and_the_version_last(void)
{
    static fixture self;
    char error[VELOX_ERROR_BYTES];
    CHECK_EQUAL(fixture_create(&self, directory, error), VELOX_OK);
    const vx_segment_header *const head = (const void *)self.segment.base;
    CHECK_EQUAL(memcmp(head->magic, "VELOXSEG", 8), 0);
    CHECK_EQUAL(vx_load_acquire(&head->version), 0);
    CHECK_EQUAL(head->header[VELOX_HEADER_PID], VELOX_HEADER_PID); /* as given */
    CHECK_EQUAL(head->header[VELOX_HEADER_BYTES], self.layout.bytes);
    CHECK_EQUAL(head->header[VELOX_HEADER_ROWS], self.layout.count);
    CHECK_EQUAL(head->header[VELOX_HEADER_WORDS], 5);
    CHECK_EQUAL(strcmp(head->run_id, "run-1"), 0);
    CHECK_EQUAL(memcmp(self.segment.base + 4096, self.layout.rows, self.layout.count * sizeof(vx_row)), 0);
    for (uint64_t i = self.newest; i < self.layout.bytes; i++)
        CHECK_EQUAL(self.segment.base[i], 0);
    vx_segment_publish(&self.segment);
    CHECK_EQUAL(vx_load_acquire(&head->version), VELOX_SEGMENT_VERSION);
    vx_segment_destroy(&self.segment);
}

static void should_cut_a_run_id_that_is_too_long(void)
{
    static fixture self;
    uint64_t header[VELOX_HEADER_COUNT] = {0};
    char error[VELOX_ERROR_BYTES];
    fixture_plan(&self);
    CHECK_EQUAL(vx_segment_create(&self.segment, &self.layout, directory,
                                  "0123456789012345678901234567890123456789", header, error),
                VELOX_OK);
    const vx_segment_header *const head = (const void *)self.segment.base;
    CHECK_EQUAL(strcmp(head->run_id, "0123456789012345678901234567890"), 0);
    vx_segment_destroy(&self.segment);
}

static void should_number_the_segments_of_one_process(void)
{
    static fixture first;
    static fixture second;
    fixture_open(&first, directory);
    fixture_open(&second, directory);
    CHECK(strcmp(first.segment.path, second.segment.path) != 0);
    CHECK_EQUAL(scratch_count_files(directory), 2);
    vx_segment_destroy(&first.segment);
    CHECK_EQUAL(access(second.segment.path, F_OK), 0);
    vx_segment_destroy(&second.segment);
}

static void should_destroy_twice_as_once(void)
{
    static fixture self;
    fixture_open(&self, directory);
    vx_segment_destroy(&self.segment);
    CHECK(self.segment.fd == -1 && self.segment.base == NULL); /* the number may be another file's by now */
    vx_segment_destroy(&self.segment);
    vx_segment nothing = {0};
    const int input = fcntl(0, F_GETFD);
    vx_segment_destroy(&nothing);
    CHECK_EQUAL(fcntl(0, F_GETFD), input); /* descriptor 0 is not its own */
}

/* Somebody deleted the file and another now bears the name: it is not ours to unlink. */
static void should_not_unlink_another_file_of_its_name(void)
{
    static fixture first;
    static fixture second;
    fixture_open(&first, directory);
    CHECK_EQUAL(unlink(first.segment.path), 0);
    fixture_open(&second, directory);
    CHECK_EQUAL(strcmp(first.segment.path, second.segment.path), 0);
    vx_segment_destroy(&first.segment);
    CHECK_EQUAL(access(second.segment.path, F_OK), 0);
    vx_segment_destroy(&second.segment);
}

static void should_follow_no_link_and_overwrite_nothing(void)
{
    static fixture self;
    char link_path[128];
    char target[128];
    struct stat file;
    name_of(link_path, sizeof link_path, 0);
    snprintf(target, sizeof target, "%s/target", directory);
    CHECK_EQUAL(symlink(target, link_path), 0);
    fixture_open(&self, directory);
    CHECK(strcmp(self.segment.path, link_path) != 0);
    CHECK_EQUAL(access(target, F_OK), -1);
    CHECK_EQUAL(lstat(link_path, &file), 0);
    CHECK(S_ISLNK(file.st_mode));
    vx_segment_destroy(&self.segment);
    CHECK_EQUAL(unlink(link_path), 0);
}

static void should_refuse_a_directory_that_is_not_there(void)
{
    static fixture self;
    char error[VELOX_ERROR_BYTES];
    CHECK_EQUAL(fixture_create(&self, "/nowhere/at/all", error), VELOX_SEGMENT_REFUSED);
    CHECK(strstr(error, "/nowhere/at/all: no such directory") != NULL);
    char deep[300];
    memset(deep, 'd', sizeof deep);
    deep[0] = '/';
    deep[sizeof deep - 1] = '\0';
    CHECK_EQUAL(fixture_create(&self, deep, error), VELOX_INVALID_ARGUMENT);
}

static void should_refuse_a_plan_with_too_many_rows(void)
{
    static fixture self;
    uint64_t header[VELOX_HEADER_COUNT] = {0};
    char error[VELOX_ERROR_BYTES];
    vx_layout_init(&self.layout);
    for (int i = 0; i < VX_ROWS_MAX; i++)
        vx_layout_add(&self.layout, VELOX_KIND_TEXT, VELOX_UNIT_NONE, VELOX_ROLE_NONE, 0, 0, "row", "");
    CHECK_EQUAL(vx_segment_create(&self.segment, &self.layout, directory, "", header, error), VELOX_OK);
    vx_segment_destroy(&self.segment);
    vx_layout_add(&self.layout, VELOX_KIND_TEXT, VELOX_UNIT_NONE, VELOX_ROLE_NONE, 0, 0, "row", "");
    CHECK_EQUAL(vx_segment_create(&self.segment, &self.layout, directory, "", header, error),
                VELOX_INVALID_ARGUMENT);
    CHECK(strstr(error, "too many rows") != NULL);
}

static void should_align_what_is_reserved(void)
{
    static vx_layout layout;
    vx_layout_init(&layout);
    const uint64_t first = vx_layout_reserve(&layout, 1);
    CHECK_EQUAL(first, VX_HEADER_BYTES + VX_ROWS_MAX * VELOX_ROW_BYTES);
    CHECK_EQUAL(vx_layout_reserve(&layout, 128), first + 128);
    CHECK_EQUAL(vx_layout_reserve(&layout, 129), first + 256);
    CHECK_EQUAL(layout.bytes, first + 512);
}

/* In a process of its own; the exit status says how it went: 0 as expected, 77 not possible here. */
static int in_a_child(int (*body)(void))
{
    int status;
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0)
        _exit(body());
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    CHECK(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* Creates where there is no room: the status, the message, and nothing left behind. */
static int refuses_when_full(void)
{
    static fixture self;
    char error[VELOX_ERROR_BYTES] = "";
    char needed[32];
    const velox_status status = fixture_create(&self, directory, error);
    snprintf(needed, sizeof needed, "%" PRIu64 " bytes", self.layout.bytes);
    if (status != VELOX_SEGMENT_FULL || strstr(error, directory) == NULL || strstr(error, needed) == NULL ||
        strchr(error, '\n') != NULL || scratch_count_files(directory) != 0) {
        fprintf(stderr, "status %d: %s\n", (int)status, error);
        return 1;
    }
    return 0;
}

static int fill_a_small_tmpfs(void)
{
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", directory, "tmpfs", 0, "size=64k") != 0)
        return 77;
    return refuses_when_full();
}

/* Room for bytes, but not for one more file. */
static int use_up_a_tmpfs(void)
{
    static fixture self;
    char error[VELOX_ERROR_BYTES] = "";
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", directory, "tmpfs", 0, "nr_inodes=1") != 0)
        return 77;
    const velox_status status = fixture_create(&self, directory, error);
    return status == VELOX_SEGMENT_FULL && strstr(error, "one more file") != NULL ? 0 : 1;
}

static void should_say_when_the_file_system_is_full(void)
{
    int result = in_a_child(use_up_a_tmpfs);
    CHECK(result == 0 || result == 77);
    result = in_a_child(fill_a_small_tmpfs);
    if (result == 77)
        printf("skipped: mounting a small tmpfs needs root\n");
    else
        CHECK_EQUAL(result, 0);
}

static int lower_the_limit(void)
{
    const struct rlimit limit = {65536, 65536};
    signal(SIGXFSZ, SIG_IGN);
    return setrlimit(RLIMIT_FSIZE, &limit) != 0 ? 77 : refuses_when_full();
}

static void should_say_when_a_file_may_not_grow_so_large(void)
{
    const int result = in_a_child(lower_the_limit);
    if (result == 77)
        printf("skipped: the limit cannot be lowered\n");
    else
        CHECK_EQUAL(result, 0);
}

static int create_as_a_user(void)
{
    static fixture self;
    char error[VELOX_ERROR_BYTES] = "";
    if (geteuid() == 0 && setuid(65534) != 0)
        return 77;
    const velox_status status = fixture_create(&self, directory, error);
    return status == VELOX_SEGMENT_REFUSED && strstr(error, directory) != NULL ? 0 : 1;
}

static void should_say_where_it_may_not_write(void)
{
    CHECK_EQUAL(chmod(directory, 0500), 0);
    const int result = in_a_child(create_as_a_user);
    CHECK_EQUAL(chmod(directory, 0700), 0);
    if (result == 77)
        printf("skipped: cannot become another user\n");
    else
        CHECK_EQUAL(result, 0);
}

int main(void)
{
    fixture_directory(directory);
    RUN(should_make_a_private_file_allocated_in_full);
    RUN(should_keep_0600_whatever_the_umask);
    RUN(should_lay_down_header_and_table_and_the_version_last);
    RUN(should_cut_a_run_id_that_is_too_long);
    RUN(should_number_the_segments_of_one_process);
    RUN(should_destroy_twice_as_once);
    RUN(should_not_unlink_another_file_of_its_name);
    RUN(should_follow_no_link_and_overwrite_nothing);
    RUN(should_refuse_a_directory_that_is_not_there);
    RUN(should_refuse_a_plan_with_too_many_rows);
    RUN(should_align_what_is_reserved);
    RUN(should_say_when_the_file_system_is_full);
    RUN(should_say_when_a_file_may_not_grow_so_large);
    RUN(should_say_where_it_may_not_write);
    fixture_remove_directory(directory);
    return 0;
}
