/* The public C interface of the Velox engine. Declarations only: C programs include it, and the Python
 * binding reads the very same text, so but for this guard it holds no conditionals, attributes or inline
 * code.
 *
 * Every call that can fail returns a velox_status; velox_status_text names it. No call is made on the hot
 * path. All times are nanoseconds on the axis of CLOCK_MONOTONIC, all prices fixed point with 4 decimals.
 *
 * Input files and segments are mapped. Opening one sets the process's handler of SIGBUS, for files that
 * another process cuts short; a fault elsewhere goes on to the handler that was set before. A
 * handler that is set later has to call this one for faults that are not its own, not to set it anew and send
 * the signal again. */
#ifndef VELOX_H
#define VELOX_H
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

#define VELOX_INTERFACE         1 /* raised when a declaration here changes its meaning */
#define VELOX_SEGMENT_VERSION   1 /* layout of the mapped segment */
#define VELOX_STAGES            4
#define VELOX_RINGS             3
#define VELOX_BUNDLE_CAPACITY   16
#define VELOX_BATCH_MAX         256
#define VELOX_RING_SLOTS_MAX    65536
#define VELOX_LEVELS_MAX        4096
#define VELOX_NAME_BYTES        48
#define VELOX_LABEL_BYTES       32
#define VELOX_ROW_BYTES         128 /* one row of the segment's table */
#define VELOX_HISTOGRAM_BUCKETS 2048
#define VELOX_ERROR_BYTES       256 /* room a caller gives for a message */

typedef enum velox_status {
    VELOX_OK = 0,
    VELOX_INVALID_ARGUMENT = 1, /* a value outside what the option allows */
    VELOX_OUT_OF_MEMORY = 2,
    VELOX_SEGMENT_FULL = 3, /* no room on the file system that holds the segment */
    VELOX_SEGMENT_MISSING = 4,
    VELOX_SEGMENT_FOREIGN = 5,   /* not a Velox segment, or damaged */
    VELOX_SEGMENT_NEWER = 6,     /* written by a newer layout than this reader knows */
    VELOX_SEGMENT_TRUNCATED = 7, /* the file is shorter than its own header says */
    VELOX_THREAD_FAILED = 8,     /* a thread could not be created or pinned */
    VELOX_WRONG_STATE = 9,       /* e.g. started twice */
    VELOX_INPUT_MISSING = 10,
    VELOX_INPUT_INVALID = 11,
    VELOX_NOT_PERMITTED = 12, /* e.g. spin waiting with more threads than usable cores */
    VELOX_TIMED_OUT = 13,
    VELOX_NOT_READY = 14,      /* nothing complete to read yet, e.g. no cut */
    VELOX_OUTPUT_REFUSED = 15, /* the journal exists or cannot be created */
    VELOX_SEGMENT_REFUSED = 16 /* the directory of segments is missing or may not be written */
} velox_status;

