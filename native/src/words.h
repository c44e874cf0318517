/* The words of each stage's counter block, in the order in which the stage stores them. Readers load them
 * backwards, Output's first, so that every reading has in >= out. The first VX_CUT_WORDS of a block are the
 * ledger's and are copied into exact cuts; the timing words follow. Adding a counter: one name here, one row
 * in words.c, one increment. */
#ifndef VX_WORDS_H
#define VX_WORDS_H
#include "layout.h"
#include "pmu.h"

#define VX_CUT_WORDS   32
#define VX_BLOCK_WORDS 64

enum vx_ingress_word {
    VX_INGRESS_GENERATED,
    VX_INGRESS_GENERATED_IDS,
    VX_INGRESS_DROPPED,
    VX_INGRESS_DROPPED_IDS,
    VX_INGRESS_BURST,
    VX_INGRESS_BAD_SIDE,
    VX_INGRESS_BAD_KIND,
    VX_INGRESS_BAD_PRICE,
    VX_INGRESS_BAD_SIZE,
    VX_INGRESS_BAD_RESERVED,
    VX_INGRESS_OUT_OF_ORDER,
    VX_INGRESS_WRAPS,
    VX_INGRESS_PUSHED_IDS,
    VX_INGRESS_PUSHED
};

enum vx_book_word {
    VX_BOOK_IN,
    VX_BOOK_IN_IDS,
    VX_BOOK_APPLIED,
    VX_BOOK_REJECTED_WINDOW,
    VX_BOOK_REJECTED_OVERFLOW,
    VX_BOOK_REJECTED_UNDERFLOW,
    VX_BOOK_REJECTED_CONTENTION,
    VX_BOOK_REJECTED_INVALID,
    VX_BOOK_CAS_RETRIES,
    VX_BOOK_CROSSED,
    VX_BOOK_OUT_IDS,
    VX_BOOK_OUT
};

enum vx_bundle_word {
    VX_BUNDLE_IN,
    VX_BUNDLE_IN_IDS,
    VX_BUNDLE_FLUSH_SIZE,
    VX_BUNDLE_FLUSH_TIMEOUT,
    VX_BUNDLE_FLUSH_DRAIN,
    VX_BUNDLE_FLUSH_LATE,
    VX_BUNDLE_FILL,
    VX_BUNDLE_BUNDLES = VX_BUNDLE_FILL + VELOX_BUNDLE_CAPACITY,
    VX_BUNDLE_HELD,
    VX_BUNDLE_HELD_IDS,
    VX_BUNDLE_OUT_IDS,
    VX_BUNDLE_OUT
};

enum vx_output_word {
    VX_OUTPUT_BUNDLES,
    VX_OUTPUT_IN,
    VX_OUTPUT_IN_IDS,
    VX_OUTPUT_ID_GAPS,
    VX_OUTPUT_SEQUENCE_GAPS,
    VX_OUTPUT_DELIVERED_IDS,
    VX_OUTPUT_DELIVERED
};

/* Timing words, the same for every stage. */
enum vx_timing_word {
    VX_TIMING_CYCLES = VX_CUT_WORDS,
    VX_TIMING_WORKED,
    VX_TIMING_BLOCKED,
    VX_TIMING_BUSY_NS,
    VX_TIMING_BLOCKED_NS,
    VX_TIMING_LONGEST_NS,
    VX_TIMING_PARKS,
    VX_TIMING_ENTRY_SUM_NS,
    VX_TIMING_HEARTBEAT_NS,
    VX_TIMING_THREAD_ID,
    VX_TIMING_CORE,
    VX_TIMING_RING_TAKEN,     /* of the ring upstream */
    VX_TIMING_RING_OCCUPANCY, /* of the ring upstream */
    VX_TIMING_RING_FULL,      /* of the ring downstream */
    VX_TIMING_END
};
_Static_assert(VX_BUNDLE_OUT < VX_CUT_WORDS, "the ledger's words fit a cut");
_Static_assert(VX_TIMING_END <= VX_BLOCK_WORDS, "the timing words fit the block");

