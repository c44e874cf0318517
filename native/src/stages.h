/* The four stages: Ingress, OrderBook, Bundle, Output. Each cycle may be called on any clock by one thread.
 */
#ifndef VX_STAGES_H
#define VX_STAGES_H
#include "bundle.h"
#include "flow.h"
#include "input.h"
#include "order_book.h"
#include "schedule.h"
#include "stage.h"

typedef struct vx_ingress {
    vx_stage stage;
    vx_schedule schedule;
    vx_flow flow;
    vx_input *input; /* NULL: transactions are generated */
    vx_histogram *lateness;
    uint64_t next_id;
    uint64_t burst_asked; /* since the start */
    uint64_t burst_done;
    uint64_t rate_millihz;
    uint64_t held;
    velox_on_full on_full;
} vx_ingress;

typedef struct vx_order_book {
    vx_stage stage;
    vx_book book;
    uint64_t handled;
} vx_order_book;

typedef struct vx_bundler {
    vx_stage stage;
    vx_builder builder;
    uint64_t handled;
    uint64_t flushed; /* transactions in closed bundles */
} vx_bundler;

/* Where Output's bundles go; NULL: they are discarded. Called on the stage's thread. */
typedef void (*vx_sink)(void *context, const vx_bundle *bundles, uint32_t count);

typedef struct vx_output {
    vx_stage stage;
    vx_histogram *no_wait;
    vx_word *cut_newest;
    vx_sink sink;
    void *sink_context;
    uint64_t handled;
    uint64_t expected_id;
    uint64_t expected_sequence;
} vx_output;

vx_duty vx_ingress_cycle(vx_ingress *ingress, const vx_clock *clock);
vx_duty vx_order_book_cycle(vx_order_book *order_book, const vx_clock *clock);
vx_duty vx_bundler_cycle(vx_bundler *bundler, const vx_clock *clock);
vx_duty vx_output_cycle(vx_output *output, const vx_clock *clock);
#endif