/* Options of a pipeline or simulation, set one by one; what is not set keeps its default. */
typedef enum velox_option {
    VELOX_OPTION_RATE_MILLIHZ = 0,      /* mean arrivals per 1000 s, 1e3 .. 1e12; default 100,000/s */
    VELOX_OPTION_PATTERN = 1,           /* velox_pattern */
    VELOX_OPTION_SEED = 2,              /* any 64-bit value; default 1 */
    VELOX_OPTION_RING0_SLOTS = 3,       /* power of two, 2 .. 65,536; default 4096 */
    VELOX_OPTION_RING1_SLOTS = 4,       /* default 4096 */
    VELOX_OPTION_RING2_SLOTS = 5,       /* default 1024 */
    VELOX_OPTION_BUNDLE_MAX = 6,        /* 1 .. 16 */
    VELOX_OPTION_BUNDLE_TIMEOUT_NS = 7, /* 1,000 .. 10,000,000,000; default 100,000 */
    VELOX_OPTION_ON_FULL = 8,           /* velox_on_full */
    VELOX_OPTION_THREADING = 9,         /* velox_threading */
    VELOX_OPTION_WAIT = 10,             /* velox_wait */
    VELOX_OPTION_LEVELS = 11,           /* multiple of 64, 64 .. 4,096; default 1024 */
    VELOX_OPTION_TICKS_PER_LEVEL = 12,  /* price units (1e-4) a level, 1 .. 1,000,000; default 16 */
    VELOX_OPTION_BASE_PRICE = 13,       /* lower bound of level 0; default 1,000,000 (100.0000) */
    VELOX_OPTION_REDUCE_PERMILLE = 14,  /* share of reduces in generated flow, 0 .. 500; default 450 */
    VELOX_OPTION_INPUT_SPEED_PERMILLE =
        15,                            /* 1000 = as recorded, 0 = unpaced; with VELOX_OPTION_TEXT_INPUT */
    VELOX_OPTION_INPUT_LOOP = 16,      /* 1: start the input over at its end */
    VELOX_OPTION_CUT_INTERVAL_NS = 17, /* default 100 ms */
    VELOX_OPTION_HUGE_PAGES = 18,      /* velox_huge_pages, of the rings */
    VELOX_OPTION_LOCK_MEMORY = 19,     /* 1: lock rings and segment into memory, where that is permitted */
    VELOX_OPTION_COUNT = 20
} velox_option;

typedef enum velox_text_option {
    VELOX_TEXT_CORES = 0, /* "0,1,2,3": the cores of the threads in order; default: chosen from the cpuset */
    VELOX_TEXT_INPUT = 1, /* path of a file of 32-byte transactions */
    VELOX_TEXT_SEGMENT_DIR = 2, /* where the segment file lives; default /dev/shm */
    VELOX_TEXT_RUN_ID = 3,      /* up to 31 characters; default: made from time and pid */
    VELOX_TEXT_JOURNAL = 4, /* a file, not there yet, that what is delivered is written to; default: none */
    VELOX_TEXT_COUNT = 5
} velox_text_option;

typedef enum velox_pattern {
    VELOX_POISSON = 0,
    VELOX_CONSTANT = 1,
    VELOX_BURSTS = 2,
    VELOX_RAMP = 3,
    VELOX_MAX = 4,
    VELOX_FILE = 5
} velox_pattern;
typedef enum velox_on_full { VELOX_DROP = 0, VELOX_BLOCK = 1 } velox_on_full;
typedef enum velox_threading {
    VELOX_THREADING_AUTO = 0,
    VELOX_DEDICATED = 1,
    VELOX_SHARED = 2
} velox_threading;
typedef enum velox_wait {
    VELOX_WAIT_AUTO = 0,
    VELOX_SPIN = 1,
    VELOX_YIELD = 2,
    VELOX_BACKOFF = 3
} velox_wait;
typedef enum velox_huge_pages {
    VELOX_HUGE_AUTO = 0, /* where the rings would fill one */
    VELOX_HUGE_ON = 1,
    VELOX_HUGE_OFF = 2
} velox_huge_pages;
typedef enum velox_state {
    VELOX_STARTING = 0,
    VELOX_RUNNING = 1,
    VELOX_DRAINING = 2,
    VELOX_STOPPED = 3
} velox_state;
typedef enum velox_stage {
    VELOX_INGRESS = 0,
    VELOX_ORDER_BOOK = 1,
    VELOX_BUNDLE = 2,
    VELOX_OUTPUT = 3
} velox_stage;

