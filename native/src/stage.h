/* What the four stages share. A stage is a duty cycle on the clock it is given: it takes what is there, reads
 * the clock once before and once after each non-empty batch, stores its counters, then publishes downstream.
 * It belongs to one thread; only its counter block, histograms and rings are seen by others. */
#ifndef VX_STAGE_H
#define VX_STAGE_H
#include "batch.h"
#include "clock.h"
#include "controls.h"
#include "cut.h"
#include "histogram.h"
#include "ring.h"
#include "words.h"

typedef VX_ATOMIC(uint64_t) vx_word;

/* What one turn moved, and when the stage wants its next one even if nothing comes (UINT64_MAX: whenever). */
typedef struct vx_duty {
    uint32_t work;
    uint64_t next_deadline_ns;
} vx_duty;

typedef struct vx_stage {
    alignas(VX_SPACING) vx_word *block;
    vx_word *cut_copies;
    vx_controls *controls;
    vx_ring *in;             /* NULL: the first stage */
    vx_ring *out;            /* NULL: the last stage */
    vx_histogram *latency;   /* since intended arrival, at the exit */
    vx_histogram *service;   /* time of a batch */
    vx_histogram *batch;     /* items of a batch */
    vx_histogram *occupancy; /* of the ring upstream */
    vx_marker *marker_in;
    vx_marker *marker_out; /* NULL: the last stage */
    uint64_t cut_done;     /* sequence of the latest cut this stage has copied */
    uint64_t generation;   /* of the settings below */
    uint64_t stall_until_ns;
    uint64_t slow_ns;
    uint64_t ready_ns;   /* slowed: when the next item may be taken; 0: at once, nothing is under way */
    uint64_t blocked_ns; /* blocked: last time that was seen; 0: not blocked */
    uint64_t idle_turns;
    uint64_t stopping;
    int index;
    VX_ATOMIC(uint64_t) finished; /* 1: drained; nothing moves any more */
} vx_stage;

/* Takes its settings over anew, faults among them; none is on once the pipeline is stopping. */
void vx_stage_settings(vx_stage *stage);
/* Items this turn may take: 0 while stalled or slowed (then *deadline_ns says until when), else up to
 * VELOX_BATCH_MAX. */
uint32_t vx_stage_gate(vx_stage *stage, const vx_clock *clock, uint64_t *deadline_ns);
/* A slowed stage has taken `count` at now_ns. It makes up for a turn that came late, as far as there is
 * enough to take; time it spent idle, blocked or stalled is not made up for. */
void vx_stage_slowed(vx_stage *stage, uint64_t now_ns, uint32_t count);
/* The ring downstream is full. */
void vx_stage_blocked(vx_stage *stage, const vx_clock *clock);
/* Nothing to do: a sign of life now and then. */
void vx_stage_idle(vx_stage *stage, const vx_clock *clock);
/* Drained: the last sign of life, then `finished`. Before the end is passed on downstream: so who sees Output
 * finished sees the last words of every stage. */
void vx_stage_finish(vx_stage *stage, const vx_clock *clock);

static inline int vx_stage_is_finished(const vx_stage *stage)
{
    /* Acquire pairs with the release in vx_stage_finish: the final counters are seen. */
    return vx_load_acquire(&stage->finished) != 0;
}

/* Its thread has parked so many times by now. Not told to a stage that has finished: its words are final. */
static inline void vx_stage_parked(vx_stage *stage, uint64_t parks)
{
    /* Release: who sees a park sees the turn counted that moved nothing, so that no reading has more parks.
     */
    vx_store_release(&stage->block[VX_TIMING_PARKS], parks);
}

/* The fast gate: nothing changed, no fault on. */
static inline uint32_t vx_stage_enter(vx_stage *stage, const vx_clock *clock, uint64_t *deadline_ns)
{
    vx_counter_add(&stage->block[VX_TIMING_CYCLES], 1);
    const vx_controls *const controls = stage->controls;
    /* Relaxed: only whether to look; vx_stage_settings acquires. */
    if (vx_load_relaxed(&controls->generation) != stage->generation ||
        vx_load_relaxed(&controls->stopping) != stage->stopping)
        vx_stage_settings(stage);
    *deadline_ns = UINT64_MAX;
    if (__builtin_expect((stage->stall_until_ns | stage->slow_ns) == 0, 1))
        return VELOX_BATCH_MAX;
    return vx_stage_gate(stage, clock, deadline_ns);
}

/* A cut that is due now: everything before the marker is handled. Else 0, and *count is cut down to what lies
 * before the marker. */
static inline uint64_t vx_stage_marker(const vx_stage *stage, uint64_t handled, uint32_t *count)
{
    uint64_t position = 0;
    const uint64_t sequence = vx_marker_pending(stage->marker_in, stage->cut_done, &position);
    if (sequence == 0)
        return 0;
    const uint64_t before = position - handled;
    if (before < *count)
        *count = (uint32_t)before;
    return before == 0 ? sequence : 0;
}

/* Copies the block into cut `sequence` and sends the marker on with the position it has downstream. */
static inline void vx_stage_cut(vx_stage *stage, uint64_t sequence, uint64_t position)
{
    vx_cut_copy(stage->cut_copies, stage->block, VX_CUT_WORDS, sequence);
    stage->cut_done = sequence;
    if (stage->marker_out != NULL)
        vx_marker_send(stage->marker_out, sequence, position);
}

/* What the ring upstream holds, as of the latest refresh. */
static inline void vx_stage_occupancy(vx_stage *stage, uint32_t found)
{
    /* Release: as every word of the block. */
    vx_store_release(&stage->block[VX_TIMING_RING_OCCUPANCY], found);
    if (found != 0)
        vx_histogram_record(stage->occupancy, found);
}

/* Time and size of a batch that began at before_ns and ended at after_ns. */
static inline void vx_stage_worked(vx_stage *stage, uint64_t before_ns, uint64_t after_ns, uint32_t items,
                                   uint64_t entry_sum_ns)
{
    vx_word *const block = stage->block;
    const uint64_t took_ns = after_ns > before_ns ? after_ns - before_ns : 0;
    stage->blocked_ns = 0;
    vx_counter_add(&block[VX_TIMING_WORKED], 1);
    vx_counter_add(&block[VX_TIMING_BUSY_NS], took_ns);
    vx_counter_add(&block[VX_TIMING_ENTRY_SUM_NS], entry_sum_ns);
    vx_store_release(&block[VX_TIMING_HEARTBEAT_NS], after_ns);
    if (took_ns > vx_load_relaxed(&block[VX_TIMING_LONGEST_NS]))
        vx_store_release(&block[VX_TIMING_LONGEST_NS], took_ns);
    vx_histogram_record(stage->service, took_ns);
    vx_histogram_record(stage->batch, items);
}

/* Sum of (now - intended arrival) of `count` items whose intended arrivals sum to ts_sum; never negative. */
static inline uint64_t vx_entry_sum_ns(uint64_t now_ns, uint32_t count, uint64_t ts_sum_ns)
{
    const uint64_t sum_ns = now_ns * count - ts_sum_ns;
    return (int64_t)sum_ns > 0 ? sum_ns : 0;
}
#endif
