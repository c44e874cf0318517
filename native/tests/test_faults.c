/* What real machines do to a running pipeline: stop it, move its threads, kill it, cut its segment short. */
#include "spawned.h"

#include <sched.h>

#ifdef VX_LIGHT
#define KILLS     10
#define STOPS     3
#define MOVES     100
#define PIPELINES 5
#else
#define KILLS     60
#define STOPS     8
#define MOVES     600
#define PIPELINES 30
#endif

static char directory[64];
static reading r;

static void check_chain(void)
{
    static const char *const chain[] = {
        "ingress_generated_total", "ingress_pushed_total", "order_book_in_total", "order_book_out_total",
        "bundle_in_total",         "bundle_out_total",     "output_in_total",     "output_delivered_total"};
    reading_take(&r);
    for (int i = 0; i < 7; i++)
        CHECK(word(&r, chain[i]) >= word(&r, chain[i + 1]));
    if (reading_take_cut(&r))
        check_ledger(&r, r.cut);
}

static void await_progress(void)
{
    reading_take(&r);
    const uint64_t before = word(&r, "output_delivered_total");
    for (int patience = PATIENCE_MS; word(&r, "output_delivered_total") == before; patience--) {
        CHECK(patience > 0);
        sleep_ms(1);
        reading_take(&r);
    }
}

static void stop_and_continue(const spawned *child, uint64_t ms)
{
    static uint64_t stopped[VX_ROWS_MAX];
    int status;
    CHECK_EQUAL(kill(child->pid, SIGSTOP), 0);
    CHECK_EQUAL(waitpid(child->pid, &status, WUNTRACED), child->pid);
    CHECK(WIFSTOPPED(status));
    check_chain();
    memcpy(stopped, r.words, sizeof stopped);
    sleep_ms(ms);
    check_chain();
    CHECK(memcmp(stopped, r.words, sizeof stopped) == 0); /* it did stand still */
    CHECK_EQUAL(kill(child->pid, SIGCONT), 0);
    await_progress();
}

static void should_be_exact_after_it_was_stopped_and_continued(void)
{
    spawned child = spawn(directory, VELOX_POISSON);
    await_running(&child);
    reading_open(&r, child.path);
    for (uint64_t i = 0; i < STOPS; i++)
        stop_and_continue(&child, i == 0 ? 2000 : 7 * i);
    CHECK_EQUAL(end_of(&child), 0);
    check_at_rest(&r);
    velox_reader_close(r.reader);
    CHECK_EQUAL(scratch_count_files(directory), 0);
}

/* Somebody else's tool moves the threads about. */
static void should_be_exact_while_its_threads_are_moved(void)
{
    static const char *const threads[] = {"ingress_thread_id", "order_book_thread_id", "bundle_thread_id",
                                          "output_thread_id"};
    int cores[64];
    const int count = velox_usable_cores(cores, 64);
    CHECK(count > 0);
    velox_pipeline *pipeline = start_in(directory, VELOX_MAX);
    reading_open(&r, velox_pipeline_segment_path(pipeline));
    for (int move = 0; move < MOVES; move++) {
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET((size_t)cores[move / 4 % count], &set);
        check_chain();
        const pid_t thread = (pid_t)word(&r, threads[move % 4]);
        CHECK(thread != 0 && thread != getpid());
        CHECK_EQUAL(sched_setaffinity(thread, sizeof set, &set), 0);
        sleep_ms(1);
    }
    await_progress();
    CHECK(r.cut_sequence > 0);
    CHECK_EQUAL(velox_pipeline_stop(pipeline), VELOX_OK);
    check_at_rest(&r);
    velox_reader_close(r.reader);
    velox_pipeline_destroy(pipeline);
}

/* What a killed process leaves can be read, before and after it is cleaned up. */
static void kill_running(uint64_t after_ms)
{
    spawned child = spawn(directory, after_ms % 2 != 0 ? VELOX_MAX : VELOX_BURSTS);
    await_running(&child);
    sleep_ms(after_ms);
    CHECK_EQUAL(kill(child.pid, SIGKILL), 0);
    const int status = end_of(&child);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    reading_open(&r, child.path);
    CHECK_EQUAL(r.header[VELOX_HEADER_PID], child.pid);
    check_chain();
    CHECK_EQUAL(word(&r, "state"), VELOX_RUNNING); /* it had no time to say so; its heartbeat tells */
    CHECK_EQUAL(velox_segment_clean(directory), 1);
    CHECK_EQUAL(access(child.path, F_OK), -1);
    check_chain();
    velox_reader_close(r.reader);
}

static void should_leave_a_readable_segment_when_it_is_killed(void)
{
    for (uint64_t i = 0; i < KILLS; i++)
        kill_running(i * 7 % 30);
}

/* At any moment, its start among them. */
static void should_leave_nothing_that_cleaning_does_not_remove(void)
{
    for (uint64_t i = 0; i < KILLS; i++) {
        const spawned child = spawn(directory, VELOX_POISSON);
        sleep_ms(i % 40);
        CHECK_EQUAL(kill(child.pid, SIGKILL), 0);
        CHECK(WIFSIGNALED(end_of(&child)));
        CHECK(velox_segment_clean(directory) <= 1);
        CHECK_EQUAL(scratch_count_files(directory), 0);
    }
}

