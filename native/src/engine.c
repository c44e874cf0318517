#include "engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "engine_show.h"
#include "heartbeat.h"
#include "state.h"

static vx_word *word_at(vx_engine *engine, uint64_t offset)
{
    return (vx_word *)(void *)(engine->segment.base + offset);
}

static vx_histogram *histogram_at(vx_engine *engine, uint64_t offset)
{
    return (vx_histogram *)(void *)(engine->segment.base + offset);
}

vx_duty vx_engine_cycle(vx_engine *engine, int stage)
{
    switch (stage) {
    case VELOX_INGRESS:
        return vx_ingress_cycle(&engine->ingress, &engine->clock);
    case VELOX_ORDER_BOOK:
        return vx_order_book_cycle(&engine->order_book, &engine->clock);
    case VELOX_BUNDLE:
        return vx_bundler_cycle(&engine->bundler, &engine->clock);
    default:
        return vx_output_cycle(&engine->output, &engine->clock);
    }
}

int vx_engine_is_finished(vx_engine *engine)
{
    return vx_stage_is_finished(&engine->output.stage);
}

static void init_controls(vx_engine *engine, const velox_config *config, const vx_placement *placement)
{
    vx_controls *const controls = &engine->controls;
    const velox_pattern pattern = (velox_pattern)config->values[VELOX_OPTION_PATTERN];
    /* Relaxed: no thread runs yet. Generation 1, so that every stage takes its settings in its first turn. */
    vx_store_relaxed(&controls->generation, 1);
    vx_store_relaxed(&controls->rate_millihz, config->values[VELOX_OPTION_RATE_MILLIHZ]);
    vx_store_relaxed(&controls->bundle_max, config->values[VELOX_OPTION_BUNDLE_MAX]);
    vx_store_relaxed(&controls->bundle_timeout_ns, config->values[VELOX_OPTION_BUNDLE_TIMEOUT_NS]);
    vx_store_relaxed(&controls->wait, placement->wait);
    controls->shown = engine->control;
    controls->log = word_at(engine, engine->places.log);
    controls->threads = placement->threads;
    controls->usable_cores = placement->usable_cores;
    controls->paced = pattern != VELOX_MAX && pattern != VELOX_FILE;
    controls->generated = pattern != VELOX_FILE;
    vx_store_relaxed(&engine->control[VX_CONTROL_RATE_MILLIHZ], config->values[VELOX_OPTION_RATE_MILLIHZ]);
    vx_store_relaxed(&engine->control[VX_CONTROL_BUNDLE_MAX], config->values[VELOX_OPTION_BUNDLE_MAX]);
    vx_store_relaxed(&engine->control[VX_CONTROL_BUNDLE_TIMEOUT_NS],
                     config->values[VELOX_OPTION_BUNDLE_TIMEOUT_NS]);
    vx_store_relaxed(&engine->control[VX_CONTROL_WAIT], placement->wait);
}

static void join_stages(vx_engine *engine)
{
    const vx_places *const places = &engine->places;
    engine->stages[VELOX_INGRESS] = &engine->ingress.stage;
    engine->stages[VELOX_ORDER_BOOK] = &engine->order_book.stage;
    engine->stages[VELOX_BUNDLE] = &engine->bundler.stage;
    engine->stages[VELOX_OUTPUT] = &engine->output.stage;
    for (int i = 0; i < VELOX_STAGES; i++) {
        vx_stage *const stage = engine->stages[i];
        stage->index = i;
        stage->block = word_at(engine, places->blocks[i]);
        stage->cut_copies = word_at(engine, places->cuts[i]);
        stage->controls = &engine->controls;
        stage->in = i > 0 ? &engine->rings[i - 1] : NULL;
        stage->out = i + 1 < VELOX_STAGES ? &engine->rings[i] : NULL;
        stage->latency = histogram_at(engine, places->latency[i]);
        stage->service = histogram_at(engine, places->service[i]);
        stage->batch = histogram_at(engine, places->batch[i]);
        stage->occupancy = i > 0 ? histogram_at(engine, places->occupancy[i - 1]) : NULL;
        stage->marker_in = &engine->markers[i];
        stage->marker_out = i + 1 < VELOX_STAGES ? &engine->markers[i + 1] : NULL;
    }
    engine->ingress.lateness = histogram_at(engine, places->lateness);
    engine->output.no_wait = histogram_at(engine, places->no_wait);
    engine->output.cut_newest = &engine->control[VX_CONTROL_CUT_SEQUENCE];
}

static velox_status open_input(vx_engine *engine, const velox_config *config, char *error)
{
    if (config->values[VELOX_OPTION_PATTERN] != VELOX_FILE)
        return VELOX_OK;
    const velox_status status = vx_input_open(config->texts[VELOX_TEXT_INPUT], &engine->input, error);
    if (status == VELOX_OK)
        engine->ingress.input = &engine->input;
    return status;
}

