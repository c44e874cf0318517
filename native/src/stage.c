#include "stage.h"

#define IDLE_TURNS_A_HEARTBEAT 64

/* A stage that cannot take still shows how its ring upstream fills. */
static void watch_ring(vx_stage *stage)
{
    void *items;
    if (stage->in == NULL)
        return;
    vx_ring_peek(stage->in, UINT32_MAX, &items);
    const uint32_t found = vx_ring_found(stage->in);
    if (found != vx_load_relaxed(&stage->block[VX_TIMING_RING_OCCUPANCY]))
        vx_stage_occupancy(stage, found);
}

void vx_stage_settings(vx_stage *stage)
{
    const vx_controls *const controls = stage->controls;
    /* Acquire pairs with the release in vx_controls_command: the settings read next are those of this
     * generation or newer ones. */
    stage->generation = vx_load_acquire(&controls->generation);
    /* Relaxed: hands nothing over. */
    stage->stopping = vx_load_relaxed(&controls->stopping);
    /* Relaxed: ordered by the acquire of the generation. */
    stage->stall_until_ns = stage->stopping ? 0 : vx_load_relaxed(&controls->stall_until_ns[stage->index]);
    const uint64_t slow_ns = stage->stopping ? 0 : vx_load_relaxed(&controls->slow_ns[stage->index]);
    if (slow_ns != stage->slow_ns)
        stage->ready_ns = 0;
    stage->slow_ns = slow_ns;
}

uint32_t vx_stage_gate(vx_stage *stage, const vx_clock *clock, uint64_t *deadline_ns)
{
    const uint64_t now_ns = vx_clock_now_ns(clock);
    /* Release: as every word of the block. A stalled stage is alive. */
    vx_store_release(&stage->block[VX_TIMING_HEARTBEAT_NS], now_ns);
    if (now_ns < stage->stall_until_ns) {
        watch_ring(stage);
        stage->ready_ns = 0;
        *deadline_ns = stage->stall_until_ns;
        return 0;
    }
    stage->stall_until_ns = 0;
    if (stage->slow_ns == 0)
        return VELOX_BATCH_MAX;
    if (now_ns < stage->ready_ns) {
        watch_ring(stage);
        *deadline_ns = stage->ready_ns;
        return 0;
    }
    const uint64_t behind_ns = stage->ready_ns != 0 ? now_ns - stage->ready_ns : 0;
    const uint64_t allowed = 1 + behind_ns / stage->slow_ns;
    return allowed < VELOX_BATCH_MAX ? (uint32_t)allowed : VELOX_BATCH_MAX;
}

void vx_stage_slowed(vx_stage *stage, uint64_t now_ns, uint32_t count)
{
    if (stage->slow_ns == 0)
        return;
    const uint64_t done_ns = (stage->ready_ns != 0 ? stage->ready_ns : now_ns) + count * stage->slow_ns;
    stage->ready_ns = done_ns > now_ns ? done_ns : now_ns;
}

void vx_stage_blocked(vx_stage *stage, const vx_clock *clock)
{
    const uint64_t now_ns = vx_clock_now_ns(clock);
    vx_counter_add(&stage->block[VX_TIMING_BLOCKED], 1);
    if (stage->blocked_ns == 0)
        vx_counter_add(&stage->block[VX_TIMING_RING_FULL], 1);
    else if (now_ns > stage->blocked_ns)
        vx_counter_add(&stage->block[VX_TIMING_BLOCKED_NS], now_ns - stage->blocked_ns);
    stage->blocked_ns = now_ns;
    stage->ready_ns = 0;
    watch_ring(stage);
    vx_store_release(&stage->block[VX_TIMING_HEARTBEAT_NS], now_ns);
}

void vx_stage_idle(vx_stage *stage, const vx_clock *clock)
{
    stage->blocked_ns = 0;
    stage->ready_ns = 0;
    if ((stage->idle_turns++ & (IDLE_TURNS_A_HEARTBEAT - 1)) == 0)
        vx_store_release(&stage->block[VX_TIMING_HEARTBEAT_NS], vx_clock_now_ns(clock));
}

void vx_stage_finish(vx_stage *stage, const vx_clock *clock)
{
    vx_store_release(&stage->block[VX_TIMING_HEARTBEAT_NS], vx_clock_now_ns(clock));
    /* Release pairs with the acquire in vx_stage_is_finished. */
    vx_store_release(&stage->finished, 1);
}
