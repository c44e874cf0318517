#include "stages.h"

#define PREFETCH_AHEAD 8

typedef struct tally {
    uint64_t rejections[VELOX_REJECTION_COUNT];
    uint64_t retries;
    uint64_t crossed;
    uint64_t id_sum;
    uint64_t ts_sum_ns;
} tally;

/* Applies each transaction and passes it on, whether the book took it or not. */
static void apply_batch(vx_book *book, const vx_transaction *from, vx_transaction *to, uint32_t count,
                        uint64_t now_ns, tally *sums)
{
    for (uint32_t i = 0; i < count && i < PREFETCH_AHEAD; i++)
        vx_book_prefetch(book, &from[i]);
    for (uint32_t i = 0; i < count; i++) {
        if (i + PREFETCH_AHEAD < count)
            vx_book_prefetch(book, &from[i + PREFETCH_AHEAD]);
        const vx_applied applied = vx_book_apply(book, &from[i], now_ns);
        sums->rejections[applied.rejection]++;
        sums->retries += applied.retries;
        sums->crossed += applied.crossed;
        sums->id_sum += from[i].id;
        sums->ts_sum_ns += from[i].ts_ns;
        to[i] = from[i];
    }
}

static void count_batch(vx_order_book *self, uint32_t count, const tally *sums)
{
    vx_word *const block = self->stage.block;
    self->handled += count;
    vx_counter_add(&block[VX_BOOK_IN], count);
    vx_counter_add(&block[VX_BOOK_IN_IDS], sums->id_sum);
    vx_counter_add(&block[VX_BOOK_APPLIED], sums->rejections[VELOX_ACCEPTED]);
    if (sums->rejections[VELOX_ACCEPTED] != count)
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
    apply_batch(&self->book, items, slots, count, before_ns, &sums);
    const uint64_t after_ns = vx_clock_now_ns(clock);
    count_batch(self, count, &sums);
    vx_ring_publish(stage->out, count);
    const vx_transaction *const first = items;
    vx_histogram_record_since(stage->latency, &first->ts_ns, sizeof *first, count, after_ns);
    vx_stage_worked(stage, before_ns, after_ns, count, vx_entry_sum_ns(before_ns, count, sums.ts_sum_ns));
    vx_stage_slowed(stage, before_ns, count);
    vx_counter_add(&stage->block[VX_TIMING_RING_TAKEN], count);
    vx_ring_release(stage->in, count);
    return (vx_duty){count, UINT64_MAX};
}
