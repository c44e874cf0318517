#include "stages.h"

/* A flush counts as late when the bundle waited twice as long as promised. */
static int is_late(const vx_builder *builder, uint64_t now_ns)
{
    return now_ns - builder->open->open_ns > 2 * (builder->deadline_ns - builder->open->open_ns);
}

#define CLOSED_MAX (VELOX_BATCH_MAX + 1) /* the open one, and one for each transaction */

/* One turn's bundles: slots claimed together, published together. */
typedef struct turn {
    vx_bundle *slots;
    uint32_t claimed;
    uint32_t closed;
    uint32_t taken;
    uint64_t id_sum;
    uint64_t ts_sum_ns;
    uint64_t out_id_sum;
    uint64_t reasons[3];
    uint64_t late;
    vx_stamps stamps[CLOSED_MAX]; /* of each closed bundle */
} turn;

static void close_open(vx_bundler *self, turn *turn, vx_flush reason, uint64_t now_ns)
{
    turn->late += reason == VX_FLUSH_TIMEOUT && is_late(&self->builder, now_ns);
    turn->out_id_sum += self->builder.held_id_sum;
    turn->stamps[turn->closed] = self->builder.held;
    vx_builder_close(&self->builder, reason, now_ns);
    turn->reasons[reason]++;
    turn->closed++;
}

/* Fills bundles with up to `count` items as far as the claimed slots reach. */
static void fill(vx_bundler *self, turn *turn, const vx_transaction *items, uint32_t count, uint64_t now_ns)
{
    vx_builder *const builder = &self->builder;
    while (turn->taken < count) {
        if (builder->open == NULL) {
            if (turn->closed == turn->claimed)
                break;
            vx_builder_open(builder, &turn->slots[turn->closed], now_ns);
        }
        const uint64_t held_id_sum = builder->held_id_sum;
        const uint64_t held_ts_sum_ns = builder->held.sum_ns;
        turn->taken += vx_builder_add(builder, items + turn->taken, count - turn->taken, now_ns);
        turn->id_sum += builder->held_id_sum - held_id_sum;
        turn->ts_sum_ns += builder->held.sum_ns - held_ts_sum_ns;
        if (vx_builder_full(builder))
            close_open(self, turn, VX_FLUSH_SIZE, now_ns);
    }
}

/* Closing time and latency of the bundles about to be published; the number of their transactions. */
static uint32_t settle(vx_bundler *self, const turn *turn, uint64_t after_ns)
{
    uint32_t transactions = 0;
    for (uint32_t i = 0; i < turn->closed; i++) {
        vx_bundle *const bundle = &turn->slots[i];
        vx_plain_write(&bundle->close_ns, sizeof bundle->close_ns);
        bundle->close_ns = after_ns;
        transactions += bundle->count;
        vx_histogram_record_stamps(self->stage.latency, &turn->stamps[i], after_ns);
    }
    return transactions;
}

static void count_turn(vx_bundler *self, const turn *turn, uint32_t flushed)
{
    vx_word *const block = self->stage.block;
    self->handled += turn->taken;
    self->flushed += flushed;
    vx_counter_add(&block[VX_BUNDLE_IN], turn->taken);
    vx_counter_add(&block[VX_BUNDLE_IN_IDS], turn->id_sum);
    vx_counter_add(&block[VX_BUNDLE_FLUSH_SIZE], turn->reasons[VX_FLUSH_SIZE]);
    vx_counter_add(&block[VX_BUNDLE_FLUSH_TIMEOUT], turn->reasons[VX_FLUSH_TIMEOUT]);
    vx_counter_add(&block[VX_BUNDLE_FLUSH_DRAIN], turn->reasons[VX_FLUSH_DRAIN]);
    vx_counter_add(&block[VX_BUNDLE_FLUSH_LATE], turn->late);
    for (uint32_t i = 0; i < turn->closed; i++)
        vx_counter_add(&block[VX_BUNDLE_FILL + turn->slots[i].count - 1u], 1);
    vx_counter_add(&block[VX_BUNDLE_BUNDLES], turn->closed);
    /* Release: as every word of the block. */
    vx_store_release(&block[VX_BUNDLE_HELD], self->builder.open_count);
    vx_store_release(&block[VX_BUNDLE_HELD_IDS], self->builder.held_id_sum);
    vx_counter_add(&block[VX_BUNDLE_OUT_IDS], turn->out_id_sum);
    vx_counter_add(&block[VX_BUNDLE_OUT], flushed);
}