/* Commands to a running pipeline. Each is counted and time-stamped in the segment's command log. */
typedef enum velox_command {
    VELOX_COMMAND_BURST = 0,        /* value: transactions to emit at once */
    VELOX_COMMAND_STALL = 1,        /* stage; value: ns, 0 ends a stall */
    VELOX_COMMAND_SLOW = 2,         /* stage; value: ns per item, 0 ends it */
    VELOX_COMMAND_HOLD = 3,         /* value: 1 holds ingress, 0 releases it */
    VELOX_COMMAND_RATE_MILLIHZ = 4, /* value as VELOX_OPTION_RATE_MILLIHZ */
    VELOX_COMMAND_BUNDLE_MAX = 5,
    VELOX_COMMAND_BUNDLE_TIMEOUT_NS = 6,
    VELOX_COMMAND_WAIT = 7, /* value: velox_wait */
    VELOX_COMMAND_COUNT = 8
} velox_command;

/* What a row of the segment's table describes. */
typedef enum velox_kind {
    VELOX_KIND_STAGE = 1, /* no data: stage = its order; name, label */
    VELOX_KIND_RING =
        2, /* no data: ring = its order, stage = producer, param = capacity, unit = what it carries;
              the consumer is the stage of the ring's IN-side word (VELOX_ROLE_RING_TAKEN) */
    VELOX_KIND_COUNTER = 3,   /* one u64, never decreases within a run */
    VELOX_KIND_GAUGE = 4,     /* one u64, goes up and down */
    VELOX_KIND_CONFIG = 5,    /* one u64, fixed for the run */
    VELOX_KIND_HISTOGRAM = 6, /* u64 sum, then VELOX_HISTOGRAM_BUCKETS u64 counts; cumulative */
    VELOX_KIND_CUT = 7,       /* two copies (sequence even, odd) of a stage's words, each param words long */
    VELOX_KIND_BOOK = 8,      /* param = levels; the bid side's then the ask side's levels, 64 bytes each:
                                 u64 quantity, u64 last update ns */
    VELOX_KIND_LOG =
        9, /* param = records of 4 u64 {seq, t_ns, command | stage << 32, value}, slot = (seq - 1) % param */
    VELOX_KIND_TEXT = 10 /* param = bytes, NUL-padded UTF-8 */
} velox_kind;

/* clang-format off */
typedef enum velox_unit {
    VELOX_UNIT_NONE = 0, VELOX_UNIT_TRANSACTIONS = 1, VELOX_UNIT_BUNDLES = 2, VELOX_UNIT_NS = 3, VELOX_UNIT_CYCLES = 4,
    VELOX_UNIT_SLOTS = 5, VELOX_UNIT_IDS = 6, VELOX_UNIT_MILLIHZ = 7, VELOX_UNIT_PRICE = 8, VELOX_UNIT_LEVELS = 9,
    VELOX_UNIT_INSTRUCTIONS = 10, VELOX_UNIT_MISSES = 11
} velox_unit;
/* clang-format on */

/* What a word or histogram means to the ledger and the screens, so that a pipeline of another shape is
 * understood. Per stage: IN = OUT + sum(DROPPED) + HELD, and, where APPLIED is present, IN = APPLIED +
 * sum(REJECTED). Per hop: OUT of one stage = IN of the next, in transactions, at an exact cut. The same holds
 * for the ID_ sums mod 2^64. */