static velox_status open_journal(vx_engine *engine, const velox_config *config, char *error)
{
    const char *const path = config->texts[VELOX_TEXT_JOURNAL];
    if (path[0] == '\0')
        return VELOX_OK;
    engine->output.sink = vx_journal_take;
    engine->output.sink_context = &engine->journal;
    return vx_journal_open(&engine->journal, path, config, engine->control, error);
}

/* The book's window: the file's own where there is one. */
static void choose_window(const vx_engine *engine, const velox_config *config, uint32_t *levels,
                          uint32_t *ticks, int64_t *base)
{
    *levels = (uint32_t)config->values[VELOX_OPTION_LEVELS];
    *ticks = (uint32_t)config->values[VELOX_OPTION_TICKS_PER_LEVEL];
    *base = (int64_t)config->values[VELOX_OPTION_BASE_PRICE];
    if (engine->ingress.input != NULL && engine->input.levels != 0) {
        *levels = engine->input.levels;
        *ticks = engine->input.ticks_per_level;
        *base = engine->input.base_price;
    }
}

static velox_status create_segment(vx_engine *engine, const velox_config *config,
                                   const vx_placement *placement, const vx_pmu *pmu, char *error)
{
    vx_layout *layout = malloc(sizeof *layout);
    if (layout == NULL)
        return VELOX_OUT_OF_MEMORY;
    const uint32_t slots[VELOX_RINGS] = {(uint32_t)config->values[VELOX_OPTION_RING0_SLOTS],
                                         (uint32_t)config->values[VELOX_OPTION_RING1_SLOTS],
                                         (uint32_t)config->values[VELOX_OPTION_RING2_SLOTS]};
    vx_words_plan(layout, &engine->places, slots, (uint32_t)config->values[VELOX_OPTION_LEVELS],
                  (uint32_t)config->values[VELOX_OPTION_TICKS_PER_LEVEL]);
    vx_words_plan_processor(layout, &engine->places, pmu->events, placement->thread_of_stage);
    struct timespec unix_time;
    clock_gettime(CLOCK_REALTIME, &unix_time);
    const uint64_t header[VELOX_HEADER_COUNT] = {
        [VELOX_HEADER_PID] = (uint64_t)getpid(),
        [VELOX_HEADER_START_NS] = vx_clock_now_ns(&engine->clock),
        [VELOX_HEADER_START_UNIX_NS] = (uint64_t)unix_time.tv_sec * 1000000000 + (uint64_t)unix_time.tv_nsec,
        [VELOX_HEADER_CLOCK_KIND] = engine->clock.kind,
        [VELOX_HEADER_CLOCK_HZ] = engine->clock.hz,
        [VELOX_HEADER_STAGES] = VELOX_STAGES,
        [VELOX_HEADER_RINGS] = VELOX_RINGS,
    };
    char run_id[32];
    struct tm utc;
    char stamp[24];
    strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", gmtime_r(&unix_time.tv_sec, &utc));
    snprintf(run_id, sizeof run_id, "%.20s-%d", stamp, (int)getpid());
    const char *const named = config->texts[VELOX_TEXT_RUN_ID];
    const velox_status status =
        vx_segment_create(&engine->segment, layout, config->texts[VELOX_TEXT_SEGMENT_DIR],
                          named[0] != '\0' ? named : run_id, header, error);
    free(layout);
    return status;
}

/* `window` values are the configuration's, or the input file's. */
static velox_status create_parts(vx_engine *engine, const velox_config *config, const vx_placement *placement,
                                 const vx_pmu *pmu, char *error)
{
    const uint32_t levels = (uint32_t)config->values[VELOX_OPTION_LEVELS];
    const uint32_t ticks = (uint32_t)config->values[VELOX_OPTION_TICKS_PER_LEVEL];
    const int64_t base = (int64_t)config->values[VELOX_OPTION_BASE_PRICE];
    velox_status status = create_segment(engine, config, placement, pmu, error);
    if (status == VELOX_OK)
        status = vx_memory_take(&engine->memory, engine->rings, &engine->journal.ring, config, placement);
    if (status != VELOX_OK)
        return status;
    engine->control = word_at(engine, engine->places.control);
    status = vx_book_init(&engine->order_book.book,
                          (vx_level *)(void *)(engine->segment.base + engine->places.book), levels, ticks,
                          base, &engine->control[VX_CONTROL_BEST_PAIR]);
    if (status == VELOX_OK && engine->ingress.input == NULL)
        status = vx_flow_init(&engine->ingress.flow, config->values[VELOX_OPTION_SEED], levels, ticks, base,
                              (uint32_t)config->values[VELOX_OPTION_REDUCE_PERMILLE]);
    if (status == VELOX_INVALID_ARGUMENT)
        snprintf(error, VELOX_ERROR_BYTES,
                 "book window: base price %lld with %u levels of %u ticks reaches outside 0.0001 to %lld",
                 (long long)base, levels, ticks, (long long)(VX_PRICE_MAX / 10000));
    if (status == VELOX_OK)
        status = open_journal(engine, config, error);
    return status;
}

