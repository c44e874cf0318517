/* Reading a segment: what a whole one gives, what is refused and by which name, truncation under an open
 * reader. */
#include "cut.h"
#include "segment_fixture.h"

#define WORDS 5 /* newest, seed, in, dropped, out */

static char directory[64];
static fixture self;

static void should_give_header_run_id_and_table_as_written(void)
{
    uint64_t header[VELOX_HEADER_COUNT];
    char run_id[VELOX_LABEL_BYTES];
    static vx_row rows[VX_ROWS_MAX];
    fixture_open(&self, directory);
    velox_reader *const reader = fixture_reader(self.segment.path);
    CHECK_EQUAL(velox_reader_header(reader, header), VELOX_OK);
    CHECK_EQUAL(header[VELOX_HEADER_VERSION], VELOX_SEGMENT_VERSION);
    CHECK_EQUAL(header[VELOX_HEADER_PID], VELOX_HEADER_PID); /* as the fixture set it */
    CHECK_EQUAL(header[VELOX_HEADER_BYTES], self.layout.bytes);
    CHECK_EQUAL(header[VELOX_HEADER_WORDS], WORDS);
    CHECK_EQUAL(velox_reader_run_id(reader, run_id), VELOX_OK);
    CHECK_EQUAL(strcmp(run_id, "run-1"), 0);
    const uint64_t bytes = self.layout.count * sizeof(vx_row);
    CHECK_EQUAL(velox_reader_table(reader, rows, bytes - 1), VELOX_INVALID_ARGUMENT);
    CHECK_EQUAL(velox_reader_table(reader, rows, bytes), VELOX_OK);
    CHECK_EQUAL(memcmp(rows, self.layout.rows, bytes), 0);
    velox_reader_close(reader);
    vx_segment_destroy(&self.segment);
}

static void should_give_words_in_table_order(void)
{
    uint64_t words[WORDS + 1];
    const uint64_t expected[WORDS] = {6, 77, 30, 20, 10};
    fixture_open(&self, directory);
    vx_store_release(fixture_word(&self, self.newest), 6);
    vx_store_release(fixture_word(&self, self.newest + 8), 77);
    for (uint64_t i = 0; i < 3; i++)
        vx_store_release(fixture_word(&self, self.block + 8 * i), 30 - 10 * i);
    velox_reader *const reader = fixture_reader(self.segment.path);
    CHECK_EQUAL(velox_reader_words(reader, words, WORDS - 1), VELOX_INVALID_ARGUMENT);
    words[WORDS] = 4711;
    CHECK_EQUAL(velox_reader_words(reader, words, WORDS + 1), VELOX_OK);
    CHECK_EQUAL(memcmp(words, expected, sizeof expected), 0);
    CHECK_EQUAL(words[WORDS], 4711);
    velox_reader_close(reader);
    vx_segment_destroy(&self.segment);
}

static void store_block(uint64_t in, uint64_t dropped, uint64_t out)
{
    vx_store_release(fixture_word(&self, self.block), in);
    vx_store_release(fixture_word(&self, self.block + 8), dropped);
    vx_store_release(fixture_word(&self, self.block + 16), out);
}

static void cut(uint64_t sequence)
{
    vx_cut_copy(fixture_word(&self, self.copies), fixture_word(&self, self.block), FIXTURE_WORDS, sequence);
    vx_cut_complete(fixture_word(&self, self.newest), sequence);
}

static void should_give_the_newest_complete_cut(void)
{
    uint64_t words[WORDS];
    uint64_t sequence = 99;
    const uint64_t first[WORDS] = {0, 0, 5, 1, 4};
    const uint64_t second[WORDS] = {0, 0, 9, 2, 7};
    fixture_open(&self, directory);
    velox_reader *const reader = fixture_reader(self.segment.path);
    CHECK_EQUAL(velox_reader_cut(reader, words, WORDS, &sequence), VELOX_NOT_READY);
    CHECK_EQUAL(velox_reader_cut(reader, words, WORDS - 1, &sequence), VELOX_INVALID_ARGUMENT);
    store_block(5, 1, 4);
    cut(1);
    store_block(9, 2, 7); /* since the cut */
    CHECK_EQUAL(velox_reader_cut(reader, words, WORDS, &sequence), VELOX_OK);
    CHECK_EQUAL(sequence, 1);
    CHECK_EQUAL(memcmp(words, first, sizeof words), 0);
    cut(2);
    store_block(90, 20, 70);
    CHECK_EQUAL(velox_reader_cut(reader, words, WORDS, &sequence), VELOX_OK);
    CHECK_EQUAL(sequence, 2);
    CHECK_EQUAL(memcmp(words, second, sizeof words), 0);
    velox_reader_close(reader);
    vx_segment_destroy(&self.segment);
}

