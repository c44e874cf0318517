#include "stages.h"

/* What one turn emits: intended arrivals and, from an input file, the transactions. */
typedef struct emission {
    uint32_t count;
    uint32_t burst;
    uint64_t intended_ns[VELOX_BATCH_MAX];
    vx_transaction records[VELOX_BATCH_MAX];
} emission;

static void take_settings(vx_ingress *self, const vx_clock *clock)
{
    const vx_controls *const controls = self->stage.controls;
    const uint64_t now_ns = vx_clock_now_ns(clock);
    /* Relaxed: ordered by the acquire of the generation in vx_stage_settings. */
    const uint64_t rate_millihz = vx_load_relaxed(&controls->rate_millihz);
    const uint64_t hold = vx_load_relaxed(&controls->hold);
    self->burst_asked = vx_load_relaxed(&controls->burst_total);
    if (rate_millihz != self->rate_millihz) {
        self->rate_millihz = rate_millihz;
        vx_schedule_set_rate(&self->schedule, rate_millihz, now_ns);
    }
    if (hold == self->held)
        return;
    self->held = hold;
    if (self->input != NULL)
        (hold != 0 ? vx_input_hold : vx_input_release)(self->input, now_ns);
    else
        (hold != 0 ? vx_schedule_hold : vx_schedule_release)(&self->schedule, now_ns);
}

/* Gathers what is due: bursts first, which go out at once. */
static void gather(vx_ingress *self, uint64_t now_ns, uint32_t most, emission *due)
{
    const uint64_t burst = self->burst_asked - self->burst_done;
    due->burst = burst < most ? (uint32_t)burst : most;
    self->burst_done += due->burst;
    for (uint32_t i = 0; i < due->burst; i++)
        due->intended_ns[i] = now_ns;
    if (self->input == NULL) {
        due->count = due->burst + vx_schedule_due(&self->schedule, now_ns, due->intended_ns + due->burst,
                                                  most - due->burst);
        return;
    }
    due->count = vx_input_due(self->input, now_ns, due->records, most);
    for (uint32_t i = 0; i < due->count; i++)
        due->intended_ns[i] = due->records[i].ts_ns;
}

/* Writes transactions first .. first + count - 1 of the emission to `to`; the sum of their ids. */
static uint64_t produce(vx_ingress *self, const emission *due, uint32_t first, uint32_t count,
                        vx_transaction *to)
{
    const uint64_t id = self->next_id;
    vx_plain_write(to, count * sizeof *to);
    self->next_id += count;
    if (self->input == NULL)
        vx_flow_next(&self->flow, to, count, id, &due->intended_ns[first]);
    else
        memcpy(to, &due->records[first], count * sizeof *to);
    for (uint32_t i = 0; i < count && self->input != NULL; i++)
        to[i].id = id + i;
    return count * id + count * (count - 1) / 2;
}

static void push(vx_ingress *self, const emission *due, uint32_t first, uint32_t count, vx_transaction *slots)
{
    vx_word *const block = self->stage.block;
    const uint64_t id_sum = produce(self, due, first, count, slots);
    vx_counter_add(&block[VX_INGRESS_GENERATED], count);
    vx_counter_add(&block[VX_INGRESS_GENERATED_IDS], id_sum);
    vx_counter_add(&block[VX_INGRESS_PUSHED_IDS], id_sum);
    vx_counter_add(&block[VX_INGRESS_PUSHED], count);
    vx_ring_publish(self->stage.out, count);
}

/* They are generated all the same: the flow does not depend on which pushes succeed. */
static void drop(vx_ingress *self, const emission *due, uint32_t first, uint32_t count)
{
    vx_word *const block = self->stage.block;
    vx_transaction nowhere[VELOX_BATCH_MAX];
    const uint64_t id_sum = produce(self, due, first, count, nowhere);
    vx_counter_add(&block[VX_INGRESS_GENERATED], count);
    vx_counter_add(&block[VX_INGRESS_GENERATED_IDS], id_sum);
    vx_counter_add(&block[VX_INGRESS_DROPPED], count);
    vx_counter_add(&block[VX_INGRESS_DROPPED_IDS], id_sum);
    vx_counter_add(&block[VX_TIMING_RING_FULL], 1);
}

