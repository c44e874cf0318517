/* What must hold in a random run of the simulation: at every look, over every fault, and at rest. */
#ifndef VX_RUN_CHECKS_H
#define VX_RUN_CHECKS_H
#include "random_run.h"

/* What Output was given, and what that lets one expect. */
typedef struct observed {
    plain_book book;
    vx_sink next;
    const uint64_t *now_ns; /* the virtual clock's */
    const uint64_t *cut_interval_ns;
    uint64_t transactions;
    uint64_t bundles;
    uint64_t id_sum;
    uint64_t last_id;
    uint64_t latency_sum_ns;
    uint64_t no_wait_sum_ns; /* without the wait in the open bundle */
    uint64_t entry_sum_ns;   /* from arrival to entry, which is rounded down, */
    uint64_t rounded_ns;     /* by at most so much */
    uint64_t fills[VELOX_BUNDLE_CAPACITY];
    uint64_t reasons[3]; /* by vx_flush */
    uint64_t late;       /* waited more than twice as long as they should */
    uint64_t unsettled;  /* opened at the very moment of a change: under the old settings or the new */
    const random_run *run;
} observed;

static observed seen;
static reading now;
static uint64_t was[VX_ROWS_MAX]; /* the words at the look before */
static uint64_t last_cut;

/* It was flushed for a reason that it had. */
static inline void observe_flush(const vx_bundle *bundle)
{
    uint64_t i = seen.run->changes;
    while (i > 0 && seen.run->settings[i].since_ns > bundle->open_ns)
        i--;
    const bundle_settings *const settings = &seen.run->settings[i];
    if (i > 0 && settings->since_ns == bundle->open_ns) {
        seen.unsettled++;
        return;
    }
    const uint64_t waited_ns = bundle->close_ns - bundle->open_ns;
    CHECK((bundle->reason == VX_FLUSH_SIZE) == (bundle->count == settings->max));
    CHECK(bundle->reason != VX_FLUSH_TIMEOUT || waited_ns >= settings->timeout_ns);
    seen.late += bundle->reason == VX_FLUSH_TIMEOUT && waited_ns > 2 * settings->timeout_ns;
}

/* When a transaction entered its bundle: after its own arrival and those before it, as finely as 16 bits say;
 * how long it waited there. */
static inline uint64_t observe_wait_ns(const vx_bundle *bundle, uint32_t i)
{
    const uint64_t entry_ns = bundle->open_ns + ((uint64_t)bundle->entry[i] << bundle->entry_shift);
    const uint64_t least = i > 0 ? bundle->entry[i - 1] : 0;
    CHECK(bundle->entry[i] >= least && entry_ns <= bundle->close_ns);
    CHECK(bundle->entry[i] == UINT16_MAX ||
          entry_ns + (UINT64_C(1) << bundle->entry_shift) > bundle->transactions[i].ts_ns);
    return bundle->close_ns - entry_ns;
}

static inline void observe_bundle(const vx_bundle *bundle)
{
    const uint64_t now_ns = *seen.now_ns;
    CHECK(bundle->count >= 1 && bundle->count <= VELOX_BUNDLE_CAPACITY);
    CHECK_EQUAL(bundle->sequence, seen.bundles);
    CHECK(bundle->open_ns <= bundle->close_ns && bundle->close_ns <= now_ns);
    seen.bundles++;
    seen.fills[bundle->count - 1]++;
    seen.reasons[bundle->reason]++;
    observe_flush(bundle);
    for (uint32_t i = 0; i < bundle->count; i++) {
        const vx_transaction *const t = &bundle->transactions[i];
        CHECK(seen.transactions == 0 || t->id > seen.last_id);
        CHECK(t->ts_ns <= now_ns);
        seen.last_id = t->id;
        seen.id_sum += t->id;
        seen.latency_sum_ns += now_ns - t->ts_ns;
        const uint64_t wait_ns = observe_wait_ns(bundle, i);
        if (now_ns - t->ts_ns > wait_ns) /* an entry is rounded down, which makes its wait longer */
            seen.no_wait_sum_ns += now_ns - t->ts_ns - wait_ns;
        seen.transactions++;
        plain_apply(&seen.book, t);
        const uint64_t latest_ns =
            bundle->entry[i] != UINT16_MAX ? (UINT64_C(1) << bundle->entry_shift) - 1 : wait_ns;
        seen.entry_sum_ns += now_ns - t->ts_ns - wait_ns - (now_ns - bundle->close_ns);
        seen.rounded_ns += latest_ns;
    }
}

static inline void observe(void *context, const vx_bundle *bundles, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        observe_bundle(&bundles[i]);
    seen.next(context, bundles, count);
}

/* What a stage has taken, in the units that a slowed stage is slowed by. */
static inline uint64_t taken(const uint64_t *words, int stage)
{
    static const char *const names[VELOX_STAGES] = {"ingress_generated_total", "order_book_in_total",
                                                    "bundle_in_total", "output_bundles_total"};
    return reading_find(&now, words, names[stage]);
}

