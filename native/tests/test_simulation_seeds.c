/* The pipeline under the virtual clock, with random faults: a thousand seeds, each a configuration, commands
 * and a stop at random moments; after each the ledger, the ids, the histograms and the book must be exact.
 *
 *     test_simulation_seeds              seeds 1 .. 1,000, or 1 .. VX_SEEDS of the environment
 *     test_simulation_seeds --seed N     one of them
 *
 * The seeds run in a child process, so that a crash or a hang names its seed as well. */
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run_checks.h"
#include "scratch.h"

#ifdef VX_LIGHT
#define SEEDS 200
#else
#define SEEDS 1000
#endif
#define SEED_SECONDS 120 /* a seed that takes longer hangs */

/* Seen by parent and child. */
typedef struct progress {
    uint64_t seed;
    uint64_t transactions;
    uint64_t dropped;
    uint64_t cuts;
    uint64_t commands;
    uint64_t rejected;
    uint64_t crossed;
    uint64_t blocked;
} progress;

static char directory[] = "/dev/shm/velox-seeds-XXXXXX";
static progress *shared;
static random_run run;

static void start(uint64_t seed)
{
    char error[VELOX_ERROR_BYTES] = "";
    run = (random_run){.config = velox_config_create()};
    vx_random_seed(&run.random, seed, STREAM);
    snprintf(run.input, sizeof run.input, "%s/input.vtx", directory);
    configure(&run);
    CHECK_EQUAL(velox_config_set_text(run.config, VELOX_TEXT_SEGMENT_DIR, directory, error), VELOX_OK);
    if (velox_simulation_create(run.config, &run.simulation, error) != VELOX_OK)
        fprintf(stderr, "%s\n", error);
    CHECK(run.simulation != NULL);
    vx_engine *const engine = run.simulation->engine;
    const vx_book *const book = &engine->order_book.book;
    /* More cuts than the option allows, which is made for real time. */
    engine->cut_interval_ns = draw_scale(&run, 1, run.length_ns);
    engine->next_cut_ns = engine->cut_interval_ns;
    memset(&seen, 0, sizeof seen);
    plain_book_init(&seen.book, book->level_count, book->ticks_per_level, book->base_price);
    seen.next = engine->output.sink;
    seen.now_ns = &engine->clock.virtual_ns;
    seen.cut_interval_ns = &engine->cut_interval_ns;
    seen.run = &run;
    engine->output.sink = observe;
    reading_open(&now, velox_simulation_segment_path(run.simulation));
    reading_take(&now);
    last_cut = 0;
}

static void step(uint64_t longest_ns)
{
    for (uint64_t commands = draw(&run, 0, 3); commands > 0; commands--)
        command(&run);
    const uint64_t from_ns = velox_simulation_now_ns(run.simulation);
    const uint64_t until_ns = from_ns + draw(&run, 0, longest_ns);
    CHECK_EQUAL(velox_simulation_run_until(run.simulation, until_ns), VELOX_OK);
    shared->cuts += look();
    check_faults(&run, from_ns, until_ns);
}

static void finish(void)
{
    velox_simulation *const simulation = run.simulation;
    const int drained = vx_engine_is_finished(simulation->engine);
    CHECK_EQUAL(velox_simulation_stop(simulation), VELOX_OK);
    CHECK_EQUAL(velox_simulation_stop(simulation), VELOX_OK); /* twice is once */
    CHECK_EQUAL(velox_simulation_run_until(simulation, UINT64_MAX), VELOX_WRONG_STATE);
    CHECK_EQUAL(velox_simulation_command(simulation, VELOX_COMMAND_HOLD, 0, 1), VELOX_WRONG_STATE);
    look();
    check_at_rest(&now);
    plain_check(&seen.book, &now);
    check_histograms();
    check_bundles();
    if (run.pattern == VELOX_FILE)
        check_input(&run, drained);
    else
        CHECK(!drained);
    if (run.config->values[VELOX_OPTION_ON_FULL] == VELOX_BLOCK)
        CHECK_EQUAL(word(&now, "ingress_dropped_total"), 0);
    check_rings();
    check_log(&run);
    check_shown(&run);
}

