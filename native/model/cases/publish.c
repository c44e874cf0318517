/* velox_publish.h, as the segment's own reader reads it: version, words, state, heartbeat, cuts. */
#include "publish.h"

#define ITEMS 2
#define BEATS 3 /* the third writes over the first one's pair */

/* The file's bytes are there, all zero, before anything is shown. */
static void setup_hidden(void *state)
{
    setup_line(state);
    memset(line.pub.base + 8, 0, VELOX_PUB_TABLE + line.pub.count * sizeof line.pub.rows[0] - 8);
}

static void show(void *state)
{
    (void)state;
    velox_pub_show(&line.pub, WORDS, "a line");
}

static void open_shown(void *state)
{
    (void)state;
    const vx_segment_header *const head = (const vx_segment_header *)(const void *)line.pub.base;
    if (vx_segment_version(head) != VELOX_SEGMENT_VERSION)
        return;
    vx_plain_read(head->header, sizeof head->header);
    vx_plain_read(line.pub.base + 144, VELOX_LABEL_BYTES);
    MODEL_CHECK(head->header[VELOX_HEADER_WORDS] == WORDS);
    vx_plain_read(line.pub.base + VX_HEADER_BYTES, line.pub.count * sizeof(vx_row));
    model_see();
}

const model_case publish_version = {.name = "published, version last",
                                    .threads = 2,
                                    .setup = setup_hidden,
                                    .body = {show, open_shown},
                                    .preemptions = 20,
                                    .deep_preemptions = 20,
                                    .must_see = 1};

static void make_items(void *state)
{
    for (int i = 0; i < ITEMS; i++)
        make_item(state);
}

static void take_items(void *state)
{
    for (int i = 0; i < ITEMS + 1; i++)
        take_item(state);
}

static void read_words(line_state *s)
{
    MODEL_CHECK(velox_reader_words(line.reader, s->values, WORDS) == VELOX_OK);
}

static void read_line(void *state)
{
    line_state *const s = state;
    read_words(s);
    MODEL_CHECK(s->values[FIRST_IN] >= s->values[FIRST_OUT]);
    MODEL_CHECK(s->values[FIRST_OUT] >= s->values[LAST_IN]);
    MODEL_CHECK(s->values[LAST_IN] >= s->values[LAST_OUT]);
    /* Relaxed, as velox_reader_histogram loads: the counters have ordered it. */
    MODEL_CHECK(vx_load_relaxed(&line.latency[0]) >= 7 * s->values[LAST_OUT]);
    MODEL_CHECK(vx_load_relaxed(&line.latency[1 + 7]) >= s->values[LAST_OUT]);
    if (s->values[LAST_OUT] == 1)
        model_see();
}

const model_case publish_words = {.name = "published, any reading has in >= out",
                                  .threads = 3,
                                  .setup = setup_line,
                                  .body = {make_items, take_items, read_line},
                                  .preemptions = 2,
                                  .deep_preemptions = 4,
                                  .must_see = 1};

static void make_and_stop(void *state)
{
    make_items(state);
    velox_pub_beat(&line.pub, VELOX_STOPPED);
}

static void read_stopped(void *state)
{
    line_state *const s = state;
    read_words(s);
    if (s->values[STATE] != VELOX_STOPPED)
        return;
    MODEL_CHECK(s->values[FIRST_IN] == ITEMS && s->values[FIRST_OUT] == ITEMS);
    model_see();
}

const model_case publish_stopped = {.name = "published, the last counts beside stopped",
                                    .threads = 2,
                                    .setup = setup_line,
                                    .body = {make_and_stop, read_stopped},
                                    .preemptions = 20,
                                    .deep_preemptions = 20,
                                    .must_see = 1};

static void beat(void *state)
{
    (void)state;
    for (int i = 0; i < BEATS; i++)
        velox_pub_beat(&line.pub, VELOX_RUNNING);
}

static void read_pair(void *state)
{
    line_state *const s = state;
    uint64_t last_ns = 0;
    for (int i = 0; i < 2; i++) {
        read_words(s);
        MODEL_CHECK(s->values[HEARTBEAT] == s->values[MONOTONIC]);
        MODEL_CHECK(s->values[HEARTBEAT] >= last_ns);
        last_ns = s->values[HEARTBEAT];
    }
    if (last_ns == BEATS - 1)
        model_see();
}

const model_case publish_heartbeat = {.name = "published, one beat on both clocks",
                                      .threads = 2,
                                      .setup = setup_line,
                                      .body = {beat, read_pair},
                                      .preemptions = 2,
                                      .deep_preemptions = 20,
                                      .must_see = 1};

/* A cut may be asked for at any time; the first stage takes it between two items. */
static void beat_twice(void *state)
{
    (void)state;
    velox_pub_beat(&line.pub, VELOX_RUNNING);
    velox_pub_beat(&line.pub, VELOX_RUNNING);
}