/* clang-format off */
typedef enum velox_role {
    VELOX_ROLE_NONE = 0,
    VELOX_ROLE_IN = 1, VELOX_ROLE_OUT = 2, VELOX_ROLE_DROPPED = 3, VELOX_ROLE_REJECTED = 4, VELOX_ROLE_APPLIED = 5,
    VELOX_ROLE_HELD = 6, VELOX_ROLE_ID_IN = 7, VELOX_ROLE_ID_OUT = 8, VELOX_ROLE_ID_DROPPED = 9, VELOX_ROLE_ID_HELD = 10,
    VELOX_ROLE_UNITS_OUT = 11,     /* units of the ring downstream (bundles) published */
    VELOX_ROLE_UNITS_IN = 12,      /* units of the ring upstream taken */
    VELOX_ROLE_ID_GAPS = 13,       /* ids missing from what arrived: must equal the drops at rest */
    VELOX_ROLE_RING_TAKEN = 14,    /* ring; items the consumer has released: names the ring's consumer */
    VELOX_ROLE_OCCUPANCY = 15,     /* ring; gauge or histogram: items found at the consumer's refresh */
    VELOX_ROLE_FULL_EVENTS = 16,   /* ring; claims that found no free slot */
    VELOX_ROLE_CYCLES = 17, VELOX_ROLE_WORKED_CYCLES = 18, VELOX_ROLE_BLOCKED_CYCLES = 19,
    VELOX_ROLE_BUSY_NS = 20, VELOX_ROLE_BLOCKED_NS = 21, VELOX_ROLE_LONGEST_CYCLE_NS = 22,
    VELOX_ROLE_PARKS = 23, VELOX_ROLE_HEARTBEAT_NS = 24, VELOX_ROLE_ENTRY_LATENCY_SUM_NS = 25,
    VELOX_ROLE_THREAD_ID = 26, VELOX_ROLE_CORE = 27,
    VELOX_ROLE_FLUSH_SIZE = 28, VELOX_ROLE_FLUSH_TIMEOUT = 29, VELOX_ROLE_FLUSH_DRAIN = 30, VELOX_ROLE_FLUSH_LATE = 31,
    VELOX_ROLE_FILL = 32,          /* 16 rows: bundles of 1 .. 16 transactions */
    VELOX_ROLE_CAS_RETRIES = 33, VELOX_ROLE_CROSSED = 34, VELOX_ROLE_BEST_PAIR = 35,
    VELOX_ROLE_LATENCY_EXIT = 36,  /* histogram: since intended arrival at the stage's exit */
    VELOX_ROLE_LATENCY_NO_WAIT = 37, /* histogram: end to end without the bundle wait */
    VELOX_ROLE_LATENESS = 38,      /* histogram: how late the generator was */
    VELOX_ROLE_SERVICE = 39,       /* histogram: time of one batch */
    VELOX_ROLE_BATCH = 40,         /* histogram: items of one batch */
    VELOX_ROLE_STATE = 41,
    VELOX_ROLE_CONTROL_HEARTBEAT_NS = 42, /* the engine's clock when its keeper last told of itself, and */
    VELOX_ROLE_CONTROL_MONOTONIC_NS = 43, /* CLOCK_MONOTONIC. Two words may be of two turns; the first one's row has as
                                             its source 0, or the offset of five words: the newest turn, then the pair
                                             of the newest even turn and of the newest odd one */
    VELOX_ROLE_CUT_SEQUENCE = 44,  /* newest complete cut, 0 = none */
    VELOX_ROLE_COMMANDS = 45, VELOX_ROLE_RATE_MILLIHZ = 46, VELOX_ROLE_BUNDLE_MAX = 47, VELOX_ROLE_BUNDLE_TIMEOUT_NS = 48,
    VELOX_ROLE_HOLD = 49, VELOX_ROLE_WAIT = 50, VELOX_ROLE_JITTER = 51, /* histogram: control thread's late wake-ups */
    VELOX_ROLE_JOURNAL_WRITTEN = 52, /* transactions handed to the journal */
    VELOX_ROLE_JOURNAL_LOST = 53,    /* delivered ones that it has not, or no longer */
    /* The processor's, of a thread in user space. A thread that runs several stages has them once, with the first of
     * these stages; which stages share it is told by THREAD_ID. A word is there only where it is counted. */
    VELOX_ROLE_CPU_CYCLES = 54, VELOX_ROLE_CPU_INSTRUCTIONS = 55, VELOX_ROLE_CACHE_MISSES = 56, VELOX_ROLE_BRANCH_MISSES = 57,
    /* The time that they cover: they are read some times a second, one after the other, so that a reading may
     * have some of them from one moment and some from the next. */
    VELOX_ROLE_CPU_COVERED_NS = 58
} velox_role;
/* clang-format on */

