/* Commands to a running stage, its signs of life and its end: whoever sees a generation sees its settings or
 * newer ones; whoever sees a heartbeat, or the stage finished, sees the counts stored before. */
#include "controls.h"

#include "cases.h"
#include "reading.h"
#include "stage.h"
#include "state.h"
#include "words.h"

#define SLOW_FIRST  5
#define SLOW_SECOND 7
#define COUNTED     3

typedef struct engine {
    vx_controls controls;
    vx_stage stage;
    vx_clock clock;
    uint64_t block[VX_BLOCK_WORDS];
    uint64_t shown[VX_BLOCK_WORDS];
    uint64_t log[4 * VX_LOG_RECORDS];
    uint64_t state;
} engine;

static void setup(void *state)
{
    engine *const s = state;
    *s = (engine){.controls.generation = 1, .controls.shown = s->shown, .controls.log = s->log};
    s->stage = (vx_stage){.block = s->block, .controls = &s->controls, .generation = 1};
    vx_clock_init_virtual(&s->clock, 1);
}

static void command_twice(void *state)
{
    engine *const s = state;
    vx_controls_command(&s->controls, &s->clock, VELOX_COMMAND_SLOW, 0, SLOW_FIRST);
    vx_controls_command(&s->controls, &s->clock, VELOX_COMMAND_SLOW, 0, SLOW_SECOND);
}

static void enter_twice(void *state)
{
    static const uint64_t least[] = {0, 0, SLOW_FIRST, SLOW_SECOND}; /* by generation */
    engine *const s = state;
    uint64_t deadline_ns;
    for (int i = 0; i < 2; i++) {
        vx_stage_enter(&s->stage, &s->clock, &deadline_ns);
        MODEL_CHECK(s->stage.slow_ns >= least[s->stage.generation]);
    }
    if (s->stage.generation == 3)
        model_see();
}

const model_case stage_settings = {.name = "controls, settings of a generation",
                                   .threads = 2,
                                   .setup = setup,
                                   .body = {command_twice, enter_twice},
                                   .preemptions = 20,
                                   .deep_preemptions = 20,
                                   .must_see = 1};

static void count_and_finish(void *state)
{
    engine *const s = state;
    for (int i = 0; i < COUNTED; i++)
        vx_counter_add(&s->block[0], 1);
    vx_stage_finish(&s->stage, &s->clock);
}

static void tell_stopped(void *state)
{
    engine *const s = state;
    if (vx_stage_is_finished(&s->stage))
        vx_state_show(&s->state, VELOX_STOPPED);
}

static void read_last_counts(void *state)
{
    const engine *const s = state;
    const uint64_t *const words[] = {&s->state, &s->block[0]}; /* described first, and loaded first */
    uint64_t values[2];
    read_described(s, words, 2, 0, values);
    if (values[0] != VELOX_STOPPED)
        return;
    MODEL_CHECK(values[1] == COUNTED);
    model_see();
}

const model_case stage_finished = {.name = "a stage's last counts, once it has finished",
                                   .threads = 3,
                                   .setup = setup,
                                   .body = {count_and_finish, tell_stopped, read_last_counts},
                                   .preemptions = 20,
                                   .deep_preemptions = 20,
                                   .must_see = 1};

static void setup_slow(void *state)
{
    setup(state);
    ((engine *)state)->stage.slow_ns = SLOW_FIRST;
}

/* A sign of life at time 1, from the gate of a slowed stage, and one at time 2, its last. */
static void count_and_live(void *state)
{
    engine *const s = state;
    uint64_t deadline_ns;
    vx_counter_add(&s->block[0], 1);
    vx_stage_enter(&s->stage, &s->clock, &deadline_ns);
    vx_counter_add(&s->block[0], 1);
    s->clock.virtual_ns = 2;
    vx_stage_finish(&s->stage, &s->clock);
}

static void read_heartbeat(void *state)
{
    const engine *const s = state;
    const uint64_t *const words[] = {&s->block[0], &s->block[VX_TIMING_HEARTBEAT_NS]};
    uint64_t values[2];
    read_described(s, words, 2, NO_STATE, values);
    MODEL_CHECK(values[0] >= values[1]);
    if (values[1] == 2)
        model_see();
}

const model_case stage_heartbeat = {.name = "a stage's counts as of its sign of life",
                                    .threads = 2,
                                    .setup = setup_slow,
                                    .body = {count_and_live, read_heartbeat},
                                    .preemptions = 20,
                                    .deep_preemptions = 20,
                                    .must_see = 1};
