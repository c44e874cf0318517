/* A plain C program on the public header and the shared library alone: starts a pipeline, commands it, reads
 * its segment as any process would, and checks the ledger by names from the table. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "velox.h"

typedef struct row { /* as documented: VELOX_ROW_BYTES */
    char name[VELOX_NAME_BYTES];
    char label[VELOX_LABEL_BYTES];
    uint32_t kind, unit, role;
    int32_t stage, ring;
    uint32_t param;
    uint64_t offset, bytes, source;
} row;

static void fail(const char *what, const char *error)
{
    fprintf(stderr, "%s: %s\n", what, error);
    exit(1);
}

/* The sum of the words of a role, wherever in the pipeline. */
static uint64_t sum_of(const row *rows, uint64_t count, const uint64_t *words, velox_role role, int32_t stage)
{
    uint64_t sum = 0;
    uint64_t index = 0;
    for (uint64_t i = 0; i < count; i++) {
        if (rows[i].kind != VELOX_KIND_COUNTER && rows[i].kind != VELOX_KIND_GAUGE &&
            rows[i].kind != VELOX_KIND_CONFIG)
            continue;
        if (rows[i].role == (uint32_t)role && (stage < 0 || rows[i].stage == stage))
            sum += words[index];
        index++;
    }
    return sum;
}

int main(void)
{
    char error[VELOX_ERROR_BYTES] = "";
    uint64_t header[VELOX_HEADER_COUNT];
    velox_config *config = velox_config_create();
    velox_pipeline *pipeline = NULL;
    velox_reader *reader = NULL;
    if (velox_interface() != VELOX_INTERFACE)
        fail("interface", "library and header differ");
    if (velox_config_set(config, VELOX_OPTION_BUNDLE_MAX, 17, error) != VELOX_INVALID_ARGUMENT)
        fail("bundle max 17", "was not refused");
    if (velox_config_set(config, VELOX_OPTION_RATE_MILLIHZ, 200000000, error) != VELOX_OK ||
        velox_pipeline_create(config, &pipeline, error) != VELOX_OK ||
        velox_pipeline_start(pipeline, error) != VELOX_OK)
        fail("start", error);
    if (velox_reader_open(velox_pipeline_segment_path(pipeline), &reader, error) != VELOX_OK)
        fail("reader", error);
    velox_pipeline_command(pipeline, VELOX_COMMAND_BURST, 0, 1500);
    nanosleep(&(struct timespec){0, 200000000}, NULL);
    velox_pipeline_stop(pipeline);
    velox_reader_header(reader, header);
    row *rows = calloc(header[VELOX_HEADER_ROWS], sizeof *rows);
    uint64_t *words = calloc(header[VELOX_HEADER_WORDS], sizeof *words);
    velox_reader_table(reader, rows, header[VELOX_HEADER_ROWS] * VELOX_ROW_BYTES);
    velox_reader_words(reader, words, (uint32_t)header[VELOX_HEADER_WORDS]);
    const uint64_t count = header[VELOX_HEADER_ROWS];
    const uint64_t generated = sum_of(rows, count, words, VELOX_ROLE_IN, VELOX_INGRESS);
    const uint64_t dropped = sum_of(rows, count, words, VELOX_ROLE_DROPPED, -1);
    const uint64_t delivered = sum_of(rows, count, words, VELOX_ROLE_OUT, VELOX_OUTPUT);
    printf("generated %llu = delivered %llu + dropped %llu\n", (unsigned long long)generated,
           (unsigned long long)delivered, (unsigned long long)dropped);
    velox_reader_close(reader);
    velox_pipeline_destroy(pipeline);
    velox_config_destroy(config);
    free(rows);
    free(words);
    return generated > 1500 && generated == delivered + dropped ? 0 : 1;
}
