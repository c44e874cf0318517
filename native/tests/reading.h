/* Words of a segment by name, and the ledger's equations, for tests of whole pipelines. */
#ifndef VX_READING_H
#define VX_READING_H
#include <string.h>

#include "check.h"
#include "histogram.h"
#include "layout.h"
#include "velox.h"

typedef struct reading {
    velox_reader *reader;
    uint64_t header[VELOX_HEADER_COUNT];
    vx_row rows[VX_ROWS_MAX];
    uint64_t words[VX_ROWS_MAX];
    uint64_t cut[VX_ROWS_MAX];
    uint64_t cut_sequence;
} reading;

static inline void reading_open(reading *r, const char *path)
{
    char error[VELOX_ERROR_BYTES] = "";
    const int status = velox_reader_open(path, &r->reader, error);
    if (status != VELOX_OK)
        fprintf(stderr, "%s: %s\n", path, error);
    CHECK_EQUAL(status, VELOX_OK);
    CHECK_EQUAL(velox_reader_header(r->reader, r->header), VELOX_OK);
    CHECK_EQUAL(velox_reader_table(r->reader, r->rows, r->header[VELOX_HEADER_ROWS] * VELOX_ROW_BYTES),
                VELOX_OK);
}

static inline void reading_take(reading *r)
{
    CHECK_EQUAL(velox_reader_words(r->reader, r->words, (uint32_t)r->header[VELOX_HEADER_WORDS]), VELOX_OK);
}

/* False before the first complete cut. */
static inline int reading_take_cut(reading *r)
{
    return velox_reader_cut(r->reader, r->cut, (uint32_t)r->header[VELOX_HEADER_WORDS], &r->cut_sequence) ==
           VELOX_OK;
}

static inline uint64_t reading_find(const reading *r, const uint64_t *words, const char *name)
{
    uint32_t index = 0;
    for (uint32_t i = 0; i < r->header[VELOX_HEADER_ROWS]; i++) {
        const uint32_t kind = r->rows[i].kind;
        if (kind != VELOX_KIND_COUNTER && kind != VELOX_KIND_GAUGE && kind != VELOX_KIND_CONFIG)
            continue;
        if (strcmp(r->rows[i].name, name) == 0)
            return words[index];
        index++;
    }
    fprintf(stderr, "no word %s\n", name);
    exit(1);
}

static inline uint64_t word(const reading *r, const char *name)
{
    return reading_find(r, r->words, name);
}

/* Every bundle is among those of its fill. */
static inline void check_fill(const reading *r, const uint64_t *words)
{
    char name[VELOX_NAME_BYTES];
    uint64_t bundles = 0;
    uint64_t transactions = 0;
    for (uint64_t fill = 1; fill <= VELOX_BUNDLE_CAPACITY; fill++) {
        snprintf(name, sizeof name, "bundle_fill_%" PRIu64 "_total", fill);
        bundles += reading_find(r, words, name);
        transactions += fill * reading_find(r, words, name);
    }
    CHECK_EQUAL(bundles, reading_find(r, words, "bundle_bundles_total"));
    CHECK_EQUAL(transactions, reading_find(r, words, "bundle_out_total"));
}

/* The ledger, in items and in ids, of a cut or of a pipeline at rest. */
static inline void check_ledger(const reading *r, const uint64_t *words)
{
#define W(name) reading_find(r, words, name)
    CHECK_EQUAL(W("ingress_generated_total"), W("ingress_pushed_total") + W("ingress_dropped_total"));
    CHECK_EQUAL(W("ingress_generated_id_sum"), W("ingress_pushed_id_sum") + W("ingress_dropped_id_sum"));
    CHECK_EQUAL(W("ingress_pushed_total"), W("order_book_in_total"));
    CHECK_EQUAL(W("ingress_pushed_id_sum"), W("order_book_in_id_sum"));
    CHECK_EQUAL(W("order_book_in_total"), W("order_book_out_total"));
    CHECK_EQUAL(W("order_book_in_total"),
                W("order_book_applied_total") + W("order_book_rejected_window_total") +
                    W("order_book_rejected_overflow_total") + W("order_book_rejected_underflow_total") +
                    W("order_book_rejected_contention_total") + W("order_book_rejected_invalid_total"));
    CHECK_EQUAL(W("order_book_out_total"), W("bundle_in_total"));
    CHECK_EQUAL(W("order_book_out_id_sum"), W("bundle_in_id_sum"));
    CHECK_EQUAL(W("bundle_in_total"), W("bundle_out_total") + W("bundle_open"));
    CHECK_EQUAL(W("bundle_in_id_sum"), W("bundle_out_id_sum") + W("bundle_open_id_sum"));
    CHECK_EQUAL(W("bundle_out_total"), W("output_in_total"));
    CHECK_EQUAL(W("bundle_out_id_sum"), W("output_in_id_sum"));
    CHECK_EQUAL(W("bundle_bundles_total"), W("output_bundles_total"));
    CHECK_EQUAL(W("output_in_total"), W("output_delivered_total"));
    CHECK_EQUAL(W("output_sequence_gaps_total"), 0);
    check_fill(r, words);
#undef W
}

/* At rest nothing is held and the ids that Output missed are those dropped. */
static inline void check_at_rest(reading *r)
{
    reading_take(r);
    check_ledger(r, r->words);
    CHECK_EQUAL(word(r, "state"), VELOX_STOPPED);
    CHECK_EQUAL(word(r, "bundle_open"), 0);
    CHECK_EQUAL(word(r, "output_delivered_total"), word(r, "ingress_pushed_total"));
    CHECK_EQUAL(word(r, "output_id_gaps_total"), word(r, "ingress_dropped_total"));
    CHECK_EQUAL(word(r, "ring0_taken_total"), word(r, "ingress_pushed_total"));
    CHECK_EQUAL(word(r, "ring2_taken_total"), word(r, "bundle_bundles_total"));
}

/* Histogram by name: the number of recordings, and the sum where asked for. */
static inline uint64_t reading_histogram(const reading *r, const char *name, uint64_t *words)
{
    for (uint32_t i = 0; i < r->header[VELOX_HEADER_ROWS]; i++) {
        if (r->rows[i].kind != VELOX_KIND_HISTOGRAM || strcmp(r->rows[i].name, name) != 0)
            continue;
        CHECK_EQUAL(velox_reader_histogram(r->reader, i, words, VELOX_HISTOGRAM_BUCKETS + 1), VELOX_OK);
        uint64_t count = 0;
        for (uint32_t b = 1; b <= VELOX_HISTOGRAM_BUCKETS; b++)
            count += words[b];
        return count;
    }
    fprintf(stderr, "no histogram %s\n", name);
    exit(1);
}

#endif