/* Pushes in one or two spans (the ring may wrap) and drops the rest; the number pushed. */
static uint32_t emit(vx_ingress *self, const emission *due)
{
    uint32_t done = 0;
    while (done < due->count) {
        void *slots;
        const uint32_t count = vx_ring_claim(self->stage.out, due->count - done, &slots);
        if (count == 0) {
            drop(self, due, done, due->count - done);
            break;
        }
        push(self, due, done, count, slots);
        done += count;
    }
    return done;
}

static void count_input(const vx_ingress *self)
{
    vx_word *const block = self->stage.block;
    const vx_input *const input = self->input;
    /* Release: as every word of the block. */
    for (uint32_t error = 1; error < VX_TRANSACTION_ERRORS; error++)
        vx_store_release(&block[VX_INGRESS_BAD_SIDE + error - VELOX_TRANSACTION_BAD_SIDE],
                         input->rejected[error]);
    vx_store_release(&block[VX_INGRESS_OUT_OF_ORDER], input->out_of_order);
    vx_store_release(&block[VX_INGRESS_WRAPS], input->wraps);
}

static uint64_t next_deadline_ns(const vx_ingress *self)
{
    if (self->burst_asked != self->burst_done)
        return 0;
    return self->input != NULL ? vx_input_next_ns(self->input) : vx_schedule_next_ns(&self->schedule);
}

static vx_duty end(vx_ingress *self, const vx_clock *clock)
{
    if (self->input != NULL)
        count_input(self); /* a file of nothing but invalid records ends before the first turn */
    vx_stage_finish(&self->stage, clock);
    vx_ring_end(self->stage.out, self->next_id);
    return (vx_duty){0, UINT64_MAX};
}

/* How many this turn may gather: with blocking no more than there is room for. */
static uint32_t room(vx_ingress *self, uint32_t allowed)
{
    void *slots;
    return self->on_full == VELOX_BLOCK ? vx_ring_claim(self->stage.out, allowed, &slots) : allowed;
}

static void account(vx_ingress *self, const emission *due, uint32_t pushed, uint64_t before_ns,
                    uint64_t after_ns)
{
    vx_stage *const stage = &self->stage;
    const vx_stamps all = vx_stamps_of(due->intended_ns, sizeof due->intended_ns[0], due->count);
    const vx_stamps kept =
        pushed == due->count ? all : vx_stamps_of(due->intended_ns, sizeof due->intended_ns[0], pushed);
    const uint64_t late_sum_ns = before_ns * pushed - kept.sum_ns;
    vx_histogram_record_stamps(self->lateness, &all, before_ns);
    vx_histogram_record_stamps(stage->latency, &kept, after_ns);
    vx_counter_add(&stage->block[VX_INGRESS_BURST], due->burst);
    vx_stage_worked(stage, before_ns, after_ns, due->count, late_sum_ns);
    vx_stage_slowed(stage, before_ns, due->count);
}

vx_duty vx_ingress_cycle(vx_ingress *self, const vx_clock *clock)
{
    vx_stage *const stage = &self->stage;
    uint64_t deadline_ns;
    uint64_t position;
    const uint64_t generation = stage->generation;
    const uint32_t allowed = vx_stage_enter(stage, clock, &deadline_ns);
    if (generation != stage->generation)
        take_settings(self, clock);
    const uint64_t cut = vx_marker_pending(stage->marker_in, stage->cut_done, &position);
    if (cut != 0)
        vx_stage_cut(stage, cut, vx_load_relaxed(&stage->block[VX_INGRESS_PUSHED]));
    if (stage->stopping || (self->input != NULL && vx_input_ended(self->input)))
        return end(self, clock);
    if (allowed == 0)
        return (vx_duty){0, deadline_ns};
    const uint32_t most = room(self, allowed);
    const uint64_t before_ns = vx_clock_now_ns(clock);
    if (most == 0 && next_deadline_ns(self) <= before_ns) {
        vx_stage_blocked(stage, clock);
        return (vx_duty){0, UINT64_MAX};
    }
    emission due;
    gather(self, before_ns, most, &due);
    if (self->input != NULL)
        count_input(self);
    if (due.count == 0) {
        vx_stage_idle(stage, clock);
        return (vx_duty){0, next_deadline_ns(self)};
    }
    const uint32_t pushed = emit(self, &due);
    account(self, &due, pushed, before_ns, vx_clock_now_ns(clock));
    return (vx_duty){due.count, next_deadline_ns(self)};
}