/* Every reading of the open reader, whatever it asks for. */
static void check_readings(velox_status expected)
{
    static uint64_t words[1u << 16];
    uint64_t sequence;
    for (uint32_t row = 0; row < r.header[VELOX_HEADER_ROWS]; row++) {
        const uint32_t kind = r.rows[row].kind;
        if (kind == VELOX_KIND_HISTOGRAM)
            CHECK_EQUAL(velox_reader_histogram(r.reader, row, words, 1u << 16), expected);
        if (kind == VELOX_KIND_BOOK)
            CHECK_EQUAL(velox_reader_book(r.reader, row, words, 1u << 16), expected);
        if (kind == VELOX_KIND_LOG)
            CHECK_EQUAL(velox_reader_log(r.reader, row, words, 1u << 16), expected);
        if (kind == VELOX_KIND_TEXT)
            CHECK_EQUAL(velox_reader_text(r.reader, row, (char *)words, 1u << 16), expected);
    }
    CHECK_EQUAL(velox_reader_words(r.reader, words, 1u << 16), expected);
    CHECK_EQUAL(velox_reader_cut(r.reader, words, 1u << 16, &sequence), expected);
}

static void should_not_lose_readers_to_a_segment_cut_short(void)
{
    char error[VELOX_ERROR_BYTES];
    velox_reader *other = NULL;
    spawned child = spawn(directory, VELOX_POISSON);
    await_running(&child);
    reading_open(&r, child.path);
    const off_t bytes = (off_t)r.header[VELOX_HEADER_BYTES];
    for (int patience = PATIENCE_MS; !reading_take_cut(&r); patience--) {
        CHECK(patience > 0);
        sleep_ms(1);
    }
    check_readings(VELOX_OK);
    CHECK_EQUAL(truncate(child.path, bytes - 1), 0); /* the engine still has all of its pages */
    check_readings(VELOX_SEGMENT_TRUNCATED);
    CHECK_EQUAL(kill(child.pid, SIGKILL), 0);
    CHECK(WIFSIGNALED(end_of(&child)));
    const off_t lengths[] = {bytes / 2, 4096, 100, 7, 0};
    for (uint32_t i = 0; i < 5; i++) {
        CHECK_EQUAL(truncate(child.path, lengths[i]), 0);
        check_readings(VELOX_SEGMENT_TRUNCATED);
        CHECK_EQUAL(velox_reader_open(child.path, &other, error), VELOX_SEGMENT_TRUNCATED);
        CHECK(other == NULL);
    }
    velox_reader_close(r.reader);
    CHECK_EQUAL(velox_segment_clean(directory), 1);
}

/* Somebody tidies up /dev/shm: who has the segment open keeps it. */
static void should_go_on_when_its_segment_is_deleted(void)
{
    char error[VELOX_ERROR_BYTES];
    velox_reader *other = NULL;
    spawned child = spawn(directory, VELOX_POISSON);
    await_running(&child);
    reading_open(&r, child.path);
    CHECK_EQUAL(unlink(child.path), 0);
    await_progress();
    check_chain();
    CHECK_EQUAL(velox_reader_open(child.path, &other, error), VELOX_SEGMENT_MISSING);
    CHECK_EQUAL(end_of(&child), 0);
    check_at_rest(&r);
    velox_reader_close(r.reader);
}

static void start_and_stop_many(void)
{
    for (int i = 0; i < PIPELINES; i++) {
        velox_pipeline *pipeline = start_in(directory, VELOX_POISSON);
        reading_open(&r, velox_pipeline_segment_path(pipeline)); /* nobody took it away */
        CHECK_EQUAL(r.header[VELOX_HEADER_PID], getpid());
        CHECK_EQUAL(velox_pipeline_stop(pipeline), VELOX_OK);
        check_at_rest(&r);
        velox_reader_close(r.reader);
        velox_pipeline_destroy(pipeline);
    }
    exit(0);
}

/* Two start and stop pipelines while this one cleans up: at most a file that has no owner yet, for which its
 * process then makes another. */
static void should_let_processes_start_at_once(void)
{
    int left = 2;
    int status;
    fflush(stdout);
    for (int i = 0; i < left; i++) {
        const pid_t pid = fork();
        CHECK(pid >= 0);
        if (pid == 0)
            start_and_stop_many();
    }
    while (left > 0) {
        CHECK(velox_segment_clean(directory) >= 0);
        const pid_t ended = waitpid(-1, &status, WNOHANG);
        CHECK(ended >= 0);
        if (ended == 0)
            continue;
        CHECK_EQUAL(status, 0);
        left--;
    }
    CHECK_EQUAL(scratch_count_files(directory), 0);
}

int main(void)
{
    strcpy(directory, "/dev/shm/velox-faults-XXXXXX");
    scratch_directory(directory);
    RUN(should_be_exact_after_it_was_stopped_and_continued);
    RUN(should_be_exact_while_its_threads_are_moved);
    RUN(should_leave_a_readable_segment_when_it_is_killed);
    RUN(should_leave_nothing_that_cleaning_does_not_remove);
    RUN(should_not_lose_readers_to_a_segment_cut_short);
    RUN(should_go_on_when_its_segment_is_deleted);
    RUN(should_let_processes_start_at_once);
    fixture_remove_directory(directory);
    return 0;
}