static void should_give_a_histogram(void)
{
    static uint64_t words[1 + VELOX_HISTOGRAM_BUCKETS];
    fixture_open(&self, directory);
    vx_histogram *const histogram = (void *)(self.segment.base + self.histogram);
    vx_histogram_record_n(histogram, 7, 3);
    vx_histogram_record(histogram, UINT64_C(1) << 40);
    velox_reader *const reader = fixture_reader(self.segment.path);
    const uint32_t count = 1 + VELOX_HISTOGRAM_BUCKETS;
    CHECK_EQUAL(velox_reader_histogram(reader, self.histogram_row, words, count - 1), VELOX_INVALID_ARGUMENT);
    CHECK_EQUAL(velox_reader_histogram(reader, self.book_row, words, count), VELOX_INVALID_ARGUMENT);
    CHECK_EQUAL(velox_reader_histogram(reader, self.layout.count, words, count), VELOX_INVALID_ARGUMENT);
    CHECK_EQUAL(velox_reader_histogram(reader, UINT32_MAX, words, count), VELOX_INVALID_ARGUMENT);
    CHECK_EQUAL(velox_reader_histogram(reader, self.histogram_row, words, count), VELOX_OK);
    CHECK_EQUAL(words[0], 21 + (UINT64_C(1) << 40));
    for (uint32_t i = 0; i < VELOX_HISTOGRAM_BUCKETS; i++)
        CHECK_EQUAL(words[1 + i], i == 7 ? 3 : i == VELOX_HISTOGRAM_BUCKETS - 1);
    velox_reader_close(reader);
    vx_segment_destroy(&self.segment);
}

static void should_give_the_books_quantities_bids_first(void)
{
    uint64_t quantities[2 * FIXTURE_BOOK];
    fixture_open(&self, directory);
    for (uint64_t i = 0; i < 2 * FIXTURE_BOOK; i++) {
        vx_store_relaxed(fixture_word(&self, self.book + 64 * i), 100 + i);
        vx_store_relaxed(fixture_word(&self, self.book + 64 * i + 8), 999); /* the time is not asked for */
    }
    velox_reader *const reader = fixture_reader(self.segment.path);
    CHECK_EQUAL(velox_reader_book(reader, self.book_row, quantities, 2 * FIXTURE_BOOK - 1),
                VELOX_INVALID_ARGUMENT);
    CHECK_EQUAL(velox_reader_book(reader, self.log_row, quantities, 2 * FIXTURE_BOOK),
                VELOX_INVALID_ARGUMENT);
    CHECK_EQUAL(velox_reader_book(reader, self.book_row, quantities, 2 * FIXTURE_BOOK), VELOX_OK);
    for (uint64_t i = 0; i < 2 * FIXTURE_BOOK; i++)
        CHECK_EQUAL(quantities[i], 100 + i);
    velox_reader_close(reader);
    vx_segment_destroy(&self.segment);
}

static void should_give_log_and_text(void)
{
    uint64_t records[4 * FIXTURE_LOG];
    char text[FIXTURE_TEXT + 1];
    fixture_open(&self, directory);
    for (uint64_t i = 0; i < 4 * FIXTURE_LOG; i++)
        vx_store_relaxed(fixture_word(&self, self.log + 8 * i), i + 1);
    memcpy(self.segment.base + self.text, "because", 7);
    velox_reader *const reader = fixture_reader(self.segment.path);
    CHECK_EQUAL(velox_reader_log(reader, self.log_row, records, 4 * FIXTURE_LOG - 1), VELOX_INVALID_ARGUMENT);
    CHECK_EQUAL(velox_reader_log(reader, self.log_row, records, 4 * FIXTURE_LOG), VELOX_OK);
    for (uint64_t i = 0; i < 4 * FIXTURE_LOG; i++)
        CHECK_EQUAL(records[i], i + 1);
    vx_store_relaxed(fixture_word(&self, self.log), 0); /* the first record is being written over */
    CHECK_EQUAL(velox_reader_log(reader, self.log_row, records, 4 * FIXTURE_LOG), VELOX_OK);
    CHECK_EQUAL(records[0] | records[1] | records[2] | records[3], 0);
    CHECK_EQUAL(records[4], 5);
    CHECK_EQUAL(velox_reader_text(reader, self.text_row, text, 0), VELOX_INVALID_ARGUMENT);
    CHECK_EQUAL(velox_reader_text(reader, self.log_row, text, sizeof text), VELOX_INVALID_ARGUMENT);
    CHECK_EQUAL(velox_reader_text(reader, self.text_row, text, 4), VELOX_OK);
    CHECK_EQUAL(strcmp(text, "bec"), 0);
    CHECK_EQUAL(velox_reader_text(reader, self.text_row, text, sizeof text), VELOX_OK);
    CHECK_EQUAL(strcmp(text, "because"), 0);
    memset(self.segment.base + self.text, 'a', FIXTURE_TEXT); /* without a NUL of its own */
    CHECK_EQUAL(velox_reader_text(reader, self.text_row, text, sizeof text), VELOX_OK);
    CHECK_EQUAL(strlen(text), FIXTURE_TEXT);
    velox_reader_close(reader);
    vx_segment_destroy(&self.segment);
}

