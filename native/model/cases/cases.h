/* The programs over the engine's own headers that are explored, and whose orderings the mutants weaken. */
#ifndef VX_MODEL_CASES_H
#define VX_MODEL_CASES_H
#include "model.h"

extern const model_case ring_one_at_a_time;
extern const model_case ring_in_spans;
extern const model_case ring_end;
extern const model_case ring_hand_over;

extern const model_case occupancy_fill_and_empty;
extern const model_case occupancy_empty_and_fill;
extern const model_case occupancy_two_levels;
extern const model_case occupancy_three_writers;
extern const model_case occupancy_three_writers_of_a_word;

extern const model_case book_same_level;
extern const model_case book_two_levels;
extern const model_case book_two_sides;
extern const model_case book_contention;
extern const model_case book_reader;

extern const model_case counters_in_and_out;

extern const model_case segment_version;

extern const model_case command_log;

extern const model_case stage_settings;
extern const model_case stage_finished;
extern const model_case stage_heartbeat;

extern const model_case heartbeat_pair;

extern const model_case journal_ring, journal_finish;
extern const model_case pmu_covered;

extern const model_case publish_version, publish_words, publish_stopped, publish_heartbeat;
extern const model_case publish_cut, publish_cuts, publish_cut_asked;

extern const model_case stage_gives_back, stage_cut, stage_end_passed_on, stage_blocked;
extern const model_case stage_order_book, stage_rejected;

extern const model_case bundle_published, bundle_gives_back, bundle_read, bundle_cut, bundle_end_passed_on;
extern const model_case bundle_turn, bundle_end, bundle_idle;
extern const model_case ingress_published, ingress_read, ingress_cut, ingress_end_passed_on;
extern const model_case ingress_input;
extern const model_case output_cut, output_gives_back, output_read, output_latency, output_finished;

extern const model_case cut_exact;
extern const model_case cut_written_over;

#endif
