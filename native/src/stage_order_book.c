#include "stages.h"

typedef struct tally {
    uint64_t rejections[VELOX_REJECTION_COUNT];
    uint64_t retries;
    uint64_t crossed;
    uint64_t id_sum;
} tally;

/* Each transaction's level, asked for. */
static void find_levels(const vx_book *book, const vx_transaction *from, uint32_t count, vx_level **levels)
{
    for (uint32_t i = 0; i < count; i++) {
        levels[i] = vx_book_find(book, &from[i]);
        __builtin_prefetch(levels[i], 1); /* of NULL it asks for nothing */
    }
}

/* Applies each transaction to its level. */
static void apply_batch(vx_book *book, const vx_transaction *from, uint32_t count, vx_level *const *levels,
                        uint64_t now_ns, tally *sums)
{
    for (uint32_t i = 0; i < count; i++) {
        if (levels[i] == NULL) {
            sums->rejections[vx_book_refusal(&from[i])]++;
            continue;
        }
        const vx_applied applied = vx_book_update(book, levels[i], &from[i], now_ns);
        if (applied.rejection != VELOX_ACCEPTED)
            sums->rejections[applied.rejection]++;
        sums->retries += applied.retries;
        sums->crossed += applied.crossed;
    }
}

static void count_batch(vx_order_book *self, uint32_t count, const tally *sums)
{
    vx_word *const block = self->stage.block;
    self->handled += count;
    vx_counter_add(&block[VX_BOOK_IN], count);
    vx_counter_add(&block[VX_BOOK_IN_IDS], sums->id_sum);
    uint64_t rejected = 0;
    for (uint32_t cause = 1; cause < VELOX_REJECTION_COUNT; cause++)
        rejected += sums->rejections[cause];
    vx_counter_add(&block[VX_BOOK_APPLIED], count - rejected);
    if (rejected != 0)
        for (uint32_t cause = 1; cause < VELOX_REJECTION_COUNT; cause++)
            vx_counter_add(&block[VX_BOOK_REJECTED_WINDOW + cause - VELOX_REJECTED_WINDOW],
                           sums->rejections[cause]);
    if ((sums->retries | sums->crossed) != 0) {
        vx_counter_add(&block[VX_BOOK_CAS_RETRIES], sums->retries);
        vx_counter_add(&block[VX_BOOK_CROSSED], sums->crossed);
    }
    vx_counter_add(&block[VX_BOOK_OUT_IDS], sums->id_sum);
    vx_counter_add(&block[VX_BOOK_OUT], count);
}

static vx_duty nothing_came(vx_order_book *self, const vx_clock *clock)
{
    vx_stage *const stage = &self->stage;
    uint64_t next_id;
    vx_stage_occupancy(stage, 0);
    if (vx_ring_ended(stage->in, &next_id)) {
        vx_stage_finish(stage, clock);
        vx_ring_end(stage->out, next_id);
    } else {
        vx_stage_idle(stage, clock);
    }
    return (vx_duty){0, UINT64_MAX};
}

vx_duty vx_order_book_cycle(vx_order_book *self, const vx_clock *clock)
{
    vx_stage *const stage = &self->stage;
    uint64_t deadline_ns;
    const uint32_t allowed = vx_stage_enter(stage, clock, &deadline_ns);
    if (allowed == 0)
        return (vx_duty){0, deadline_ns};
    void *items;
    void *slots;
    const uint32_t there = vx_ring_peek(stage->in, allowed, &items);
    uint32_t count = there;
    const uint64_t cut = vx_stage_marker(stage, self->handled, &count);
    if (cut != 0) {
        vx_stage_cut(stage, cut, self->handled);
        count = there;
    }
    if (count == 0)
        return nothing_came(self, clock);
    count = vx_ring_claim(stage->out, count, &slots);
    if (count == 0) {
        vx_stage_blocked(stage, clock);
        return (vx_duty){0, UINT64_MAX};
    }
    vx_stage_occupancy(stage, vx_ring_found(stage->in));
    tally sums = {0};
    const uint64_t before_ns = vx_clock_now_ns(clock);
    vx_level *levels[VELOX_BATCH_MAX];
    find_levels(&self->book, items, count, levels);
    apply_batch(&self->book, items, count, levels, before_ns, &sums);
    const vx_batch batch = vx_batch_copy(slots, items, count);
    sums.id_sum = batch.id_sum;
    const uint64_t after_ns = vx_clock_now_ns(clock);
    count_batch(self, count, &sums);
    vx_ring_publish(stage->out, count);
    vx_histogram_record_stamps(stage->latency, &batch.stamps, after_ns);
    vx_stage_worked(stage, before_ns, after_ns, count,
                    vx_entry_sum_ns(before_ns, count, batch.stamps.sum_ns));
    vx_stage_slowed(stage, before_ns, count);
    vx_counter_add(&stage->block[VX_TIMING_RING_TAKEN], count);
    vx_ring_release(stage->in, count);
    return (vx_duty){count, UINT64_MAX};
}
