#include <stdio.h>
#include <stdlib.h>

#include "publish.h"

published line;

/* The linker puts this in place of the C library's: every look at the clock finds it one nanosecond later. */
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);
static long now_ns;

int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
    (void)clock;
    *now = (struct timespec){0, ++now_ns};
    return 0;
}

static void describe(int word, int role, const char *name)
{
    velox_pub_describe(&line.pub, &line.word[word], VELOX_KIND_COUNTER, VELOX_UNIT_TRANSACTIONS, role, -1,
                       name, name);
}

static void publish_line(void)
{
    char error[VELOX_ERROR_BYTES];
    velox_pub_init(&line.pub);
    velox_pub_stage(&line.pub, "first", "First");
    velox_pub_ring(&line.pub, "line", "First>Last", LINE_SLOTS, VELOX_UNIT_TRANSACTIONS);
    describe(FIRST_IN, VELOX_ROLE_IN, "first_in_total");
    describe(FIRST_OUT, VELOX_ROLE_OUT, "first_out_total");
    velox_pub_stage(&line.pub, "last", "Last");
    describe(LAST_IN, VELOX_ROLE_IN, "last_in_total");
    velox_pub_describe(&line.pub, &line.latency, VELOX_KIND_HISTOGRAM, VELOX_UNIT_NS, VELOX_ROLE_LATENCY_EXIT,
                       -1, "last_exit", "since it was made");
    describe(LAST_OUT, VELOX_ROLE_OUT, "last_out_total");
    const int opened = velox_pub_open(&line.pub, NULL, "a line") == 0 &&
                       velox_reader_open(line.pub.path, &line.reader, error) == VELOX_OK;
    if (!opened) {
        fprintf(stderr, "no segment can be created in /dev/shm\n");
        exit(1);
    }
    unlink(line.pub.path);
    line.reader->map.base = line.pub.base; /* not its own mapping: a location is its address */
}

void setup_line(void *state)
{
    line_state *const s = state;
    if (line.reader == NULL)
        publish_line();
    const uint64_t data = VELOX_PUB_TABLE + sizeof line.pub.rows;
    memset(line.pub.base + data, 0, line.pub.bytes - data);
    memset(line.pub.markers, 0, sizeof line.pub.markers);
    memset(s, 0, sizeof *s);
    vx_ring_init_over(&s->ring, s->slots, LINE_SLOTS, sizeof *s->slots);
    now_ns = 0;
}

void make_item(line_state *s)
{
    velox_pub_add(line.word[FIRST_IN], 1);
    velox_pub_add(line.word[FIRST_OUT], 1);
    vx_ring_push(&s->ring, &s->made);
    s->made++;
}

void take_item(line_state *s)
{
    void *item;
    const uint32_t found = vx_ring_peek(&s->ring, 1, &item);
    if (velox_pub_cut(&line.pub, 1, s->taken, s->taken, found) == 0) {
        model_yield();
        return;
    }
    velox_pub_add(line.word[LAST_IN], 1);
    velox_pub_record(line.latency, 7, 1);
    velox_pub_add(line.word[LAST_OUT], 1);
    vx_ring_release(&s->ring, 1);
    s->taken++;
}
