/* Opening a segment: what is refused, under which name and with what message. */
#include <fcntl.h>
#include <sys/stat.h>

#include "open_files.h"
#include "segment_fixture.h"

static char directory[64];
static fixture self;

/* Opening is refused with the status, in one line that names the file and says `why`. */
static void check_refused(const char *path, velox_status expected, const char *why)
{
    const int before = count_descriptors();
    const int mapped = is_mapped(path); /* by its owner */
    char error[VELOX_ERROR_BYTES] = "";
    velox_reader *reader = NULL;
    const int status = velox_reader_open(path, &reader, error);
    if (status != (int)expected || strstr(error, why) == NULL)
        fprintf(stderr, "status %d: %s\n", status, error);
    CHECK_EQUAL(status, expected);
    CHECK(reader == NULL);
    CHECK_EQUAL(count_descriptors(), before);
    CHECK_EQUAL(is_mapped(path), mapped);
    CHECK(strstr(error, path) != NULL && strstr(error, why) != NULL && strchr(error, '\n') == NULL);
}

static void should_wait_for_the_version(void)
{
    char error[VELOX_ERROR_BYTES];
    CHECK_EQUAL(fixture_create(&self, directory, error), VELOX_OK);
    check_refused(self.segment.path, VELOX_NOT_READY, "not complete yet");
    vx_segment_publish(&self.segment);
    velox_reader_close(fixture_reader(self.segment.path));
    vx_segment_destroy(&self.segment);
}

static void should_refuse_a_newer_layout_by_its_number(void)
{
    fixture_open(&self, directory);
    vx_segment_header *const head = (void *)self.segment.base;
    vx_store_release(&head->version, VELOX_SEGMENT_VERSION + 1);
    check_refused(self.segment.path, VELOX_SEGMENT_NEWER, "has layout 2, this program reads 1");
    vx_segment_destroy(&self.segment);
}

static void put(const char *path, const void *bytes, size_t count)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    CHECK(fd >= 0);
    CHECK_EQUAL(write(fd, bytes, count), count);
    close(fd);
}

static void should_refuse_what_is_no_segment(void)
{
    static char bytes[8192];
    char path[128];
    snprintf(path, sizeof path, "%s/other", directory);
    check_refused(path, VELOX_SEGMENT_MISSING, "no such file");
    CHECK_EQUAL(mkdir(path, 0700), 0);
    check_refused(path, VELOX_SEGMENT_FOREIGN, "not a regular file");
    CHECK_EQUAL(rmdir(path), 0);
    CHECK_EQUAL(mkfifo(path, 0600), 0);
    check_refused(path, VELOX_SEGMENT_FOREIGN, "not a regular file");
    CHECK_EQUAL(unlink(path), 0);
    CHECK_EQUAL(symlink("/dev/zero", path), 0);
    check_refused(path, VELOX_SEGMENT_FOREIGN, "symbolic link");
    CHECK_EQUAL(unlink(path), 0);
    check_refused("/dev/zero", VELOX_SEGMENT_FOREIGN, "not a regular file");
    memset(bytes, 'x', sizeof bytes);
    put(path, bytes, sizeof bytes);
    check_refused(path, VELOX_SEGMENT_FOREIGN, "not a Velox segment");
    put(path, "short", 5);
    check_refused(path, VELOX_SEGMENT_FOREIGN, "not a Velox segment");
    CHECK_EQUAL(unlink(path), 0);
}

static void should_refuse_every_truncated_file(void)
{
    fixture_open(&self, directory);
    static uint8_t whole[VX_HEADER_BYTES + VX_ROWS_MAX * VELOX_ROW_BYTES + 65536];
    const size_t bytes = self.layout.bytes;
    char path[128];
    CHECK(bytes <= sizeof whole);
    memcpy(whole, self.segment.base, bytes);
    snprintf(path, sizeof path, "%s/truncated", directory);
    const size_t sizes[] = {0, 1, 7, 8, 176, 4095, 4096, 4097, 8192, bytes / 2, bytes - 1};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        put(path, whole, sizes[i]);
        check_refused(path, VELOX_SEGMENT_TRUNCATED, "shorter than");
    }
    put(path, whole, bytes);
    velox_reader_close(fixture_reader(path));
    CHECK_EQUAL(unlink(path), 0);
    vx_segment_destroy(&self.segment);
}

/* Also where the descriptor is 0, as in a daemon. */
static void should_leave_nothing_open(void)
{
    fixture_open(&self, directory);
    const int before = count_descriptors();
    const int input = dup(0); /* -1: it is closed already */
    close(0);
    velox_reader *const reader = fixture_reader(self.segment.path);
    velox_reader_close(reader);
    CHECK(fcntl(0, F_GETFD) < 0);
    if (input >= 0)
        CHECK_EQUAL(dup2(input, 0), 0);
    close(input);
    CHECK_EQUAL(count_descriptors(), before);
    vx_segment_destroy(&self.segment);
    CHECK(!is_mapped(directory));
}

int main(void)
{
    fixture_directory(directory);
    RUN(should_wait_for_the_version);
    RUN(should_refuse_a_newer_layout_by_its_number);
    RUN(should_refuse_what_is_no_segment);
    RUN(should_refuse_every_truncated_file);
    RUN(should_leave_nothing_open);
    fixture_remove_directory(directory);
    return 0;
}