static void make_and_cut(void *state)
{
    line_state *const s = state;
    for (int i = 0; i < ITEMS; i++) {
        make_item(s);
        velox_pub_cut(&line.pub, 0, s->made, s->made, 1);
    }
}

/* Whatever cut is complete: what had gone into the first stage by then had come out of the last one. */
static void read_cut(void *state)
{
    line_state *const s = state;
    uint64_t sequence = 0;
    if (velox_reader_cut(line.reader, s->values, WORDS, &sequence) != VELOX_OK)
        return;
    for (int word = FIRST_IN; word < LAST_OUT; word++)
        MODEL_CHECK(s->values[word] == s->values[LAST_OUT]);
    if (s->values[LAST_OUT] == 1)
        model_see();
}

const model_case publish_cut = {.name = "published, a cut between two items",
                                .threads = 4,
                                .setup = setup_line,
                                .body = {beat_twice, make_and_cut, take_items, read_cut},
                                .preemptions = 2,
                                .deep_preemptions = 3,
                                .must_see = 1};

/* Each is asked for when the one before is complete, so that the third writes over the first one's copies. By
 * the first stage, which keeps the house as well. One item goes before each cut. */
static void make_and_cut_often(void *state)
{
    line_state *const s = state;
    const struct velox_pub_marker *const marker = &line.pub.markers[0];
    for (int i = 0; i <= BEATS; i++) {
        velox_pub_beat(&line.pub, VELOX_RUNNING);
        if (marker->sequence != marker->done) {
            velox_pub_add(line.word[FIRST_OUT], 1);
            s->made++;
            velox_pub_cut(&line.pub, 0, s->made, s->made, 1);
        }
        model_yield();
    }
}

/* The last stage has taken its item, and waits for the cut behind it. */
static void cut_often(void *state)
{
    line_state *const s = state;
    const struct velox_pub_marker *const marker = &line.pub.markers[1];
    for (int i = 0; i <= BEATS; i++) {
        if (s->taken == marker->done) {
            velox_pub_add(line.word[LAST_OUT], 1);
            s->taken++;
        }
        velox_pub_cut(&line.pub, 1, s->taken, s->taken, 0);
        model_yield();
    }
}

static void read_cut_often(void *state)
{
    line_state *const s = state;
    uint64_t sequence = 0;
    if (velox_reader_cut(line.reader, s->values, WORDS, &sequence) != VELOX_OK)
        return;
    MODEL_CHECK(s->values[FIRST_OUT] == sequence && s->values[LAST_OUT] == sequence);
    if (sequence == BEATS - 1)
        model_see();
}

const model_case publish_cuts = {.name = "published, cuts written over while they are read",
                                 .threads = 3,
                                 .setup = setup_line,
                                 .body = {make_and_cut_often, cut_often, read_cut_often},
                                 .preemptions = 1,
                                 .deep_preemptions = 1,
                                 .must_see = 1};

/* The first cut is complete and the second under way: the first stage has taken part in it. The third is
 * asked for by a thread of its own, and writes over the first one's copies. */
static void setup_under_way(void *state)
{
    line_state *const s = state;
    setup_line(state);
    for (int i = 0; i < 2; i++) {
        velox_pub_beat(&line.pub, VELOX_RUNNING);
        velox_pub_add(line.word[FIRST_OUT], 1);
        s->made++;
        velox_pub_cut(&line.pub, 0, s->made, s->made, 0);
        velox_pub_add(line.word[LAST_OUT], 1);
        s->taken++;
        if (i == 0)
            velox_pub_cut(&line.pub, 1, s->taken, s->taken, 0);
    }
}

static void beat_once(void *state)
{
    (void)state;
    velox_pub_beat(&line.pub, VELOX_RUNNING);
}

static void cut_first(void *state)
{
    line_state *const s = state;
    velox_pub_add(line.word[FIRST_OUT], 1);
    s->made++;
    velox_pub_cut(&line.pub, 0, s->made, s->made, 0);
}

static void cut_last(void *state)
{
    line_state *const s = state;
    velox_pub_cut(&line.pub, 1, s->taken, s->taken, 0);
}

static void read_cut_asked(void *state)
{
    line_state *const s = state;
    uint64_t sequence = 0;
    if (velox_reader_cut(line.reader, s->values, WORDS, &sequence) != VELOX_OK)
        return;
    MODEL_CHECK(s->values[FIRST_OUT] == sequence && s->values[LAST_OUT] == sequence);
    if (sequence == 1)
        model_see();
}

const model_case publish_cut_asked = {.name = "published, a cut asked for when the one before is complete",
                                      .threads = 4,
                                      .setup = setup_under_way,
                                      .body = {cut_last, beat_once, cut_first, read_cut_asked},
                                      .preemptions = 2,
                                      .deep_preemptions = 4,
                                      .must_see = 1};
