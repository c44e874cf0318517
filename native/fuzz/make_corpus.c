/* Writes the seeds of the corpus, one valid input a target and some that are nearly so: make_corpus
 * DIRECTORY. To be run anew when a layout changes. */
#include <dirent.h>

#include "fuzz.h"
#include "fuzz_segment.h"
#include "fuzz_vtx.h"
#include "histogram.h"
#include "reader.h"

static const char *corpus;

static FILE *create(const char *target, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", corpus, target);
    mkdir(path, 0777);
    snprintf(path, sizeof path, "%s/%s/%s", corpus, target, name);
    FILE *const file = fopen(path, "wb");
    PROMISE(file != NULL);
    return file;
}

static void put(FILE *file, const void *from, size_t bytes)
{
    PROMISE(fwrite(from, 1, bytes, file) == bytes);
}

static void finish(FILE *file)
{
    PROMISE(fclose(file) == 0);
}

/* A row whose data follow those of the row before. */
static void add_row(vx_row *row, velox_kind kind, const char *name, uint32_t param, uint64_t bytes,
                    uint64_t *end)
{
    *row = (vx_row){.kind = kind, .stage = 0, .ring = -1, .param = param, .bytes = bytes};
    row->offset = *end;
    *end += (bytes + 7) / 8 * 8;
    snprintf(row->name, sizeof row->name, "%s", name);
    snprintf(row->label, sizeof row->label, "%s", name);
}

enum { STAGE, RING, NEWEST, IN, OUT, CUT, BOOK, LOG, TEXT, HISTOGRAM, ROWS };

static uint64_t plan(vx_row rows[ROWS], uint32_t cut_words)
{
    uint64_t end = VX_HEADER_BYTES + ROWS * sizeof(vx_row);
    add_row(&rows[STAGE], VELOX_KIND_STAGE, "stage", 0, 0, &end);
    add_row(&rows[RING], VELOX_KIND_RING, "ring", 64, 0, &end);
    rows[RING].ring = 0;
    add_row(&rows[NEWEST], VELOX_KIND_GAUGE, "newest", 0, 8, &end);
    rows[NEWEST].role = VELOX_ROLE_CUT_SEQUENCE;
    add_row(&rows[IN], VELOX_KIND_COUNTER, "in_total", 0, 8, &end);
    add_row(&rows[OUT], VELOX_KIND_COUNTER, "out_total", 0, 8, &end);
    add_row(&rows[CUT], VELOX_KIND_CUT, "cut", cut_words, 2 * 8 * (uint64_t)cut_words, &end);
    rows[CUT].source = rows[IN].offset;
    add_row(&rows[BOOK], VELOX_KIND_BOOK, "book", 2, 256, &end);
    add_row(&rows[LOG], VELOX_KIND_LOG, "log", 2, 64, &end);
    add_row(&rows[TEXT], VELOX_KIND_TEXT, "text", 40, 40, &end);
    add_row(&rows[HISTOGRAM], VELOX_KIND_HISTOGRAM, "histogram", 0, sizeof(vx_histogram), &end);
    return end;
}

/* With `newest` as the number of the newest cut, and as much left as `bytes_once_open` says. */
static void write_segment(const char *name, uint64_t newest, uint32_t bytes_once_open, uint32_t cut_words)
{
    static vx_row rows[ROWS];
    const uint64_t end = plan(rows, cut_words);
    segment_input input = {.bytes = (uint32_t)end, .bytes_once_open = bytes_once_open};
    memcpy(input.header.magic, VX_SEGMENT_MAGIC, 8);
    vx_store_relaxed(&input.header.version, VELOX_SEGMENT_VERSION);
    input.header.header[VELOX_HEADER_BYTES] = end;
    input.header.header[VELOX_HEADER_ROWS] = ROWS;
    input.header.header[VELOX_HEADER_WORDS] = 3;
    input.header.header[VELOX_HEADER_STAGES] = 1;
    input.header.header[VELOX_HEADER_RINGS] = 1;
    memcpy(input.header.run_id, "run", 3);
    FILE *const file = create("segment", name);
    put(file, &input, sizeof input);
    put(file, rows, sizeof rows);
    put(file, &newest, sizeof newest);
    finish(file);
}

