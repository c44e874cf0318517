/* A segment file of any content, and cut short while it is open: every call of a reader. */
#include "fuzz_segment.h"

#include <fcntl.h>

#include "fuzz.h"

static char directory[32];
static char path[64];
static int file = -1;

static void tidy(void)
{
    close(file);
    unlink(path);
    rmdir(directory);
}

static void prepare(void)
{
    if (file >= 0)
        return;
    fuzz_directory(directory);
    snprintf(path, sizeof path, "%s/segment", directory);
    file = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
    PROMISE(file >= 0);
    atexit(tidy);
}

static void resize(uint32_t bytes)
{
    PROMISE(ftruncate(file, (off_t)bytes) == 0);
}

/* `count` words of which every one may be written and none after. */
static uint64_t *room_for(uint64_t count)
{
    uint64_t *const words = malloc(8 * count + (count == 0));
    PROMISE(words != NULL);
    return words;
}

static void read_words(const velox_reader *reader, uint32_t count, int expected)
{
    uint64_t *const words = room_for(count);
    uint64_t sequence = 0;
    PROMISE(velox_reader_words(reader, words, count) == expected);
    const int status = velox_reader_cut(reader, words, count, &sequence);
    PROMISE(status == expected || (expected == VELOX_OK && status == VELOX_NOT_READY));
    PROMISE(status != VELOX_OK || sequence != 0);
    if (count > 0) {
        PROMISE(velox_reader_words(reader, words, count - 1) == VELOX_INVALID_ARGUMENT);
        PROMISE(velox_reader_cut(reader, words, count - 1, &sequence) == VELOX_INVALID_ARGUMENT);
    }
    free(words);
}

typedef int (*read_call)(const velox_reader *reader, uint32_t row, uint64_t *words, uint32_t count);

/* The call takes rows of one kind, and no fewer words than they have. */
static void read_data(const velox_reader *reader, read_call call, uint32_t row, int is_its_kind,
                      uint64_t count, int expected)
{
    uint64_t *const words = room_for(count);
    PROMISE(call(reader, row, words, (uint32_t)count) == (is_its_kind ? expected : VELOX_INVALID_ARGUMENT));
    if (count > 0)
        PROMISE(call(reader, row, words, (uint32_t)count - 1) == VELOX_INVALID_ARGUMENT);
    free(words);
}

static void read_text(const velox_reader *reader, uint32_t row, const vx_row *table, int expected)
{
    for (uint32_t bytes = 1; bytes < 400; bytes *= 3) {
        char *const text = malloc(bytes);
        PROMISE(text != NULL);
        const int status = velox_reader_text(reader, row, text, bytes);
        PROMISE(status == (table->kind == VELOX_KIND_TEXT ? expected : VELOX_INVALID_ARGUMENT));
        PROMISE(status != VELOX_OK || strnlen(text, bytes) < bytes);
        free(text);
    }
    PROMISE(velox_reader_text(reader, row, path, 0) == VELOX_INVALID_ARGUMENT);
}

static void read_row(const velox_reader *reader, uint32_t row, const vx_row *table, int expected)
{
    const uint64_t param =
        table->param < SEGMENT_BYTES_MAX ? table->param : 0; /* else it is no book, no log */
    read_data(reader, velox_reader_histogram, row, table->kind == VELOX_KIND_HISTOGRAM,
              1 + VELOX_HISTOGRAM_BUCKETS, expected);
    read_data(reader, velox_reader_book, row, table->kind == VELOX_KIND_BOOK, 2 * param, expected);
    read_data(reader, velox_reader_log, row, table->kind == VELOX_KIND_LOG, 4 * param, expected);
    read_text(reader, row, table, expected);
}

static void read_all(const velox_reader *reader, const uint64_t *header, const vx_row *rows, int expected)
{
    static const vx_row none;
    read_words(reader, (uint32_t)header[VELOX_HEADER_WORDS], expected);
    for (uint32_t i = 0; i < header[VELOX_HEADER_ROWS]; i++)
        read_row(reader, i, &rows[i], expected);
    read_row(reader, (uint32_t)header[VELOX_HEADER_ROWS], &none, expected);
    read_row(reader, UINT32_MAX, &none, expected);
}

/* What was opened keeps what its header says. */
static void read_opened(const velox_reader *reader, const segment_input *input)
{
    uint64_t header[VELOX_HEADER_COUNT];
    char run_id[VELOX_LABEL_BYTES];
    PROMISE(velox_reader_header(reader, header) == VELOX_OK);
    PROMISE(velox_reader_run_id(reader, run_id) == VELOX_OK &&
            strnlen(run_id, sizeof run_id) < sizeof run_id);
    PROMISE(header[VELOX_HEADER_BYTES] <= input->bytes);
    const uint64_t bytes = header[VELOX_HEADER_ROWS] * sizeof(vx_row);
    vx_row *const rows = malloc(bytes + 1);
    PROMISE(rows != NULL && velox_reader_table(reader, rows, bytes) == VELOX_OK);
    if (bytes > 0)
        PROMISE(velox_reader_table(reader, rows, bytes - 1) == VELOX_INVALID_ARGUMENT);
    read_all(reader, header, rows, VELOX_OK);
    if (input->bytes_once_open < input->bytes) {
        resize(input->bytes_once_open);
        const int whole = input->bytes_once_open >= header[VELOX_HEADER_BYTES];
        read_all(reader, header, rows, whole ? VELOX_OK : VELOX_SEGMENT_TRUNCATED);
    }
    free(rows);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static segment_input input;
    static uint8_t body[SEGMENT_BYTES_MAX];
    fuzz_bytes from = {bytes, size};
    char error[VELOX_ERROR_BYTES];
    velox_reader *reader = NULL;
    prepare();
    memset(&input, 0, sizeof input);
    fuzz_copy(&from, &input, sizeof input);
    input.bytes %= SEGMENT_BYTES_MAX;
    const size_t length = fuzz_copy(&from, body, sizeof body);
    resize(0);
    PROMISE(pwrite(file, &input.header, sizeof input.header, 0) == (ssize_t)sizeof input.header);
    PROMISE(pwrite(file, body, length, VX_HEADER_BYTES) == (ssize_t)length);
    resize(input.bytes);
    const int status = velox_reader_open(path, &reader, error);
    if (status == VELOX_OK)
        read_opened(reader, &input);
    else
        fuzz_check_message(error);
    velox_reader_close(reader);
    return 0;
}