/* Faults that were on for the whole of from_ns .. until_ns did what they should. */
static inline void check_faults(const random_run *run, uint64_t from_ns, uint64_t until_ns)
{
    for (int stage = 0; stage < VELOX_STAGES; stage++) {
        const uint64_t moved = taken(now.words, stage) - taken(was, stage);
        const uint64_t slow_ns = run->slow_ns[stage];
        if (run->stalled_until_ns[stage] > until_ns)
            CHECK_EQUAL(moved, 0);
        if (slow_ns != 0) /* at most one round behind before, and one item under way at either end */
            CHECK(moved <= 2 + (until_ns - from_ns + 1000) / slow_ns);
    }
    if (run->held)
        CHECK_EQUAL(taken(now.words, 0) - taken(was, 0),
                    word(&now, "ingress_burst_total") - reading_find(&now, was, "ingress_burst_total"));
}

/* The reading, and the newest cut if there is one; whether that is another than the last. */
static inline uint64_t look(void)
{
    static const char *const chain[] = {
        "ingress_generated_total", "ingress_pushed_total", "order_book_in_total", "order_book_out_total",
        "bundle_in_total",         "bundle_out_total",     "output_in_total",     "output_delivered_total"};
    memcpy(was, now.words, sizeof was);
    reading_take(&now);
    for (int i = 0; i < 7; i++)
        CHECK(word(&now, chain[i]) >= word(&now, chain[i + 1]));
    CHECK_EQUAL(word(&now, "output_delivered_total"), seen.transactions);
    if (!reading_take_cut(&now))
        return 0;
    check_ledger(&now, now.cut);
    CHECK(now.cut_sequence >= last_cut);
    CHECK(now.cut_sequence <= 1 + *seen.now_ns / *seen.cut_interval_ns);
    CHECK(reading_find(&now, now.cut, chain[0]) <= word(&now, chain[0]));
    const uint64_t newer = now.cut_sequence > last_cut;
    last_cut = now.cut_sequence;
    return newer;
}

static inline void check_histogram(const char *name, uint64_t count, uint64_t sum)
{
    static uint64_t words[1 + VELOX_HISTOGRAM_BUCKETS];
    const uint64_t counted = reading_histogram(&now, name, words);
    if (counted != count || (sum != UINT64_MAX && words[0] != sum))
        fprintf(stderr, "histogram %s\n", name);
    CHECK_EQUAL(counted, count);
    if (sum != UINT64_MAX)
        CHECK_EQUAL(words[0], sum);
}

static inline void check_histograms(void)
{
    static const char *const names[VELOX_STAGES] = {"ingress", "order_book", "bundle", "output"};
    char name[4][VELOX_NAME_BYTES];
    for (int stage = 0; stage < VELOX_STAGES; stage++) {
        snprintf(name[0], sizeof name[0], "%s_batch", names[stage]);
        snprintf(name[1], sizeof name[1], "%s_service", names[stage]);
        snprintf(name[2], sizeof name[2], "%s_worked_cycles_total", names[stage]);
        snprintf(name[3], sizeof name[3], "%s_busy_ns_total", names[stage]);
        check_histogram(name[0], word(&now, name[2]), taken(now.words, stage));
        check_histogram(name[1], word(&now, name[2]), word(&now, name[3]));
    }
    check_histogram("ingress_lateness", word(&now, "ingress_generated_total"), UINT64_MAX);
    check_histogram("ingress_exit", word(&now, "ingress_pushed_total"),
                    word(&now, "ingress_entry_latency_sum_ns_total"));
    check_histogram("order_book_exit", word(&now, "order_book_out_total"),
                    word(&now, "order_book_entry_latency_sum_ns_total"));
    check_histogram("bundle_exit", word(&now, "bundle_out_total"), UINT64_MAX);
    CHECK(word(&now, "bundle_entry_latency_sum_ns_total") - seen.entry_sum_ns <= seen.rounded_ns);
    check_histogram("e2e", seen.transactions, seen.latency_sum_ns);
    check_histogram("e2e_no_wait", seen.transactions, seen.no_wait_sum_ns);
    CHECK_EQUAL(word(&now, "output_entry_latency_sum_ns_total"), seen.latency_sum_ns);
}

/* A ring was full where its producer was blocked or dropped something, and nowhere else. */
static inline void check_full(void)
{
    static const char *const producers[VELOX_RINGS] = {"ingress", "order_book", "bundle"};
    char name[VELOX_NAME_BYTES];
    for (int ring = 0; ring < VELOX_RINGS; ring++) {
        snprintf(name, sizeof name, "%s_blocked_cycles_total", producers[ring]);
        const uint64_t hindered = word(&now, name) + (ring == 0 ? word(&now, "ingress_dropped_total") : 0);
        snprintf(name, sizeof name, "ring%d_full_total", ring);
        CHECK_EQUAL(word(&now, name) != 0, hindered != 0);
    }
}

