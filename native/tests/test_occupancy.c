/* The occupancy bitmap of one side, by one thread: bits, summary and best level at the edges of words and of
 * the side. */
#include "occupancy.h"

#include <string.h>

#include "check.h"

static uint64_t quantities[VELOX_LEVELS_MAX];
static vx_occupancy occupancy;

static void clear_all(void)
{
    memset(quantities, 0, sizeof quantities);
    memset(&occupancy, 0, sizeof occupancy);
}

static void settle(uint32_t level, uint64_t quantity)
{
    /* The settling reads the quantity through the book's own atomic word. */
    VX_ATOMIC(uint64_t) held;
    quantities[level] = quantity;
    vx_store_relaxed(&held, quantity);
    vx_occupancy_settle(&occupancy, level, &held, quantity);
}

static int32_t scan(vx_side side)
{
    for (int32_t i = 0; i < VELOX_LEVELS_MAX; i++) {
        const int32_t level = side == VX_ASK ? i : VELOX_LEVELS_MAX - 1 - i;
        if (quantities[level] != 0)
            return level;
    }
    return -1;
}

static void check_against_quantities(void)
{
    for (uint32_t word = 0; word < VX_OCCUPANCY_WORDS; word++) {
        uint64_t bits = 0;
        for (uint32_t bit = 0; bit < VX_WORD_BITS; bit++)
            bits |= (uint64_t)(quantities[word * VX_WORD_BITS + bit] != 0) << bit;
        CHECK_EQUAL(vx_load_relaxed(&occupancy.words[word]), bits);
        CHECK_EQUAL(vx_load_relaxed(&occupancy.summary) >> word & 1, bits != 0);
    }
    CHECK_EQUAL(vx_occupancy_best(&occupancy, VX_BID), scan(VX_BID));
    CHECK_EQUAL(vx_occupancy_best(&occupancy, VX_ASK), scan(VX_ASK));
}

static void should_have_no_best_when_empty(void)
{
    clear_all();
    CHECK_EQUAL(vx_occupancy_best(&occupancy, VX_BID), -1);
    CHECK_EQUAL(vx_occupancy_best(&occupancy, VX_ASK), -1);
}

static void should_find_a_single_level_wherever_it_lies(void)
{
    clear_all();
    for (uint32_t level = 0; level < VELOX_LEVELS_MAX; level++) {
        settle(level, 1);
        CHECK_EQUAL(vx_occupancy_best(&occupancy, VX_BID), level);
        CHECK_EQUAL(vx_occupancy_best(&occupancy, VX_ASK), level);
        settle(level, 0);
        CHECK_EQUAL(vx_load_relaxed(&occupancy.summary), 0);
    }
}

static void should_prefer_the_highest_bid_and_the_lowest_ask(void)
{
    clear_all();
    settle(0, 5);
    settle(63, 5);
    settle(64, 5);
    settle(VELOX_LEVELS_MAX - 1, 5);
    CHECK_EQUAL(vx_occupancy_best(&occupancy, VX_BID), VELOX_LEVELS_MAX - 1);
    CHECK_EQUAL(vx_occupancy_best(&occupancy, VX_ASK), 0);
    settle(0, 0);
    settle(VELOX_LEVELS_MAX - 1, 0);
    CHECK_EQUAL(vx_occupancy_best(&occupancy, VX_BID), 64);
    CHECK_EQUAL(vx_occupancy_best(&occupancy, VX_ASK), 63);
}

static void should_pass_over_a_word_that_the_summary_still_names(void)
{
    clear_all();
    settle(70, 1);
    settle(700, 1);
    settle(3000, 1);
    /* As between another writer's clearing of the last bit and of the summary's. */
    vx_store_relaxed(&occupancy.words[70 / VX_WORD_BITS], 0);
    vx_store_relaxed(&occupancy.words[3000 / VX_WORD_BITS], 0);
    CHECK_EQUAL(vx_occupancy_best(&occupancy, VX_BID), 700);
    CHECK_EQUAL(vx_occupancy_best(&occupancy, VX_ASK), 700);
    vx_store_relaxed(&occupancy.words[700 / VX_WORD_BITS], 0);
    CHECK_EQUAL(vx_occupancy_best(&occupancy, VX_BID), -1);
}

static void should_follow_what_the_quantity_is_not_what_it_was(void)
{
    VX_ATOMIC(uint64_t) held;
    clear_all();
    vx_store_relaxed(&held, 0); /* another writer emptied it before this one settles its add */
    vx_occupancy_settle(&occupancy, 9, &held, 7);
    check_against_quantities();
    vx_store_relaxed(&held, 7);
    quantities[9] = 7;
    vx_occupancy_settle(&occupancy, 9, &held, 0);
    check_against_quantities();
}

static void should_agree_with_a_scan_after_random_changes(void)
{
    uint64_t random = 88172645463325252u;
    clear_all();
    for (uint32_t i = 0; i < 3000; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        const uint32_t word = (uint32_t)(random % 5) * 13; /* few words, so that they fill and empty */
        settle(word * VX_WORD_BITS + (uint32_t)(random >> 8) % 4 * 21, random >> 16 & 1);
        check_against_quantities();
    }
}

int main(void)
{
    RUN(should_have_no_best_when_empty);
    RUN(should_find_a_single_level_wherever_it_lies);
    RUN(should_prefer_the_highest_bid_and_the_lowest_ask);
    RUN(should_pass_over_a_word_that_the_summary_still_names);
    RUN(should_follow_what_the_quantity_is_not_what_it_was);
    RUN(should_agree_with_a_scan_after_random_changes);
    return 0;
}
