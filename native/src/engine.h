/* One pipeline put together: stages, rings, controls and the segment they are seen through. Run by the
 * threads of pipeline.c or, under a virtual clock, by simulation.c; it knows neither. */
#ifndef VX_ENGINE_H
#define VX_ENGINE_H
#include "config.h"
#include "journal.h"
#include "placement.h"
#include "ring_memory.h"
#include "segment.h"
#include "stages.h"

typedef struct vx_engine {
    vx_ingress ingress;
    vx_order_book order_book;
    vx_bundler bundler;
    vx_output output;
    vx_stage *stages[VELOX_STAGES]; /* the four above, in order */
    vx_ring rings[VELOX_RINGS];
    vx_memory memory;                /* of the rings */
    vx_marker markers[VELOX_STAGES]; /* [0]: from whoever asks for cuts; [i]: from stage i - 1 */
    vx_controls controls;
    vx_clock clock;
    vx_segment segment;
    vx_places places;
    vx_input input;
    vx_journal journal; /* of what Output delivers, where one is asked for */
    vx_word *control;   /* control block in the segment */
    uint64_t cut_asked;
    uint64_t cut_interval_ns;
    uint64_t next_cut_ns;
} vx_engine;

/* Takes and touches all memory; the segment is complete and published, its state STARTING. `pmu`: what is
 * counted of the stage threads, and its text. */
velox_status vx_engine_create(const velox_config *config, const vx_clock *clock,
                              const vx_placement *placement, const vx_pmu *pmu, vx_engine **out, char *error);
void vx_engine_destroy(vx_engine *engine);
/* The flow starts now; before any stage runs. */
velox_status vx_engine_begin(vx_engine *engine, const velox_config *config);
vx_duty vx_engine_cycle(vx_engine *engine, int stage);
/* Housekeeping of whoever keeps the pipeline, a few times a cut interval: heartbeat, the next cut. */
void vx_engine_tick(vx_engine *engine, uint64_t now_ns);
void vx_engine_set_state(vx_engine *engine, velox_state state);
int vx_engine_is_finished(vx_engine *engine);
#endif