static void should_read_on_after_the_owner_has_gone(void)
{
    uint64_t words[WORDS];
    fixture_open(&self, directory);
    store_block(3, 2, 1);
    velox_reader *const reader = fixture_reader(self.segment.path);
    vx_segment_destroy(&self.segment);
    CHECK_EQUAL(velox_reader_words(reader, words, WORDS), VELOX_OK);
    CHECK_EQUAL(words[2], 3);
    velox_reader_close(reader);
}

/* All readings; they agree on the status. */
static int read_all(const velox_reader *reader)
{
    static uint64_t words[1 + VELOX_HISTOGRAM_BUCKETS];
    uint64_t sequence;
    char text[FIXTURE_TEXT] = "before";
    const int status = velox_reader_words(reader, words, WORDS);
    CHECK_EQUAL(velox_reader_cut(reader, words, WORDS, &sequence), status);
    CHECK_EQUAL(velox_reader_histogram(reader, self.histogram_row, words, 1 + VELOX_HISTOGRAM_BUCKETS),
                status);
    CHECK_EQUAL(velox_reader_book(reader, self.book_row, words, 2 * FIXTURE_BOOK), status);
    CHECK_EQUAL(velox_reader_log(reader, self.log_row, words, 4 * FIXTURE_LOG), status);
    CHECK_EQUAL(velox_reader_text(reader, self.text_row, text, sizeof text), status);
    CHECK_EQUAL(text[0], '\0');
    return status;
}

static void should_say_so_when_truncated_while_open(void)
{
    uint64_t header[VELOX_HEADER_COUNT];
    fixture_open(&self, directory);
    cut(1);
    velox_reader *const reader = fixture_reader(self.segment.path);
    CHECK_EQUAL(read_all(reader), VELOX_OK);
    CHECK_EQUAL(ftruncate(self.segment.fd, (off_t)self.layout.bytes - 1), 0);
    CHECK_EQUAL(read_all(reader), VELOX_SEGMENT_TRUNCATED);
    CHECK_EQUAL(ftruncate(self.segment.fd, 0), 0);
    CHECK_EQUAL(read_all(reader), VELOX_SEGMENT_TRUNCATED);
    CHECK_EQUAL(velox_reader_header(reader, header), VELOX_OK); /* its own copy */
    CHECK_EQUAL(header[VELOX_HEADER_WORDS], WORDS);
    velox_reader_close(reader);
    vx_segment_destroy(&self.segment);
}

static void should_survive_closing_nothing(void)
{
    velox_reader_close(NULL);
}

static void should_name_every_status(void)
{
    for (int i = VELOX_OK; i <= VELOX_OUTPUT_REFUSED; i++)
        for (int k = i + 1; k <= VELOX_OUTPUT_REFUSED + 1; k++)
            CHECK(strcmp(velox_status_text(i), velox_status_text(k)) != 0);
    CHECK_EQUAL(strcmp(velox_status_text(-1), velox_status_text(VELOX_SEGMENT_REFUSED + 1)), 0);
    CHECK_EQUAL(velox_interface(), VELOX_INTERFACE);
}

int main(void)
{
    fixture_directory(directory);
    RUN(should_give_header_run_id_and_table_as_written);
    RUN(should_give_words_in_table_order);
    RUN(should_give_the_newest_complete_cut);
    RUN(should_give_a_histogram);
    RUN(should_give_the_books_quantities_bids_first);
    RUN(should_give_log_and_text);
    RUN(should_read_on_after_the_owner_has_gone);
    RUN(should_say_so_when_truncated_while_open);
    RUN(should_survive_closing_nothing);
    RUN(should_name_every_status);
    fixture_remove_directory(directory);
    return 0;
}