static void write_records(FILE *file, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const vx_transaction t = {.id = i,
                                  .price = 1000000 + 16 * i,
                                  .size = 1 + i,
                                  .side = (uint8_t)(i % 2),
                                  .kind = i % 5 == 4,
                                  .ts_ns = 1000 * (uint64_t)i};
        uint8_t bytes[32];
        vx_transaction_encode(&t, bytes);
        put(file, bytes, sizeof bytes);
    }
}

static void write_vtx(const char *name, uint32_t speed_permille, uint8_t loop, uint32_t levels)
{
    vtx_input input = {
        .speed_permille = speed_permille, .loop = loop, .capacity = 3, .script = 0x1800000000c40};
    memcpy(input.magic, VX_VTX_MAGIC, 8);
    input.version = VX_VTX_VERSION;
    input.header_bytes = VX_VTX_HEADER_BYTES;
    input.base_price = 1000000;
    input.ticks_per_level = 16;
    input.levels = levels;
    FILE *const file = create("vtx", name);
    put(file, &input, sizeof input);
    write_records(file, 8);
    finish(file);
}

static void write_transactions(void)
{
    const uint8_t window[13] = {1, 16, 0, 0, 0, 0x40, 0x42, 0x0f}; /* 64 levels of 16 ticks from 1,000,000 */
    FILE *const file = create("transactions", "book");
    put(file, window, sizeof window);
    write_records(file, 10);
    finish(file);
}

static void write_settings(const char *name, const char *text)
{
    const uint8_t machine[16] = {6, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3}; /* bundle max 16; four cores, 0 .. 3 */
    FILE *const file = create("settings", name);
    put(file, machine, sizeof machine);
    put(file, text, strlen(text));
    finish(file);
}

static void write_cgroup(const char *name, const char *group, const char *mount, const char *quota)
{
    const size_t lengths[2] = {strlen(group), strlen(mount)};
    FILE *const file = create("cgroup", name);
    for (int i = 0; i < 2; i++) {
        const uint8_t bytes[2] = {(uint8_t)lengths[i], (uint8_t)(lengths[i] >> 8)};
        put(file, bytes, sizeof bytes);
    }
    put(file, group, lengths[0]);
    put(file, mount, lengths[1]);
    put(file, quota, strlen(quota));
    finish(file);
}

int main(int count, char **arguments)
{
    PROMISE(count == 2);
    corpus = arguments[1];
    write_segment("whole", 1, UINT32_MAX, 2);
    write_segment("no_cut", 0, UINT32_MAX, 2);
    write_segment("cut_short", 2, 5000, 2);
    write_segment("cut_of_most_words", 1, UINT32_MAX, VX_READER_CUT_MAX);
    write_segment("cut_of_too_many_words", 1, UINT32_MAX, 2 * VX_READER_CUT_MAX);
    write_vtx("paced", 1000, 0, 64);
    write_vtx("fast_and_over_again", 20000, 1, 1024);
    write_vtx("unpaced", 0, 0, 0);
    write_transactions();
    write_settings("cores", "0,1,2,3");
    write_settings("no_text", "");
    write_settings("one_core_twice", "3,3");
    write_settings("folder", "/dev/shm");
    write_cgroup("version_2", "0::/a\n", "30 23 0:26 / /sys rw - cgroup2 cgroup2 rw\n", "150000 100000\n");
    write_cgroup("version_1", "3:cpu,cpuacct:/a\n", "30 23 0:26 / /cpu rw - cgroup cgroup rw,cpu\n",
                 "50000\n");
    write_cgroup("no_quota", "0::/\n", "30 23 0:26 / /sys rw - cgroup2 cgroup2 rw\n", "max 100000\n");
    return 0;
}
