/* For tests: a directory of their own, and a small segment of one stage with a row of every kind. */
#ifndef VX_SEGMENT_FIXTURE_H
#define VX_SEGMENT_FIXTURE_H
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "histogram.h"
#include "scratch.h"
#include "segment.h"

#define FIXTURE_WORDS 3 /* of the stage's block: in, dropped, out */
#define FIXTURE_BOOK  4 /* levels a side */
#define FIXTURE_LOG   8 /* records */
#define FIXTURE_TEXT  40

typedef struct fixture {
    vx_layout layout;
    vx_segment segment;
    uint64_t block;
    uint64_t copies;
    uint64_t newest;
    uint64_t histogram;
    uint64_t book;
    uint64_t log;
    uint64_t text;
    uint32_t histogram_row;
    uint32_t book_row;
    uint32_t log_row;
    uint32_t text_row;
} fixture;

static inline void fixture_add(fixture *self, velox_kind kind, velox_role role, uint64_t offset,
                               uint64_t bytes, uint32_t param, const char *name)
{
    vx_row *const row = vx_layout_add(&self->layout, kind, VELOX_UNIT_TRANSACTIONS, role, offset, bytes, name,
                                      "a label \342\206\222");
    row->stage = kind == VELOX_KIND_GAUGE || kind == VELOX_KIND_CONFIG ? -1 : 0;
    row->param = param;
}

/* Rows 0 stage, 1 ring, 2 newest cut, 3 config, 4..6 in, dropped, out, 7 cut, then histogram, book, log,
 * text. */
static inline void fixture_plan(fixture *self)
{
    vx_layout *const layout = &self->layout;
    vx_layout_init(layout);
    fixture_add(self, VELOX_KIND_STAGE, VELOX_ROLE_NONE, 0, 0, 0, "only_stage");
    fixture_add(self, VELOX_KIND_RING, VELOX_ROLE_NONE, 0, 0, 64, "ring0");
    layout->rows[1].ring = 0;
    self->newest = vx_layout_reserve(layout, 16);
    self->block = vx_layout_reserve(layout, 256) + 120; /* two lines: nobody loads its words all at once */
    self->copies = vx_layout_reserve(layout, 256) + 120;
    self->histogram = vx_layout_reserve(layout, sizeof(vx_histogram));
    self->book = vx_layout_reserve(layout, 2 * 64 * FIXTURE_BOOK);
    self->log = vx_layout_reserve(layout, 4 * 8 * FIXTURE_LOG);
    self->text = vx_layout_reserve(layout, FIXTURE_TEXT);
    fixture_add(self, VELOX_KIND_GAUGE, VELOX_ROLE_CUT_SEQUENCE, self->newest, 8, 0, "newest");
    fixture_add(self, VELOX_KIND_CONFIG, VELOX_ROLE_NONE, self->newest + 8, 8, 0, "seed");
    fixture_add(self, VELOX_KIND_COUNTER, VELOX_ROLE_IN, self->block, 8, 0, "in_total");
    fixture_add(self, VELOX_KIND_COUNTER, VELOX_ROLE_DROPPED, self->block + 8, 8, 0, "dropped_total");
    fixture_add(self, VELOX_KIND_COUNTER, VELOX_ROLE_OUT, self->block + 16, 8, 0, "out_total");
    fixture_add(self, VELOX_KIND_CUT, VELOX_ROLE_NONE, self->copies, 2 * 8 * FIXTURE_WORDS, FIXTURE_WORDS,
                "cut");
    layout->rows[layout->count - 1].source = self->block;
    self->histogram_row = layout->count;
    fixture_add(self, VELOX_KIND_HISTOGRAM, VELOX_ROLE_SERVICE, self->histogram, sizeof(vx_histogram), 0,
                "service");
    self->book_row = layout->count;
    fixture_add(self, VELOX_KIND_BOOK, VELOX_ROLE_NONE, self->book, 2 * 64 * FIXTURE_BOOK, FIXTURE_BOOK,
                "book");
    self->log_row = layout->count;
    fixture_add(self, VELOX_KIND_LOG, VELOX_ROLE_NONE, self->log, 4 * 8 * FIXTURE_LOG, FIXTURE_LOG, "log");
    self->text_row = layout->count;
    fixture_add(self, VELOX_KIND_TEXT, VELOX_ROLE_NONE, self->text, FIXTURE_TEXT, FIXTURE_TEXT, "reason");
}

/* Every word of the header is its own number, but for what the segment and the plan decide. */
static inline velox_status fixture_create(fixture *self, const char *directory, char *error)
{
    uint64_t header[VELOX_HEADER_COUNT];
    memset(self, 0, sizeof *self);
    fixture_plan(self);
    for (uint64_t i = 0; i < VELOX_HEADER_COUNT; i++)
        header[i] = i;
    header[VELOX_HEADER_STAGES] = 1;
    header[VELOX_HEADER_RINGS] = 1;
    return vx_segment_create(&self->segment, &self->layout, directory, "run-1", header, error);
}

static inline void fixture_open(fixture *self, const char *directory)
{
    char error[VELOX_ERROR_BYTES] = "";
    if (fixture_create(self, directory, error) != VELOX_OK)
        fprintf(stderr, "%s\n", error);
    CHECK(self->segment.base != NULL);
    vx_segment_publish(&self->segment);
}

static inline VX_ATOMIC(uint64_t) * fixture_word(fixture *self, uint64_t offset)
{
    return (VX_ATOMIC(uint64_t) *)(void *)(self->segment.base + offset);
}

static inline velox_reader *fixture_reader(const char *path)
{
    char error[VELOX_ERROR_BYTES] = "";
    velox_reader *reader = NULL;
    const int status = velox_reader_open(path, &reader, error);
    if (status != VELOX_OK)
        fprintf(stderr, "%s\n", error);
    CHECK_EQUAL(status, VELOX_OK);
    return reader;
}

static inline void fixture_directory(char directory[64])
{
    strcpy(directory, "/tmp/velox-segment-XXXXXX");
    scratch_directory(directory);
}

/* Fails unless the test left it empty. */
static inline void fixture_remove_directory(const char *directory)
{
    CHECK_EQUAL(rmdir(directory), 0);
}
#endif
