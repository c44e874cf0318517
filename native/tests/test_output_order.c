/* Output's stores in their order: its copy is whole before the cut is complete, its counts before the slots
 * are given back. Watched at the calls. And what it counts of bundles that are missing. */
#include "stages.h"

static void watch_complete(vx_word *newest, uint64_t sequence);
static void watch_release(vx_ring *ring, uint32_t count);
#define vx_output_cycle cycle_watched
#define vx_cut_complete watch_complete
#define vx_ring_release watch_release
#include "stage_output.c"
#undef vx_cut_complete
#undef vx_ring_release

#include "check.h"

#define SLOTS 8

static vx_output self;
static vx_clock virtual_clock;
static vx_controls controls;
static vx_ring in;
static vx_marker marker_in;
static vx_word block[VX_BLOCK_WORDS];
static vx_word copies[2 * VX_CUT_WORDS];
static vx_word newest;
static vx_histogram histogram; /* whatever is recorded */
static uint64_t given_transactions, given_bundles, next_id;
static int completions, releases;

static uint64_t counted(uint32_t word)
{
    return vx_load_relaxed(&block[word]);
}

static void watch_complete(vx_word *to, uint64_t sequence)
{
    uint64_t copied[VX_CUT_WORDS];
    CHECK(to == &newest);
    vx_cut_load(copies, VX_CUT_WORDS, sequence, copied);
    for (uint32_t i = 0; i < VX_CUT_WORDS; i++)
        CHECK_EQUAL(copied[i], counted(i));
    completions++;
    vx_cut_complete(to, sequence);
}

static void watch_release(vx_ring *ring, uint32_t count)
{
    CHECK_EQUAL(counted(VX_OUTPUT_IN), given_transactions);
    CHECK_EQUAL(counted(VX_OUTPUT_DELIVERED), given_transactions);
    CHECK_EQUAL(counted(VX_OUTPUT_BUNDLES), given_bundles);
    CHECK_EQUAL(counted(VX_TIMING_RING_TAKEN), given_bundles);
    releases++;
    vx_ring_release(ring, count);
}

static void setup(void)
{
    vx_clock_init_virtual(&virtual_clock, 1000);
    CHECK_EQUAL(vx_ring_init(&in, SLOTS, sizeof(vx_bundle)), VELOX_OK);
    vx_histogram *const any = &histogram;
    self.stage = (vx_stage){.block = block,
                            .cut_copies = copies,
                            .controls = &controls,
                            .in = &in,
                            .latency = any,
                            .service = any,
                            .batch = any,
                            .occupancy = any,
                            .marker_in = &marker_in,
                            .index = VELOX_OUTPUT};
    self.no_wait = any;
    self.cut_newest = &newest;
}

static void give(uint64_t sequence, uint8_t count)
{
    vx_bundle bundle = {.sequence = sequence, .count = count};
    for (uint8_t i = 0; i < count; i++)
        bundle.transactions[i].id = next_id++;
    CHECK_EQUAL(vx_ring_push_any(&in, &bundle), 1);
    given_bundles++;
    given_transactions += count;
}

static void should_count_before_it_gives_the_slots_back(void)
{
    give(0, 3);
    give(1, 16);
    CHECK_EQUAL(cycle_watched(&self, &virtual_clock).work, 2);
    CHECK_EQUAL(releases, 1);
}

static void should_copy_before_the_cut_is_complete(void)
{
    for (uint64_t sequence = 1; sequence <= 3; sequence++) {
        vx_marker_send(&marker_in, sequence, given_transactions);
        CHECK_EQUAL(cycle_watched(&self, &virtual_clock).work, 0);
        CHECK_EQUAL(completions, sequence);
        CHECK_EQUAL(vx_cut_newest(&newest), sequence);
        give(1 + sequence, 1);
        CHECK_EQUAL(cycle_watched(&self, &virtual_clock).work, 1);
    }
    CHECK_EQUAL(counted(VX_OUTPUT_SEQUENCE_GAPS), 0);
}

static void should_count_the_bundles_that_are_missing(void)
{
    give(8, 2); /* 5, 6 and 7 are not there */
    CHECK_EQUAL(cycle_watched(&self, &virtual_clock).work, 1);
    CHECK_EQUAL(counted(VX_OUTPUT_SEQUENCE_GAPS), 3);
    give(9, 1);
    give(11, 1);
    CHECK_EQUAL(cycle_watched(&self, &virtual_clock).work, 2);
    CHECK_EQUAL(counted(VX_OUTPUT_SEQUENCE_GAPS), 4);
    CHECK_EQUAL(counted(VX_OUTPUT_ID_GAPS), 0);
}

int main(void)
{
    setup();
    RUN(should_count_before_it_gives_the_slots_back);
    RUN(should_copy_before_the_cut_is_complete);
    RUN(should_count_the_bundles_that_are_missing);
    vx_ring_free(&in);
    return 0;
}
