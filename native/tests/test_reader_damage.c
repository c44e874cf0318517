/* Damaged and hostile segments: every field of header and table set to what it must not be, then bytes at
 * random. Nothing crashes; what opens can be read. */
#include "segment_fixture.h"

#define ROUNDS 60000

static char directory[64];
static fixture self;

static uint64_t *header_word(int word)
{
    return &((vx_segment_header *)(void *)self.segment.base)->header[word];
}

static vx_row *row_at(uint32_t row)
{
    return (vx_row *)(void *)(self.segment.base + VX_HEADER_BYTES) + row;
}

static int open_status(velox_reader **reader)
{
    char error[VELOX_ERROR_BYTES] = "";
    const int status = velox_reader_open(self.segment.path, reader, error);
    CHECK((status == VELOX_OK) == (error[0] == '\0'));
    const size_t length = strnlen(error, sizeof error);
    CHECK(length < sizeof error);
    /* The reason comes last. */
    CHECK(length == 0 || (error[length - 1] != ' ' && strstr(error, "(null)") == NULL));
    return status;
}

/* Puts the bytes at `at`, opens, takes them back. */
static int open_with(void *at, const void *bytes, size_t count)
{
    uint8_t before[VELOX_NAME_BYTES];
    velox_reader *reader = NULL;
    memcpy(before, at, count);
    memcpy(at, bytes, count);
    const int status = open_status(&reader);
    if (status == VELOX_OK)
        velox_reader_close(reader);
    memcpy(at, before, count);
    return status;
}

static int open_with_u64(uint64_t *at, uint64_t value)
{
    return open_with(at, &value, sizeof value);
}

static int open_with_u32(void *at, uint32_t value)
{
    return open_with(at, &value, sizeof value);
}

static void should_refuse_a_process_or_a_start_that_cannot_be(void)
{
    static const int times[] = {VELOX_HEADER_START_NS, VELOX_HEADER_START_UNIX_NS};
    CHECK_EQUAL(open_with_u64(header_word(VELOX_HEADER_PID), UINT64_C(1) << 31), VELOX_SEGMENT_FOREIGN);
    CHECK_EQUAL(open_with_u64(header_word(VELOX_HEADER_PID), INT32_MAX), VELOX_OK);
    for (int i = 0; i < 2; i++) {
        CHECK_EQUAL(open_with_u64(header_word(times[i]), UINT64_C(1) << 63), VELOX_SEGMENT_FOREIGN);
        CHECK_EQUAL(open_with_u64(header_word(times[i]), UINT64_MAX), VELOX_SEGMENT_FOREIGN);
        CHECK_EQUAL(open_with_u64(header_word(times[i]), INT64_MAX), VELOX_OK);
        CHECK_EQUAL(open_with_u64(header_word(times[i]), 0), VELOX_OK);
    }
}

static void should_refuse_sizes_that_contradict_the_file(void)
{
    const uint64_t bytes = self.layout.bytes;
    const uint64_t rows = self.layout.count;
    CHECK_EQUAL(open_with_u64(header_word(VELOX_HEADER_BYTES), bytes), VELOX_OK);
    CHECK_EQUAL(open_with_u64(header_word(VELOX_HEADER_BYTES), bytes + 1), VELOX_SEGMENT_TRUNCATED);
    CHECK_EQUAL(open_with_u64(header_word(VELOX_HEADER_BYTES), UINT64_MAX), VELOX_SEGMENT_TRUNCATED);
    CHECK_EQUAL(open_with_u64(header_word(VELOX_HEADER_BYTES), 0), VELOX_SEGMENT_FOREIGN);
    CHECK_EQUAL(open_with_u64(header_word(VELOX_HEADER_BYTES), 4095), VELOX_SEGMENT_FOREIGN);
    CHECK_EQUAL(open_with_u64(header_word(VELOX_HEADER_BYTES), 4096), VELOX_SEGMENT_FOREIGN);
    const uint64_t counts[] = {0, rows - 6, rows + 1, VX_ROWS_MAX + 1, 4097, UINT64_C(1) << 57, UINT64_MAX};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        CHECK_EQUAL(open_with_u64(header_word(VELOX_HEADER_ROWS), counts[i]), VELOX_SEGMENT_FOREIGN);
    const int words[] = {VELOX_HEADER_WORDS, VELOX_HEADER_STAGES, VELOX_HEADER_RINGS};
    for (int i = 0; i < 3; i++) {
        CHECK_EQUAL(open_with_u64(header_word(words[i]), 0), VELOX_SEGMENT_FOREIGN);
        CHECK_EQUAL(open_with_u64(header_word(words[i]), *header_word(words[i]) + 1), VELOX_SEGMENT_FOREIGN);
        CHECK_EQUAL(open_with_u64(header_word(words[i]), UINT64_MAX), VELOX_SEGMENT_FOREIGN);
    }
}