/* Words of a segment's header, as velox_reader_header gives them. */
typedef enum velox_header {
    VELOX_HEADER_VERSION = 0,
    VELOX_HEADER_PID = 1,
    VELOX_HEADER_START_NS = 2,
    VELOX_HEADER_START_UNIX_NS = 3,
    VELOX_HEADER_BYTES = 4,
    VELOX_HEADER_ROWS = 5,
    VELOX_HEADER_WORDS = 6,
    VELOX_HEADER_CLOCK_KIND = 7 /* 0 TSC, 1 CNTVCT, 2 clock_gettime, 3 virtual */,
    VELOX_HEADER_CLOCK_HZ = 8,
    VELOX_HEADER_STAGES = 9,
    VELOX_HEADER_RINGS = 10,
    VELOX_HEADER_COUNT = 16
} velox_header;

typedef struct velox_config velox_config;
typedef struct velox_pipeline velox_pipeline;
typedef struct velox_simulation velox_simulation;
typedef struct velox_reader velox_reader;

int velox_interface(void);
const char *velox_status_text(int status);

velox_config *velox_config_create(void);
void velox_config_destroy(velox_config *config);
/* Refuses a value the option does not allow; `error` (VELOX_ERROR_BYTES) then says which and what is allowed.
 */
int velox_config_set(velox_config *config, int option, uint64_t value, char *error);
int velox_config_set_text(velox_config *config, int option, const char *text, char *error);

/* Takes and touches all memory, creates the segment and, at start, the threads. */
int velox_pipeline_create(const velox_config *config, velox_pipeline **out, char *error);
int velox_pipeline_start(velox_pipeline *pipeline, char *error);
int velox_pipeline_command(velox_pipeline *pipeline, int command, int stage, uint64_t value);
/* Cancels faults, drains in cascade, joins the threads. Twice is once. */
int velox_pipeline_stop(velox_pipeline *pipeline);
/* Stops a run of which nothing came: its destruction also removes the journal that it made. */
int velox_pipeline_abandon(velox_pipeline *pipeline);
/* Also asks for an end without waiting for it: safe from a signal handler. */
void velox_pipeline_request_stop(velox_pipeline *pipeline);
/* 1 once every stage has drained (after a stop request, or because the input file ended). */
int velox_pipeline_drained(const velox_pipeline *pipeline);
/* Why it drained before its flow was over: VELOX_INPUT_INVALID with the message in `error`, where another
 * process cut the input file short; else VELOX_OK. Known once it has drained. */
int velox_pipeline_failure(const velox_pipeline *pipeline, char *error);
const char *velox_pipeline_segment_path(const velox_pipeline *pipeline);
/* Stops if need be; unlinks the segment. */
void velox_pipeline_destroy(velox_pipeline *pipeline);

/* The same stages on one thread under a virtual clock that starts at 0 and goes to 2^63 - 1. */
int velox_simulation_create(const velox_config *config, velox_simulation **out, char *error);
int velox_simulation_run_until(velox_simulation *simulation, uint64_t virtual_ns);
int velox_simulation_command(velox_simulation *simulation, int command, int stage, uint64_t value);
int velox_simulation_stop(velox_simulation *simulation);
uint64_t velox_simulation_now_ns(const velox_simulation *simulation);
/* FNV-1a, word by word, over every bundle and transaction that Output has taken, in order: equal runs have
 * equal digests. */
uint64_t velox_simulation_digest(const velox_simulation *simulation);
const char *velox_simulation_segment_path(const velox_simulation *simulation);
void velox_simulation_destroy(velox_simulation *simulation);

