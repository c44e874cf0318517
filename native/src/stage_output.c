#include "stages.h"

#define BUNDLES_A_BATCH 32 /* twice what a full turn of Bundle makes by default: a backlog goes away */

typedef struct tally {
    uint64_t transactions;
    uint64_t id_sum;
    uint64_t entry_sum_ns;
    uint64_t id_gaps;
    uint64_t sequence_gaps;
} tally;

/* A cut that is due now; else 0, and *count is cut down to the bundles before the marker, which always falls
 * between two. */
static uint64_t marker(const vx_output *self, const vx_bundle *bundles, uint32_t *count)
{
    uint64_t position = 0;
    const uint64_t sequence = vx_marker_pending(self->stage.marker_in, self->stage.cut_done, &position);
    if (sequence == 0)
        return 0;
    uint64_t before = position - self->handled;
    if (before == 0)
        return sequence;
    uint32_t until = 0;
    while (until < *count && before != 0)
        before -= bundles[until++].count;
    *count = until;
    return 0;
}

/* Sums, and what is missing: ids arrive ascending, so the gap before a bundle's end is what its count does
 * not explain. */
static void look(vx_output *self, const vx_bundle *bundle, uint64_t now_ns, tally *sums, vx_stamps *stamps)
{
    vx_plain_read(bundle, offsetof(vx_bundle, transactions));
    const uint32_t count = bundle->count;
    const vx_transaction *const transactions = bundle->transactions;
    const vx_batch batch = vx_batch_of(transactions, count);
    *stamps = batch.stamps;
    sums->id_sum += batch.id_sum;
    const uint64_t after_last = transactions[count - 1].id + 1;
    sums->id_gaps += after_last - self->expected_id - count;
    self->expected_id = after_last;
    sums->sequence_gaps += bundle->sequence - self->expected_sequence;
    self->expected_sequence = bundle->sequence + 1;
    sums->transactions += count;
    sums->entry_sum_ns += vx_entry_sum_ns(now_ns, count, stamps->sum_ns);
}

static uint64_t wait_ns(const vx_bundle *bundle, uint32_t i)
{
    const uint64_t entry_ns = vx_bundle_entry_ns(bundle, i);
    return bundle->close_ns > entry_ns ? bundle->close_ns - entry_ns : 0;
}

/* End to end, with the wait in the open bundle and without it. Those that entered together waited alike. */
static void record_latency(const vx_output *self, const vx_bundle *bundle, const vx_stamps *stamps,
                           uint64_t now_ns)
{
    vx_plain_read(bundle, offsetof(vx_bundle, transactions));
    vx_histogram_record_stamps(self->stage.latency, stamps, now_ns);
    if (memcmp(&bundle->entry[0], &bundle->entry[1], (bundle->count - 1u) * sizeof bundle->entry[0]) == 0) {
        vx_histogram_record_stamps(self->no_wait, stamps, now_ns - wait_ns(bundle, 0));
        return;
    }
    uint64_t shifted_ns[VELOX_BUNDLE_CAPACITY];
    for (uint32_t i = 0; i < bundle->count; i++)
        shifted_ns[i] = bundle->transactions[i].ts_ns + wait_ns(bundle, i);
    vx_histogram_record_since(self->no_wait, shifted_ns, sizeof shifted_ns[0], bundle->count, now_ns);
}

static void count_batch(vx_output *self, uint32_t bundles, const tally *sums)
{
    vx_word *const block = self->stage.block;
    self->handled += sums->transactions;
    vx_counter_add(&block[VX_OUTPUT_BUNDLES], bundles);
    vx_counter_add(&block[VX_OUTPUT_IN], sums->transactions);
    vx_counter_add(&block[VX_OUTPUT_IN_IDS], sums->id_sum);
    vx_counter_add(&block[VX_OUTPUT_ID_GAPS], sums->id_gaps);
    vx_counter_add(&block[VX_OUTPUT_SEQUENCE_GAPS], sums->sequence_gaps);
    vx_counter_add(&block[VX_OUTPUT_DELIVERED_IDS], sums->id_sum);
    vx_counter_add(&block[VX_OUTPUT_DELIVERED], sums->transactions);
}

static void nothing_came(vx_output *self, const vx_clock *clock)
{
    vx_stage *const stage = &self->stage;
    uint64_t next_id;
    vx_stage_occupancy(stage, 0);
    if (vx_ring_ended(stage->in, &next_id)) {
        /* What was dropped after the last delivered one. */
        vx_counter_add(&stage->block[VX_OUTPUT_ID_GAPS], next_id - self->expected_id);
        vx_stage_finish(stage, clock);
    } else {
        vx_stage_idle(stage, clock);
    }
}

vx_duty vx_output_cycle(vx_output *self, const vx_clock *clock)
{
    vx_stage *const stage = &self->stage;
    uint64_t deadline_ns;
    const uint32_t allowed = vx_stage_enter(stage, clock, &deadline_ns);
    if (allowed == 0)
        return (vx_duty){0, deadline_ns};
    void *items;
    uint32_t count = vx_ring_peek(stage->in, allowed < BUNDLES_A_BATCH ? allowed : BUNDLES_A_BATCH, &items);
    const vx_bundle *const bundles = items;
    const uint64_t cut = marker(self, bundles, &count);
    if (cut != 0) {
        vx_stage_cut(stage, cut, 0);
        vx_cut_complete(self->cut_newest, cut);
    }
    if (count == 0) {
        nothing_came(self, clock);
        return (vx_duty){0, UINT64_MAX};
    }
    vx_stage_occupancy(stage, vx_ring_found(stage->in));
    tally sums = {0};
    const uint64_t before_ns = vx_clock_now_ns(clock);
    vx_stamps stamps[BUNDLES_A_BATCH];
    for (uint32_t i = 0; i < count; i++)
        look(self, &bundles[i], before_ns, &sums, &stamps[i]);
    if (self->sink != NULL)
        self->sink(self->sink_context, bundles, count);
    const uint64_t after_ns = vx_clock_now_ns(clock);
    for (uint32_t i = 0; i < count; i++)
        record_latency(self, &bundles[i], &stamps[i], after_ns);
    count_batch(self, count, &sums);
    vx_stage_worked(stage, before_ns, after_ns, count, sums.entry_sum_ns);
    vx_stage_slowed(stage, before_ns, count);
    vx_counter_add(&stage->block[VX_TIMING_RING_TAKEN], count);
    vx_ring_release(stage->in, count);
    return (vx_duty){count, UINT64_MAX};
}