static void should_refuse_data_outside_the_file(void)
{
    const uint64_t bytes = self.layout.bytes;
    const uint64_t table_end = VX_HEADER_BYTES + self.layout.count * sizeof(vx_row);
    for (uint32_t i = 2; i < self.layout.count; i++) {
        uint64_t *const offset = &row_at(i)->offset;
        const uint64_t size = row_at(i)->bytes;
        CHECK_EQUAL(open_with_u64(offset, bytes - size), VELOX_OK);
        CHECK_EQUAL(open_with_u64(offset, table_end), VELOX_OK);
        const uint64_t wrong[] = {bytes - size + 8, bytes,       UINT64_MAX - 7, UINT64_MAX - size + 1,
                                  *offset + 4,      *offset + 1, table_end - 8,  0};
        for (size_t k = 0; k < sizeof wrong / sizeof wrong[0]; k++)
            CHECK_EQUAL(open_with_u64(offset, wrong[k]), VELOX_SEGMENT_FOREIGN);
        CHECK_EQUAL(open_with_u64(&row_at(i)->bytes, UINT64_MAX - *offset + 1), VELOX_SEGMENT_FOREIGN);
        CHECK_EQUAL(open_with_u64(&row_at(i)->bytes, size - 1), VELOX_SEGMENT_FOREIGN);
    }
    CHECK_EQUAL(open_with_u64(&row_at(0)->bytes, 8), VELOX_SEGMENT_FOREIGN); /* a stage has no data */
}

static void should_refuse_params_larger_than_the_data(void)
{
    const uint32_t rows[] = {7, self.book_row, self.log_row, self.text_row};
    for (int i = 0; i < 4; i++) {
        const uint32_t param = row_at(rows[i])->param;
        CHECK_EQUAL(open_with_u32(&row_at(rows[i])->param, param + 1), VELOX_SEGMENT_FOREIGN);
        CHECK_EQUAL(open_with_u32(&row_at(rows[i])->param, UINT32_MAX), VELOX_SEGMENT_FOREIGN);
    }
    CHECK_EQUAL(open_with_u32(&row_at(7)->param, 0), VELOX_SEGMENT_FOREIGN);
}

static void should_refuse_a_cut_of_what_is_not_there(void)
{
    uint64_t *const source = &row_at(7)->source;
    const uint64_t wrong[] = {0, *source + 4, self.layout.bytes, self.layout.bytes - 8, UINT64_MAX - 7};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        CHECK_EQUAL(open_with_u64(source, wrong[i]), VELOX_SEGMENT_FOREIGN);
    CHECK_EQUAL(open_with_u32(&row_at(7)->stage, UINT32_MAX), VELOX_SEGMENT_FOREIGN);
}

/* Two words of one turn, which lie where the row of the heartbeat says. */
static void should_refuse_a_heartbeat_that_is_not_there(void)
{
    vx_row *const row = row_at(2);
    const vx_row before = *row;
    const uint64_t bytes = self.layout.bytes;
    const uint64_t wrong[] = {8, self.block + 4, bytes, bytes - 8, bytes - 32, UINT64_MAX - 7};
    uint64_t words[VX_ROWS_MAX];
    velox_reader *reader = NULL;
    row->role = VELOX_ROLE_CONTROL_HEARTBEAT_NS;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        CHECK_EQUAL(open_with_u64(&row->source, wrong[i]), VELOX_SEGMENT_FOREIGN);
    CHECK_EQUAL(open_with_u64(&row->source, bytes - 40), VELOX_OK);
    row->source = self.block; /* but no row for its other word: then each is read by itself */
    CHECK_EQUAL(open_status(&reader), VELOX_OK);
    CHECK_EQUAL(velox_reader_words(reader, words, VX_ROWS_MAX), VELOX_OK);
    CHECK_EQUAL(words[0], 3);
    velox_reader_close(reader);
    *row = before;
}

static void should_refuse_unknown_kinds_stages_and_rings(void)
{
    for (uint32_t i = 0; i < self.layout.count; i++) {
        CHECK_EQUAL(open_with_u32(&row_at(i)->kind, 0), VELOX_SEGMENT_FOREIGN);
        CHECK_EQUAL(open_with_u32(&row_at(i)->kind, VELOX_KIND_TEXT + 1), VELOX_SEGMENT_FOREIGN);
        CHECK_EQUAL(open_with_u32(&row_at(i)->kind, UINT32_MAX), VELOX_SEGMENT_FOREIGN);
        CHECK_EQUAL(open_with_u32(&row_at(i)->stage, 1), VELOX_SEGMENT_FOREIGN);
        CHECK_EQUAL(open_with_u32(&row_at(i)->stage, (uint32_t)-2), VELOX_SEGMENT_FOREIGN);
        CHECK_EQUAL(open_with_u32(&row_at(i)->ring, 1), VELOX_SEGMENT_FOREIGN);
        CHECK_EQUAL(open_with_u32(&row_at(i)->ring, INT32_MAX), VELOX_SEGMENT_FOREIGN);
    }
    CHECK_EQUAL(open_with_u32(&row_at(0)->stage, (uint32_t)-1), VELOX_SEGMENT_FOREIGN);
    CHECK_EQUAL(open_with_u32(&row_at(1)->ring, (uint32_t)-1), VELOX_SEGMENT_FOREIGN);
}

