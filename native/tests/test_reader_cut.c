/* A segment that another cuts short at the very moment of a reading or of its opening, behind any look at its
 * size: each says so, and the process lives. The looks pass through the test. */
#include <sys/stat.h>

#include "segment_fixture.h"

int __real_fstat(int fd, struct stat *file);
int __wrap_fstat(int fd, struct stat *file);

static char directory[64];
static fixture self;
static int looks_left = -1; /* until the file is cut; -1: it is not */
static int grows_again;

int __wrap_fstat(int fd, struct stat *file)
{
    const int result = __real_fstat(fd, file);
    if (looks_left >= 0 && looks_left-- == 0) {
        CHECK_EQUAL(ftruncate(self.segment.fd, 0), 0);
        if (grows_again)
            CHECK_EQUAL(ftruncate(self.segment.fd, (off_t)self.segment.bytes), 0);
    }
    return result;
}

typedef int (*reading)(const velox_reader *reader);

static int read_words(const velox_reader *reader)
{
    uint64_t words[16];
    return velox_reader_words(reader, words, 16);
}

static int read_cut(const velox_reader *reader)
{
    uint64_t words[16];
    uint64_t sequence;
    return velox_reader_cut(reader, words, 16, &sequence);
}

static int read_histogram(const velox_reader *reader)
{
    static uint64_t words[1 + VELOX_HISTOGRAM_BUCKETS];
    return velox_reader_histogram(reader, self.histogram_row, words, 1 + VELOX_HISTOGRAM_BUCKETS);
}

static int read_book(const velox_reader *reader)
{
    uint64_t words[2 * FIXTURE_BOOK];
    return velox_reader_book(reader, self.book_row, words, 2 * FIXTURE_BOOK);
}

static int read_log(const velox_reader *reader)
{
    uint64_t words[4 * FIXTURE_LOG];
    return velox_reader_log(reader, self.log_row, words, 4 * FIXTURE_LOG);
}

static int read_text(const velox_reader *reader)
{
    char text[FIXTURE_TEXT + 1] = "before";
    const int status = velox_reader_text(reader, self.text_row, text, sizeof text);
    CHECK_EQUAL(text[0], '\0');
    return status;
}

static void should_say_so_in_whatever_reading_it_happens(void)
{
    static const reading readings[] = {read_words, read_cut, read_histogram, read_book, read_log, read_text};
    for (size_t i = 0; i < sizeof readings / sizeof *readings; i++) {
        fixture_open(&self, directory);
        velox_reader *const reader = fixture_reader(self.segment.path);
        looks_left = 0;
        CHECK_EQUAL(readings[i](reader), VELOX_SEGMENT_TRUNCATED);
        CHECK_EQUAL(looks_left, -1);
        CHECK_EQUAL(read_words(reader), VELOX_SEGMENT_TRUNCATED);
        velox_reader_close(reader);
        vx_segment_destroy(&self.segment);
    }
}

static void should_say_so_at_whatever_step_of_the_opening(void)
{
    char error[VELOX_ERROR_BYTES];
    velox_reader *reader = NULL;
    for (int looks = 0; looks_left == -1; looks++) {
        fixture_open(&self, directory);
        looks_left = looks;
        const int status = velox_reader_open(self.segment.path, &reader, error);
        if (looks_left == -1 && status == VELOX_OK) /* behind the last look */
            CHECK_EQUAL(read_words(reader), VELOX_SEGMENT_TRUNCATED);
        else if (looks_left == -1)
            CHECK(status == VELOX_SEGMENT_TRUNCATED && strstr(error, self.segment.path) != NULL);
        if (status == VELOX_OK)
            velox_reader_close(reader);
        vx_segment_destroy(&self.segment);
    }
    looks_left = -1;
}

int main(void)
{
    fixture_directory(directory);
    RUN(should_say_so_in_whatever_reading_it_happens);
    RUN(should_say_so_at_whatever_step_of_the_opening);
    grows_again = 1;
    RUN(should_say_so_in_whatever_reading_it_happens);
    fixture_remove_directory(directory);
    return 0;
}
