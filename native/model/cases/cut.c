/* Exact cuts through two stages: whatever cut a reader finds complete, the stages' copies agree with each
 * other and with the position at which the first stage cut, though cuts that follow write over them. */
#include "cut.h"

#include "cases.h"
#include "ring.h"

#define CUTS_MAX 3
#define SLOTS    4

typedef struct pipeline {
    vx_ring ring;
    uint64_t cuts; /* to be made */
    uint64_t slots[SLOTS];
    vx_marker marker;
    uint64_t pushed, delivered;       /* the stages' blocks, of one word each */
    uint64_t copies[2][2];            /* of pushed, of delivered */
    uint64_t newest;                  /* complete cut */
    uint64_t positions[CUTS_MAX + 1]; /* plain: where the first stage cut */
} pipeline;

static void setup(pipeline *s, uint64_t cuts)
{
    *s = (pipeline){.cuts = cuts};
    vx_ring_init_over(&s->ring, s->slots, SLOTS, sizeof *s->slots);
}

static void setup_two(void *state)
{
    setup(state, 2);
}

/* The third cut writes over the first one's copies. */
static void setup_three(void *state)
{
    setup(state, 3);
}

/* The first stage and, as it too knows when a cut may be asked for, the control thread. An item goes before
 * each cut, and one more follows, cut or not. */
static void push_and_cut(void *state)
{
    pipeline *const s = state;
    uint64_t asked = 0;
    for (uint64_t i = 0; i <= s->cuts; i++) {
        vx_counter_add(&s->pushed, 1);
        vx_ring_push(&s->ring, &i);
        if (asked == s->cuts || vx_cut_newest(&s->newest) != asked) {
            model_yield();
            continue;
        }
        asked++;
        s->positions[asked] = vx_load_relaxed(&s->pushed); /* the thread's own */
        vx_plain_write(&s->positions[asked], sizeof s->positions[asked]);
        vx_cut_copy(s->copies[0], &s->pushed, 1, asked);
        vx_marker_send(&s->marker, asked, s->positions[asked]);
    }
}

static void deliver_one(pipeline *s, uint64_t *handled, uint64_t *done)
{
    void *item;
    uint64_t position = 0;
    const uint32_t found = vx_ring_peek(&s->ring, 1, &item);
    const uint64_t sequence = vx_marker_pending(&s->marker, *done, &position);
    if (sequence != 0 && position == *handled) {
        vx_cut_copy(s->copies[1], &s->delivered, 1, sequence);
        vx_cut_complete(&s->newest, sequence);
        *done = sequence;
    } else if (found != 0) {
        MODEL_CHECK(sequence == 0 || position > *handled);
        vx_counter_add(&s->delivered, 1);
        vx_ring_release(&s->ring, 1);
        ++*handled;
    } else {
        model_yield();
    }
}

static void deliver(void *state)
{
    pipeline *const s = state;
    uint64_t handled = 0;
    uint64_t done = 0;
    for (uint64_t i = 0; i < 2 * s->cuts + 1; i++)
        deliver_one(s, &handled, &done);
}

static void read_cut(void *state)
{
    const pipeline *const s = state;
    uint64_t pushed;
    uint64_t delivered;
    const uint64_t sequence = vx_cut_newest(&s->newest);
    if (sequence == 0)
        return;
    vx_cut_load(s->copies[0], 1, sequence, &pushed);
    vx_cut_load(s->copies[1], 1, sequence, &delivered);
    if (!vx_cut_still(&s->newest, sequence))
        return;
    vx_plain_read(&s->positions[sequence], sizeof s->positions[sequence]);
    MODEL_CHECK(pushed == s->positions[sequence]);
    MODEL_CHECK(delivered == s->positions[sequence]);
    model_see();
}

const model_case cut_exact = {.name = "cuts, two stages and a reader",
                              .threads = 3,
                              .setup = setup_two,
                              .body = {push_and_cut, deliver, read_cut},
                              .preemptions = 2,
                              .deep_preemptions = 3,
                              .must_see = 1};

const model_case cut_written_over = {.name = "cuts, one written over while it is read",
                                     .threads = 3,
                                     .setup = setup_three,
                                     .body = {push_and_cut, deliver, read_cut},
                                     .preemptions = 1,
                                     .deep_preemptions = 2,
                                     .must_see = 1};