/* Nothing may be open or due and nothing came: idle, or the end. */
static vx_duty nothing_came(vx_bundler *self, const vx_clock *clock)
{
    vx_stage *const stage = &self->stage;
    uint64_t next_id;
    vx_stage_occupancy(stage, 0);
    if (self->builder.open == NULL && vx_ring_ended(stage->in, &next_id)) {
        vx_stage_finish(stage, clock);
        vx_ring_end(stage->out, next_id);
    } else {
        vx_stage_idle(stage, clock);
    }
    return (vx_duty){0, self->builder.deadline_ns};
}

static void take_settings(vx_bundler *self)
{
    const vx_controls *const controls = self->stage.controls;
    /* Relaxed: ordered by the acquire of the generation in vx_stage_settings. */
    self->builder.bundle_max = (uint32_t)vx_load_relaxed(&controls->bundle_max);
    self->builder.timeout_ns = vx_load_relaxed(&controls->bundle_timeout_ns);
}

/* The open bundle must go now, before anything else enters: deadline, or the end of the flow. */
static int must_flush(const vx_bundler *self, uint32_t count, uint64_t now_ns, vx_flush *reason)
{
    uint64_t next_id;
    *reason = VX_FLUSH_TIMEOUT;
    if (vx_builder_due(&self->builder, now_ns))
        return 1;
    *reason = VX_FLUSH_DRAIN;
    return count == 0 && self->builder.open != NULL && vx_ring_ended(self->stage.in, &next_id);
}

/* What may be taken of the ring upstream. */
typedef struct span {
    const vx_transaction *items;
    uint32_t count;
} span;

/* Bundles are stored and counted: publish them, give the ring upstream its slots back. */
static vx_duty hand_over(vx_bundler *self, const turn *turn, uint64_t before_ns, uint64_t after_ns)
{
    vx_stage *const stage = &self->stage;
    vx_ring_publish(stage->out, turn->closed);
    vx_stage_worked(stage, before_ns, after_ns, turn->taken,
                    vx_entry_sum_ns(before_ns, turn->taken, turn->ts_sum_ns));
    if (turn->taken != 0) {
        vx_stage_occupancy(stage, vx_ring_found(stage->in));
        vx_stage_slowed(stage, before_ns, turn->taken);
        vx_counter_add(&stage->block[VX_TIMING_RING_TAKEN], turn->taken);
        vx_ring_release(stage->in, turn->taken);
    }
    return (vx_duty){turn->taken + turn->closed, self->builder.deadline_ns};
}

/* Flushes what must go (`reason`, NULL: nothing) and fills bundles in place, as far as the ring downstream
 * has room. */
static vx_duty move(vx_bundler *self, const vx_clock *clock, const span *from, const vx_flush *reason,
                    uint64_t before_ns)
{
    vx_stage *const stage = &self->stage;
    turn turn;
    memset(&turn, 0, offsetof(struct turn, stamps));
    void *slots;
    /* The open bundle lies in the first of the claimed slots. */
    turn.claimed = vx_ring_claim(stage->out, 2 + from->count / self->builder.bundle_max, &slots);
    turn.slots = slots;
    if (turn.claimed != 0 && reason != NULL)
        close_open(self, &turn, *reason, before_ns);
    fill(self, &turn, from->items, from->count, before_ns);
    if (turn.taken == 0 && turn.closed == 0) {
        vx_stage_blocked(stage, clock);
        return (vx_duty){0, UINT64_MAX};
    }
    const uint64_t after_ns = vx_clock_now_ns(clock);
    count_turn(self, &turn, settle(self, &turn, after_ns));
    return hand_over(self, &turn, before_ns, after_ns);
}

vx_duty vx_bundler_cycle(vx_bundler *self, const vx_clock *clock)
{
    vx_stage *const stage = &self->stage;
    uint64_t deadline_ns;
    const uint64_t generation = stage->generation;
    const uint32_t allowed = vx_stage_enter(stage, clock, &deadline_ns);
    if (generation != stage->generation)
        take_settings(self);
    if (allowed == 0)
        return (vx_duty){0, deadline_ns};
    void *items;
    const uint32_t there = vx_ring_peek(stage->in, allowed, &items);
    uint32_t count = there;
    const uint64_t cut = vx_stage_marker(stage, self->handled, &count);
    if (cut != 0) {
        vx_stage_cut(stage, cut, self->flushed);
        count = there;
    }
    if (count == 0 && self->builder.open == NULL)
        return nothing_came(self, clock);
    const uint64_t before_ns = vx_clock_now_ns(clock);
    vx_flush reason;
    const int flush = must_flush(self, count, before_ns, &reason);
    if (count == 0 && !flush)
        return nothing_came(self, clock);
    return move(self, clock, &(span){items, count}, flush ? &reason : NULL, before_ns);
}