/* Every batch that was taken was found there; nothing is left. */
static inline void check_rings(void)
{
    static const char *const consumers[VELOX_RINGS] = {"order_book", "bundle", "output"};
    static uint64_t words[1 + VELOX_HISTOGRAM_BUCKETS];
    char name[VELOX_NAME_BYTES];
    for (int ring = 0; ring < VELOX_RINGS; ring++) {
        snprintf(name, sizeof name, "ring%d_occupancy_slots", ring);
        CHECK_EQUAL(word(&now, name), 0);
        snprintf(name, sizeof name, "config_ring%d_slots", ring);
        CHECK_EQUAL(now.rows[VELOX_STAGES + ring].kind, VELOX_KIND_RING);
        CHECK_EQUAL(now.rows[VELOX_STAGES + ring].param, word(&now, name));
        snprintf(name, sizeof name, "ring%d_occupancy", ring);
        const uint64_t found = reading_histogram(&now, name, words);
        snprintf(name, sizeof name, "%s_worked_cycles_total", consumers[ring]);
        CHECK(found + (ring == 1 ? seen.bundles : 0) >= word(&now, name)); /* Bundle also works to flush */
        CHECK(words[0] >= taken(now.words, ring + 1));
    }
    CHECK_EQUAL(word(&now, "ring1_taken_total"), word(&now, "bundle_in_total"));
    check_full();
}

/* The latest commands are in the log, each where its number puts it. */
static inline void check_log(const random_run *run)
{
    static uint64_t records[4 * VX_LOG_RECORDS];
    uint32_t row = 0;
    while (now.rows[row].kind != VELOX_KIND_LOG)
        row++;
    CHECK_EQUAL(velox_reader_log(now.reader, row, records, 4 * VX_LOG_RECORDS), VELOX_OK);
    CHECK_EQUAL(word(&now, "commands_total"), run->accepted);
    for (uint64_t number = 1; number <= run->accepted; number++)
        CHECK(memcmp(&records[4 * ((number - 1) % VX_LOG_RECORDS)], run->log[number],
                     sizeof run->log[number]) == 0);
}

/* The settings in force are shown. */
static inline void check_shown(const random_run *run)
{
    CHECK_EQUAL(word(&now, "rate_millihz"), run->shown[VELOX_COMMAND_RATE_MILLIHZ]);
    CHECK_EQUAL(word(&now, "bundle_max"), run->shown[VELOX_COMMAND_BUNDLE_MAX]);
    CHECK_EQUAL(word(&now, "bundle_timeout_ns"), run->shown[VELOX_COMMAND_BUNDLE_TIMEOUT_NS]);
    CHECK_EQUAL(word(&now, "hold"), run->shown[VELOX_COMMAND_HOLD]);
    CHECK_EQUAL(word(&now, "wait"), run->shown[VELOX_COMMAND_WAIT]);
}

/* What Output was given agrees with what every stage counted. */
static inline void check_bundles(void)
{
    CHECK_EQUAL(word(&now, "output_bundles_total"), seen.bundles);
    CHECK_EQUAL(word(&now, "output_delivered_id_sum"), seen.id_sum);
    for (uint32_t i = 0; i < VELOX_BUNDLE_CAPACITY; i++) {
        char name[VELOX_NAME_BYTES];
        snprintf(name, sizeof name, "bundle_fill_%u_total", i + 1);
        CHECK_EQUAL(word(&now, name), seen.fills[i]);
    }
    CHECK_EQUAL(word(&now, "bundle_flush_size_total"), seen.reasons[VX_FLUSH_SIZE]);
    CHECK_EQUAL(word(&now, "bundle_flush_timeout_total"), seen.reasons[VX_FLUSH_TIMEOUT]);
    CHECK_EQUAL(word(&now, "bundle_flush_drain_total"), seen.reasons[VX_FLUSH_DRAIN]);
    CHECK(seen.reasons[VX_FLUSH_DRAIN] <= 1);
    CHECK(word(&now, "bundle_flush_late_total") >= seen.late);
    CHECK(word(&now, "bundle_flush_late_total") <= seen.late + seen.unsettled);
}

/* Every record that was looked at was emitted or refused; all of a file's are, where it came to its end. */
static inline void check_input(const random_run *run, int drained_by_itself)
{
    const uint64_t looked_at =
        word(&now, "ingress_generated_total") + word(&now, "ingress_input_bad_side_total") +
        word(&now, "ingress_input_bad_kind_total") + word(&now, "ingress_input_bad_price_total") +
        word(&now, "ingress_input_bad_size_total") + word(&now, "ingress_input_bad_reserved_total");
    const uint64_t passes = 1 + word(&now, "ingress_input_wraps_total");
    if (drained_by_itself)
        CHECK_EQUAL(looked_at, passes * run->file_records);
    else
        CHECK(looked_at <= passes * run->file_records);
}

#endif