static void end(void)
{
    velox_reader_close(now.reader);
    velox_simulation_destroy(run.simulation);
    velox_config_destroy(run.config);
    shared->transactions += seen.transactions;
    shared->dropped += word(&now, "ingress_dropped_total");
    shared->commands += run.accepted;
    shared->rejected += seen.transactions - seen.book.results[VELOX_ACCEPTED];
    shared->crossed += seen.book.crossed;
    shared->blocked += word(&now, "bundle_blocked_cycles_total");
}

/* The digest of what came out. */
static uint64_t run_seed(uint64_t seed)
{
    start(seed);
    const uint64_t steps = draw(&run, 0, 12);
    for (uint64_t i = 0; i < steps; i++)
        step(2 * run.length_ns / steps);
    finish();
    const uint64_t digest = velox_simulation_digest(run.simulation);
    end();
    return digest;
}

/* Some are run again: the same must come out, to the last counter. */
static void check_seed(uint64_t seed)
{
    static uint64_t first[VX_ROWS_MAX];
    const uint64_t digest = run_seed(seed);
    if (seed % 8 != 0)
        return;
    memcpy(first, now.words, sizeof first);
    CHECK_EQUAL(run_seed(seed), digest);
    CHECK(memcmp(first, now.words, now.header[VELOX_HEADER_WORDS] * 8) == 0);
}

/* 0, or what ended the child. */
static int run_in_a_child(uint64_t seeds)
{
    int status;
    fflush(stdout);
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        for (shared->seed = 1; shared->seed <= seeds; shared->seed++) {
            alarm(SEED_SECONDS);
            check_seed(shared->seed);
        }
        exit(0);
    }
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    return status;
}

/* Nothing may be left of the runs but the last input file. */
static void remove_directory(void)
{
    snprintf(run.input, sizeof run.input, "%s/input.vtx", directory);
    unlink(run.input);
    CHECK_EQUAL(rmdir(directory), 0);
}

static void report(uint64_t seeds)
{
    printf("%llu seeds: %llu transactions delivered, %llu dropped, %llu rejected, %llu left it crossed; "
           "%llu cuts, %llu commands, Bundle blocked %llu times\n",
           (unsigned long long)seeds, (unsigned long long)shared->transactions,
           (unsigned long long)shared->dropped, (unsigned long long)shared->rejected,
           (unsigned long long)shared->crossed, (unsigned long long)shared->cuts,
           (unsigned long long)shared->commands, (unsigned long long)shared->blocked);
}

static void run_all(const char *program, uint64_t seeds)
{
    const int status = run_in_a_child(seeds);
    if (status != 0) {
        fprintf(stderr, "seed %llu failed (%s %d); again: %s --seed %llu\n", (unsigned long long)shared->seed,
                WIFSIGNALED(status) ? "signal" : "exit",
                WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), program,
                (unsigned long long)shared->seed);
        velox_segment_clean(directory);
        remove_directory();
        exit(1);
    }
    report(seeds);
    /* The faults did happen. */
    CHECK(seeds < SEEDS || (shared->dropped != 0 && shared->rejected != 0 && shared->crossed != 0 &&
                            shared->cuts > seeds && shared->blocked != 0));
}

int main(int count, char **arguments)
{
    const char *const asked = getenv("VX_SEEDS");
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(shared != MAP_FAILED);
    scratch_directory(directory);
    if (count == 3 && strcmp(arguments[1], "--seed") == 0) {
        check_seed(strtoull(arguments[2], NULL, 10));
        report(1);
    } else {
        CHECK_EQUAL(count, 1);
        run_all(arguments[0], asked != NULL ? strtoull(asked, NULL, 10) : SEEDS);
    }
    remove_directory();
    return 0;
}