/* Readers: any process, while the engine runs, after it ended or was killed. Read-only. */
int velox_reader_open(const char *path, velox_reader **out, char *error);
void velox_reader_close(velox_reader *reader);
int velox_reader_header(const velox_reader *reader, uint64_t *words);           /* VELOX_HEADER_COUNT words */
int velox_reader_run_id(const velox_reader *reader, char *text);                /* 32 bytes */
int velox_reader_table(const velox_reader *reader, void *rows, uint64_t bytes); /* rows * VELOX_ROW_BYTES */
/* Every COUNTER, GAUGE and CONFIG row in table order; loaded with acquire, the state before all others, so
 * that beside "stopped" stand the last counts, then last to first, so that in >= out. The keeper's heartbeat
 * is of one turn on both clocks. VELOX_TIMED_OUT: its writer was faster time after time.
 */
int velox_reader_words(const velox_reader *reader, uint64_t *words, uint32_t count);
/* The newest complete cut: `words` as velox_reader_words gives them (0 for words that belong to no stage).
 * VELOX_NOT_READY before the first. */
int velox_reader_cut(const velox_reader *reader, uint64_t *words, uint32_t count, uint64_t *sequence);
/* Histogram of table row `row`: sum, then the buckets. */
int velox_reader_histogram(const velox_reader *reader, uint32_t row, uint64_t *words, uint32_t count);
/* Levels of table row `row` (a book): quantity per level, bid side then ask side. */
int velox_reader_book(const velox_reader *reader, uint32_t row, uint64_t *quantities, uint32_t count);
int velox_reader_log(const velox_reader *reader, uint32_t row, uint64_t *records, uint32_t count);
int velox_reader_text(const velox_reader *reader, uint32_t row, char *text, uint32_t bytes);

/* Unlinks segments in `directory` (NULL: /dev/shm) whose process is dead and whose owner is this user; gives
 * their number. */
int velox_segment_clean(const char *directory);

/* Monotonic time as the engine's clock would give it. */
uint64_t velox_clock_monotonic_ns(void);

/* The check every untrusted transaction passes: `count` records of 32 little-endian bytes; errors[i] (NULL:
 * not wanted) is the velox_transaction_error of each, the first error of all is returned, 0 when there is
 * none. */
typedef enum velox_transaction_error {
    VELOX_TRANSACTION_OK = 0,
    VELOX_TRANSACTION_BAD_SIDE = 1,
    VELOX_TRANSACTION_BAD_KIND = 2,
    VELOX_TRANSACTION_BAD_PRICE = 3,
    VELOX_TRANSACTION_BAD_SIZE = 4,
    VELOX_TRANSACTION_BAD_RESERVED = 5
} velox_transaction_error;
int velox_transactions_validate(const void *bytes, uint64_t count, uint8_t *errors);

/* Cores this process may use, in order, within its cpuset and quota; the number of them is returned
 * (negative: failure). */
int velox_usable_cores(int *cores, int capacity);

/* One part at a time, for property tests and for use from Python. An order book outside any pipeline. */
typedef struct velox_book velox_book;
int velox_book_create(uint32_t levels, uint32_t ticks_per_level, int64_t base_price, velox_book **out,
                      char *error);
void velox_book_destroy(velox_book *book);
/* Applies `count` encoded transactions in order; results[i] is 0 or the velox_rejection of each. */
int velox_book_apply(velox_book *book, const void *transactions, uint64_t count, uint8_t *results);
/* best: {bid level, ask level}, -1 where the side is empty. */
int velox_book_best(const velox_book *book, int32_t *best);
int velox_book_quantities(const velox_book *book, uint64_t *quantities, uint32_t count);

typedef enum velox_rejection {
    VELOX_ACCEPTED = 0,
    VELOX_REJECTED_WINDOW = 1,
    VELOX_REJECTED_OVERFLOW = 2,
    VELOX_REJECTED_UNDERFLOW = 3,
    VELOX_REJECTED_CONTENTION = 4,
    VELOX_REJECTED_INVALID = 5,
    VELOX_REJECTION_COUNT = 6
} velox_rejection;

#ifdef __cplusplus
}
#endif
#endif