velox_status vx_engine_create(const velox_config *config, const vx_clock *clock,
                              const vx_placement *placement, const vx_pmu *pmu, vx_engine **out, char *error)
{
    vx_engine *const engine = aligned_alloc(VX_SPACING, sizeof *engine);
    if (engine == NULL) {
        snprintf(error, VELOX_ERROR_BYTES, "no memory for the engine: %zu bytes", sizeof *engine);
        return VELOX_OUT_OF_MEMORY;
    }
    memset(engine, 0, sizeof *engine);
    engine->clock = *clock;
    engine->segment.fd = -1;
    snprintf(error, VELOX_ERROR_BYTES, "no memory for rings and orders");
    velox_config windowed = *config;
    velox_status status = open_input(engine, config, error);
    if (status == VELOX_OK) {
        uint32_t levels;
        uint32_t ticks;
        int64_t base;
        choose_window(engine, config, &levels, &ticks, &base);
        windowed.values[VELOX_OPTION_LEVELS] = levels;
        windowed.values[VELOX_OPTION_TICKS_PER_LEVEL] = ticks;
        windowed.values[VELOX_OPTION_BASE_PRICE] = (uint64_t)base;
        status = create_parts(engine, &windowed, placement, pmu, error);
    }
    if (status != VELOX_OK) {
        vx_engine_destroy(engine);
        return status;
    }
    join_stages(engine);
    init_controls(engine, config, placement);
    vx_engine_show(engine, &windowed, placement, pmu);
    engine->ingress.on_full = (velox_on_full)config->values[VELOX_OPTION_ON_FULL];
    engine->cut_interval_ns = config->values[VELOX_OPTION_CUT_INTERVAL_NS];
    vx_engine_set_state(engine, VELOX_STARTING);
    vx_segment_publish(&engine->segment);
    *out = engine;
    return VELOX_OK;
}

void vx_engine_destroy(vx_engine *engine)
{
    vx_journal_close(&engine->journal);
    vx_memory_give_back(&engine->memory);
    vx_flow_free(&engine->ingress.flow);
    if (engine->ingress.input != NULL)
        vx_input_close(&engine->input);
    if (engine->segment.base != NULL)
        vx_segment_destroy(&engine->segment);
    free(engine);
}

velox_status vx_engine_begin(vx_engine *engine, const velox_config *config)
{
    const uint64_t now_ns = vx_clock_now_ns(&engine->clock);
    vx_ingress *const ingress = &engine->ingress;
    ingress->rate_millihz = config->values[VELOX_OPTION_RATE_MILLIHZ];
    if (ingress->input != NULL)
        vx_input_start(ingress->input, now_ns, (uint32_t)config->values[VELOX_OPTION_INPUT_SPEED_PERMILLE],
                       (int)config->values[VELOX_OPTION_INPUT_LOOP]);
    else
        vx_schedule_init(&ingress->schedule, (velox_pattern)config->values[VELOX_OPTION_PATTERN],
                         ingress->rate_millihz, config->values[VELOX_OPTION_SEED], now_ns);
    vx_builder_init(&engine->bundler.builder, (uint32_t)config->values[VELOX_OPTION_BUNDLE_MAX],
                    config->values[VELOX_OPTION_BUNDLE_TIMEOUT_NS]);
    engine->next_cut_ns = now_ns; /* the first at once: a ledger is to be had from the first reading on */
    vx_engine_tick(engine, now_ns);
    vx_engine_set_state(engine, VELOX_RUNNING);
    return VELOX_OK;
}

void vx_engine_tick(vx_engine *engine, uint64_t now_ns)
{
    const uint64_t monotonic_ns = engine->clock.kind == VX_CLOCK_VIRTUAL ? now_ns : vx_monotonic_ns();
    vx_heartbeat_store((vx_heartbeat *)(void *)(engine->segment.base + engine->places.heartbeat),
                       &engine->control[VX_CONTROL_HEARTBEAT_NS], now_ns, monotonic_ns);
    if (now_ns < engine->next_cut_ns ||
        vx_cut_newest(&engine->control[VX_CONTROL_CUT_SEQUENCE]) != engine->cut_asked)
        return;
    engine->next_cut_ns = now_ns + engine->cut_interval_ns;
    vx_marker_send(&engine->markers[0], ++engine->cut_asked, 0);
}

void vx_engine_set_state(vx_engine *engine, velox_state state)
{
    vx_state_show(&engine->control[VX_CONTROL_STATE], state);
}
