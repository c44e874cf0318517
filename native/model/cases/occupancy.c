/* The occupancy bitmap under writers that move quantities from and to zero: at rest bits, summary and best
 * level agree with the quantities. */
#include "occupancy.h"

#include <string.h>

#include "cases.h"

#define LEVELS 3

/* Two in one word, the third alone in another. */
static const uint32_t level_of[LEVELS] = {3, 9, 64};

typedef struct side {
    vx_occupancy occupancy;
    uint64_t quantities[LEVELS];
} side;

static void move(side *s, int i, uint64_t from, uint64_t to)
{
    uint64_t expected = from;
    if (vx_cas_relaxed(&s->quantities[i], &expected, to))
        vx_occupancy_settle(&s->occupancy, level_of[i], &s->quantities[i], to);
}

static void setup_empty(void *state)
{
    memset(state, 0, sizeof(side));
}

static void setup_first_filled(void *state)
{
    setup_empty(state);
    move(state, 0, 0, 5);
}

static void fill(void *state)
{
    move(state, 0, 0, 5);
}

static void empty(void *state)
{
    move(state, 0, 5, 0);
}

static void refill(void *state)
{
    move(state, 0, 0, 3);
}

static void fill_second(void *state)
{
    move(state, 1, 0, 4);
}

static void check(void *state)
{
    side *const s = state;
    uint64_t words[2] = {0, 0};
    for (int i = 0; i < LEVELS; i++)
        words[level_of[i] / VX_WORD_BITS] |= (uint64_t)(s->quantities[i] != 0) << level_of[i] % VX_WORD_BITS;
    for (int word = 0; word < 2; word++) {
        MODEL_CHECK(s->occupancy.words[word] == words[word]);
        MODEL_CHECK((s->occupancy.summary >> word & 1) == (words[word] != 0));
    }
}

const model_case occupancy_fill_and_empty = {.name = "occupancy, filled and emptied",
                                             .threads = 2,
                                             .setup = setup_empty,
                                             .body = {fill, empty},
                                             .check = check,
                                             .preemptions = 20,
                                             .deep_preemptions = 20};

const model_case occupancy_empty_and_fill = {.name = "occupancy, emptied and filled again",
                                             .threads = 2,
                                             .setup = setup_first_filled,
                                             .body = {empty, refill},
                                             .check = check,
                                             .preemptions = 20,
                                             .deep_preemptions = 20};

const model_case occupancy_two_levels = {.name = "occupancy, two levels of a word",
                                         .threads = 2,
                                         .setup = setup_first_filled,
                                         .body = {empty, fill_second},
                                         .check = check,
                                         .preemptions = 20,
                                         .deep_preemptions = 20};

const model_case occupancy_three_writers = {.name = "occupancy, three writers of a level",
                                            .threads = 3,
                                            .setup = setup_empty,
                                            .body = {fill, empty, refill},
                                            .check = check,
                                            .preemptions = 4,
                                            .deep_preemptions = 6};

/* The second level's writer finds the word filled by the first's, who goes on to leave it so. */
const model_case occupancy_three_writers_of_a_word = {.name = "occupancy, three writers of a word",
                                                      .threads = 3,
                                                      .setup = setup_empty,
                                                      .body = {fill, empty, fill_second},
                                                      .check = check,
                                                      .preemptions = 4,
                                                      .deep_preemptions = 6};
