/* A pipeline of two stages that is published through velox_publish.h, for cases. */
#ifndef MODEL_PUBLISH_H
#define MODEL_PUBLISH_H
#include "velox_publish.h"

#include "cases.h"
#include "reader.h"
#include "ring.h"

/* Its words, in the order in which they are described. */
enum { STATE, HEARTBEAT, MONOTONIC, SEQUENCE, FIRST_IN, FIRST_OUT, LAST_IN, LAST_OUT, WORDS };

/* One file, made and unlinked before the first execution; the publisher's memory and the reader's are one. */
typedef struct published {
    velox_pub pub;
    velox_reader *reader;
    uint64_t *word[WORDS]; /* from FIRST_IN on */
    uint64_t *latency;     /* histogram of the last stage */
} published;
extern published line;

#define LINE_SLOTS 4

/* The ring between the stages is the program's own business. */
typedef struct line_state {
    vx_ring ring;
    uint64_t slots[LINE_SLOTS];
    uint64_t made, taken;   /* the stages' own */
    uint64_t values[WORDS]; /* the reader's */
} line_state;

/* As published, nothing has happened. */
void setup_line(void *state);
/* One item more goes into the first stage and out of it. */
void make_item(line_state *s);
/* The last stage takes an item, if there is one before a cut; else it yields. */
void take_item(line_state *s);
#endif