/* Words of the control block, stored by the control thread but where said. */
enum vx_control_word {
    VX_CONTROL_STATE,
    VX_CONTROL_HEARTBEAT_NS,
    VX_CONTROL_MONOTONIC_NS,
    VX_CONTROL_CUT_SEQUENCE, /* Output */
    VX_CONTROL_COMMANDS,
    VX_CONTROL_RATE_MILLIHZ,
    VX_CONTROL_BUNDLE_MAX,
    VX_CONTROL_BUNDLE_TIMEOUT_NS,
    VX_CONTROL_HOLD,
    VX_CONTROL_WAIT,
    VX_CONTROL_BEST_PAIR, /* OrderBook: version << 32 | (bid level + 1) << 16 | (ask level + 1) */
    VX_CONTROL_JOURNAL_WRITTEN =
        16,                    /* the journal's writer; not on the best pair's line, which OrderBook needs */
    VX_CONTROL_JOURNAL_FULL,   /* Output */
    VX_CONTROL_JOURNAL_FAILED, /* the journal's writer */
    VX_CONTROL_WORDS
};
_Static_assert(VX_CONTROL_MONOTONIC_NS == VX_CONTROL_HEARTBEAT_NS + 1, "a pair, for vx_heartbeat_store");

/* Fixed settings of the run, shown as CONFIG rows. */
enum vx_config_word {
    VX_CONFIG_SEED,
    VX_CONFIG_PATTERN,
    VX_CONFIG_ON_FULL,
    VX_CONFIG_THREADING,
    VX_CONFIG_THREADS,
    VX_CONFIG_RING0_SLOTS,
    VX_CONFIG_RING1_SLOTS,
    VX_CONFIG_RING2_SLOTS,
    VX_CONFIG_LEVELS,
    VX_CONFIG_TICKS_PER_LEVEL,
    VX_CONFIG_BASE_PRICE,
    VX_CONFIG_CLOCK_KIND,
    VX_CONFIG_CLOCK_HZ,
    VX_CONFIG_MEMORY_BYTES, /* segment and rings */
    VX_CONFIG_HUGE_BYTES,   /* of them in huge pages */
    VX_CONFIG_LOCKED_BYTES, /* and locked */
    VX_CONFIG_WORDS
};

#define VX_LOG_RECORDS  256
#define VX_REASON_BYTES 200

/* Where everything lies in a planned segment. */
typedef struct vx_places {
    uint64_t control;
    uint64_t heartbeat;
    uint64_t config;
    uint64_t blocks[VELOX_STAGES];
    uint64_t cuts[VELOX_STAGES];
    uint64_t latency[VELOX_STAGES]; /* since intended arrival at the stage's exit; Output's is end to end */
    uint64_t service[VELOX_STAGES];
    uint64_t batch[VELOX_STAGES];
    uint64_t occupancy[VELOX_RINGS];
    uint64_t no_wait;
    uint64_t lateness;
    uint64_t jitter;
    uint64_t book;
    uint64_t log;
    uint64_t reason;
    uint64_t memory;
    uint64_t counters;                /* what of the processor's is counted, or why not */
    uint64_t processor[VELOX_STAGES]; /* VX_PMU_WORDS of each stage thread; 0: not counted */
} vx_places;

/* Plans the engine's segment: rows into `layout`, offsets into `places`. */
void vx_words_plan(vx_layout *layout, vx_places *places, const uint32_t ring_slots[VELOX_RINGS],
                   uint32_t levels, uint32_t ticks_per_level);
/* Adds the processor's counters to the plan: those of `events` (bits by vx_pmu_word; 0: no rows) for each
 * thread, as words of the first stage that it runs. */
void vx_words_plan_processor(vx_layout *layout, vx_places *places, uint32_t events,
                             const int thread_of_stage[VELOX_STAGES]);
#endif
