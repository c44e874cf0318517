#include "reading.h"

#include <string.h>

int bench_reading_open(bench_reading *reading, const char *path, char *error)
{
    if (velox_reader_open(path, &reading->reader, error) != VELOX_OK)
        return 0;
    velox_reader_header(reading->reader, reading->header);
    velox_reader_table(reading->reader, reading->rows, reading->header[VELOX_HEADER_ROWS] * VELOX_ROW_BYTES);
    return 1;
}

void bench_reading_take(bench_reading *reading)
{
    velox_reader_words(reading->reader, reading->words, (uint32_t)reading->header[VELOX_HEADER_WORDS]);
    for (uint32_t i = 0; i < reading->header[VELOX_HEADER_ROWS]; i++)
        if (reading->rows[i].role == VELOX_ROLE_LATENCY_EXIT && reading->rows[i].stage == VELOX_OUTPUT)
            velox_reader_histogram(reading->reader, i, reading->latency, VELOX_HISTOGRAM_BUCKETS + 1);
}

static int is_word(const vx_row *row)
{
    return row->kind == VELOX_KIND_COUNTER || row->kind == VELOX_KIND_GAUGE || row->kind == VELOX_KIND_CONFIG;
}

uint64_t bench_reading_config(const bench_reading *reading, const char *name)
{
    uint32_t word = 0;
    for (uint32_t i = 0; i < reading->header[VELOX_HEADER_ROWS]; i++) {
        const vx_row *const row = &reading->rows[i];
        if (is_word(row) && strncmp(row->name, name, sizeof row->name) == 0)
            return reading->words[word];
        word += (uint32_t)is_word(row);
    }
    return 0;
}

uint64_t bench_reading_sum(const bench_reading *reading, velox_role role, int stage)
{
    uint64_t sum = 0;
    uint32_t word = 0;
    for (uint32_t i = 0; i < reading->header[VELOX_HEADER_ROWS]; i++) {
        const vx_row *const row = &reading->rows[i];
        if (!is_word(row))
            continue;
        if (row->role == (uint32_t)role && (stage < 0 || row->stage == stage))
            sum += reading->words[word];
        word++;
    }
    return sum;
}

void bench_reading_close(bench_reading *reading)
{
    velox_reader_close(reading->reader);
}