static void should_refuse_names_and_labels_that_are_not_proper(void)
{
    char unended[VELOX_NAME_BYTES];
    memset(unended, 'a', sizeof unended);
    for (uint32_t i = 0; i < self.layout.count; i++) {
        vx_row *const row = row_at(i);
        CHECK_EQUAL(open_with(row->name, unended, VELOX_NAME_BYTES), VELOX_SEGMENT_FOREIGN);
        CHECK_EQUAL(open_with(row->label, unended, VELOX_LABEL_BYTES), VELOX_SEGMENT_FOREIGN);
        CHECK_EQUAL(open_with(row->name, "", 1), VELOX_SEGMENT_FOREIGN);
        CHECK_EQUAL(open_with(row->name, "\033[2J", 5), VELOX_SEGMENT_FOREIGN);
        CHECK_EQUAL(open_with(row->name, "With Space", 11), VELOX_SEGMENT_FOREIGN);
        CHECK_EQUAL(open_with(row->label, "\033[2J", 5), VELOX_SEGMENT_FOREIGN);
        CHECK_EQUAL(open_with(row->label, "", 1), VELOX_OK);
        CHECK_EQUAL(open_with(row->name, row_at(i == 0 ? 1 : 0)->name, VELOX_NAME_BYTES),
                    VELOX_SEGMENT_FOREIGN);
    }
}

/* xorshift64: a fixed sequence, so that a failure comes again. */
static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void read_everything(const velox_reader *reader)
{
    static uint64_t words[VX_ROWS_MAX];
    static uint64_t large[1 << 16];
    static vx_row rows[VX_ROWS_MAX];
    uint64_t header[VELOX_HEADER_COUNT];
    uint64_t sequence;
    char text[64];
    velox_reader_header(reader, header);
    CHECK_EQUAL(velox_reader_table(reader, rows, sizeof rows), VELOX_OK);
    CHECK_EQUAL(velox_reader_words(reader, words, VX_ROWS_MAX), VELOX_OK);
    velox_reader_cut(reader, words, VX_ROWS_MAX, &sequence);
    for (uint32_t i = 0; i < header[VELOX_HEADER_ROWS] + 1; i++) {
        velox_reader_histogram(reader, i, large, 1 << 16);
        velox_reader_book(reader, i, large, 1 << 16);
        velox_reader_log(reader, i, large, 1 << 16);
        velox_reader_text(reader, i, text, sizeof text);
    }
}

static void should_survive_bytes_at_random(void)
{
    static uint8_t whole[VX_HEADER_BYTES + 64 * VELOX_ROW_BYTES];
    const uint64_t used = VX_HEADER_BYTES + self.layout.count * sizeof(vx_row);
    uint64_t state = 88172645463325252u;
    int opened = 0;
    memcpy(whole, self.segment.base, used);
    for (int round = 0; round < ROUNDS; round++) {
        velox_reader *reader = NULL;
        const uint64_t changes = 1 + next_random(&state) % 4;
        for (uint64_t i = 0; i < changes; i++) {
            /* Half of them in the 176 bytes of the header. */
            const uint64_t at = next_random(&state) % 2
                                    ? 8 + next_random(&state) % 168
                                    : VX_HEADER_BYTES + next_random(&state) % (used - VX_HEADER_BYTES);
            const uint64_t byte = next_random(&state);
            self.segment.base[at] =
                (byte & 256) != 0 ? (uint8_t)byte : (uint8_t)(self.segment.base[at] + (byte & 2) - 1);
        }
        if (open_status(&reader) == VELOX_OK) {
            opened++;
            read_everything(reader);
            velox_reader_close(reader);
        }
        memcpy(self.segment.base, whole, used);
    }
    printf("   %d of %d opened all the same\n", opened, ROUNDS);
    CHECK(opened > 0 && opened < ROUNDS);
}

int main(void)
{
    fixture_directory(directory);
    fixture_open(&self, directory);
    vx_store_release(fixture_word(&self, self.newest), 3);
    RUN(should_refuse_a_process_or_a_start_that_cannot_be);
    RUN(should_refuse_sizes_that_contradict_the_file);
    RUN(should_refuse_data_outside_the_file);
    RUN(should_refuse_params_larger_than_the_data);
    RUN(should_refuse_a_cut_of_what_is_not_there);
    RUN(should_refuse_a_heartbeat_that_is_not_there);
    RUN(should_refuse_unknown_kinds_stages_and_rings);
    RUN(should_refuse_names_and_labels_that_are_not_proper);
    RUN(should_survive_bytes_at_random);
    vx_segment_destroy(&self.segment);
    fixture_remove_directory(directory);
    return 0;
}
