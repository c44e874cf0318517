/* Mapped files that another cuts short: zeros and a mark in place of SIGBUS, from any thread and beside other
 * handlers; whatever else raises SIGBUS is dealt with as without us. */
#include "mapped.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "scratch.h"

#define PAGE  4096
#define PAGES 64
#define BYTES ((uint64_t)PAGE * PAGES)
#ifdef VX_LIGHT
#define TURNS 200
#else
#define TURNS 1000
#endif
#define THREADS 3

static char path[64];
static int file;

static void fill_file(void)
{
    static uint8_t ones[BYTES];
    memset(ones, 1, sizeof ones);
    CHECK_EQUAL(pwrite(file, ones, sizeof ones, 0), BYTES);
}

static void cut_file(uint64_t bytes)
{
    CHECK_EQUAL(ftruncate(file, (off_t)bytes), 0);
}

static int byte_at(const vx_mapped *mapped, uint64_t at)
{
    return ((const volatile uint8_t *)mapped->base)[at];
}

static void open_mapping(vx_mapped *mapped)
{
    CHECK_EQUAL(vx_mapped_open(mapped, file, BYTES, MAP_SHARED), 0);
}

static void should_give_zeros_and_a_mark_for_what_is_gone(void)
{
    vx_mapped mapped;
    vx_mapped other;
    fill_file();
    open_mapping(&mapped);
    CHECK_EQUAL(vx_mapped_open(&other, file, PAGE, MAP_PRIVATE), 0);
    CHECK(byte_at(&mapped, BYTES - 1) == 1 && !vx_mapped_is_cut(&mapped));
    CHECK(vx_mapped_is_whole(&mapped, file));
    cut_file(BYTES / 2);
    errno = 77;
    CHECK_EQUAL(byte_at(&mapped, BYTES - PAGE), 0);
    CHECK_EQUAL(errno, 77);
    CHECK(vx_mapped_is_cut(&mapped));
    CHECK_EQUAL(byte_at(&mapped, BYTES / 2), 0);
    CHECK_EQUAL(byte_at(&mapped, 0), 1);
    cut_file(0);
    CHECK_EQUAL(byte_at(&mapped, 0), 0);
    cut_file(BYTES); /* too late */
    CHECK(!vx_mapped_is_whole(&mapped, file));
    CHECK(vx_mapped_is_whole(&other, file)); /* it has touched nothing */
    vx_mapped_close(&mapped);
    vx_mapped_close(&mapped);
    vx_mapped_close(&other);
    open_mapping(&mapped); /* where the first one was: no mark is left */
    CHECK(!vx_mapped_is_cut(&mapped));
    vx_mapped_close(&mapped);
}

static void should_mark_what_is_found_too_short(void)
{
    vx_mapped mapped;
    fill_file();
    open_mapping(&mapped);
    cut_file(BYTES - 1); /* within the last page: no signal comes */
    CHECK_EQUAL(byte_at(&mapped, BYTES - 1), 0);
    CHECK(!vx_mapped_is_cut(&mapped));
    CHECK(!vx_mapped_is_whole(&mapped, file));
    CHECK(vx_mapped_is_cut(&mapped));
    vx_mapped_close(&mapped);
}

static void should_say_when_there_are_too_many(void)
{
    static vx_mapped mapped[VX_MAPPED_MOST];
    vx_mapped one_more;
    fill_file();
    for (int i = 0; i < VX_MAPPED_MOST; i++)
        open_mapping(&mapped[i]);
    CHECK_EQUAL(vx_mapped_open(&one_more, file, BYTES, MAP_SHARED), EMFILE);
    CHECK(one_more.base == NULL);
    vx_mapped_close(&mapped[500]);
    CHECK_EQUAL(vx_mapped_open(&mapped[500], file, BYTES, MAP_SHARED), 0);
    for (int i = 0; i < VX_MAPPED_MOST; i++)
        vx_mapped_close(&mapped[i]);
}

#if !defined(__SANITIZE_THREAD__) /* under it a forked child does not come to its end; why is not known */
/* Touches a page that is gone, of a mapping that is nobody's but the test's. */
static void touch_what_is_not_watched(void)
{
    void *const bare = mmap(NULL, BYTES, PROT_READ, MAP_SHARED, file, 0);
    CHECK(bare != MAP_FAILED);
    cut_file(0);
    (void)*(const volatile uint8_t *)bare;
}

static void send_to_itself(void)
{
    raise(SIGBUS);
}

static void exit_plainly(int number)
{
    _exit(number == SIGBUS ? 41 : 1);
}

static void exit_with_information(int number, siginfo_t *info, void *context)
{
    _exit(number == SIGBUS && info->si_signo == SIGBUS && context != NULL ? 42 : 1);
}

static sigjmp_buf again;

static void recover(int number)
{
    siglongjmp(again, number);
}

/* A handler that leaves by siglongjmp is called for the next fault as for the first. */
static void recover_twice(void)
{
    static volatile int recovered;
    if (sigsetjmp(again, 1) != 0)
        recovered++;
    if (recovered == 2)
        _exit(43);
    touch_what_is_not_watched();
}

typedef enum { BY_DEFAULT, IGNORED, PLAIN, WITH_INFORMATION, RECOVERING } handling;

static void handle(handling how)
{
    struct sigaction action = {.sa_handler = SIG_DFL};
    if (how == IGNORED)
        action.sa_handler = SIG_IGN;
    if (how == PLAIN)
        action.sa_handler = exit_plainly;
    if (how == RECOVERING)
        action.sa_handler = recover;
    if (how == WITH_INFORMATION) {
        action.sa_sigaction = exit_with_information;
        action.sa_flags = SA_SIGINFO;
    }
    CHECK_EQUAL(sigaction(SIGBUS, &action, NULL), 0);
}

/* How a process ends that has one mapping and this handler from before. */
static int end_of(handling how, void (*act)(void))
{
    int status;
    fill_file();
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        vx_mapped mapped;
        handle(how);
        open_mapping(&mapped);
        act();
        _exit(0);
    }
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    return status;
}

static int is_killed(int status)
{
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS;
}

static void should_leave_other_signals_to_whoever_had_them(void)
{
    CHECK(is_killed(end_of(BY_DEFAULT, touch_what_is_not_watched)));
    CHECK(is_killed(end_of(BY_DEFAULT, send_to_itself)));
    CHECK(is_killed(end_of(IGNORED, touch_what_is_not_watched)));
    CHECK_EQUAL(end_of(IGNORED, send_to_itself), 0);
    CHECK_EQUAL(WEXITSTATUS(end_of(PLAIN, touch_what_is_not_watched)), 41);
    CHECK_EQUAL(WEXITSTATUS(end_of(PLAIN, send_to_itself)), 41);
    CHECK_EQUAL(WEXITSTATUS(end_of(WITH_INFORMATION, touch_what_is_not_watched)), 42);
    CHECK_EQUAL(WEXITSTATUS(end_of(WITH_INFORMATION, send_to_itself)), 42);
    CHECK_EQUAL(WEXITSTATUS(end_of(RECOVERING, recover_twice)), 43);
}

static struct sigaction under;

/* As a crash reporter does: puts the handler from before back, and sends the signal once more. */
static void report(int number, siginfo_t *info, void *context)
{
    (void)info, (void)context;
    sigaction(number, &under, NULL);
    raise(number);
}

/* One that was set after ours; ours goes before it again at the next mapping. */
static void be_reported(void)
{
    vx_mapped mapped;
    const struct sigaction reporter = {.sa_sigaction = report, .sa_flags = SA_SIGINFO | SA_NODEFER};
    CHECK_EQUAL(sigaction(SIGBUS, &reporter, &under), 0);
    open_mapping(&mapped);
    cut_file(PAGE);
    CHECK_EQUAL(byte_at(&mapped, BYTES - 1), 0);
    CHECK(vx_mapped_is_cut(&mapped));
    touch_what_is_not_watched();
}

static void should_come_to_an_end_beside_a_handler_that_calls_it(void)
{
    CHECK(is_killed(end_of(BY_DEFAULT, be_reported)));
}
#endif

/* Opens, reads and closes, again and again. */
static void *read_again_and_again(void *unused)
{
    (void)unused;
    for (int turn = 0; turn < TURNS; turn++) {
        vx_mapped mapped;
        open_mapping(&mapped);
        for (uint64_t at = 0; at < BYTES; at += PAGE)
            (void)byte_at(&mapped, at);
        vx_mapped_close(&mapped);
    }
    return NULL;
}

static void should_stand_cuts_under_many_threads(void)
{
    pthread_t threads[THREADS];
    vx_mapped lasting;
    fill_file();
    open_mapping(&lasting);
    for (int i = 0; i < THREADS; i++)
        CHECK_EQUAL(pthread_create(&threads[i], NULL, read_again_and_again, NULL), 0);
    for (int turn = 0; turn < TURNS; turn++) {
        cut_file(turn % 2 == 0 ? 0 : PAGE);
        (void)byte_at(&lasting, BYTES - 1);
        cut_file(BYTES);
    }
    for (int i = 0; i < THREADS; i++)
        CHECK_EQUAL(pthread_join(threads[i], NULL), 0);
    CHECK(vx_mapped_is_cut(&lasting));
    vx_mapped_close(&lasting);
}

/* Two read through one mapping: who finds zeros that the other's fault has put finds the mark as well. */
static vx_mapped shared;
static VX_ATOMIC(uint64_t) rounds;

static void *read_shared(void *unused)
{
    (void)unused;
    for (uint64_t round = 1; round <= TURNS; round++) {
        while (vx_load_acquire(&rounds) < 2 * round - 1) /* pairs with the release after the mapping */
            vx_relax();
        const int byte = byte_at(&shared, BYTES - 1);
        CHECK(byte == 1 || !vx_mapped_is_whole(&shared, file));
        vx_store_release(&rounds, 2 * round); /* pairs with the acquire before the next mapping */
    }
    return NULL;
}

static void should_show_the_mark_with_another_threads_zeros(void)
{
    pthread_t reader;
    vx_store_relaxed(&rounds, 0);
    CHECK_EQUAL(pthread_create(&reader, NULL, read_shared, NULL), 0);
    for (uint64_t round = 1; round <= TURNS; round++) {
        fill_file();
        open_mapping(&shared);
        vx_store_release(&rounds, 2 * round - 1); /* pairs with the acquire in read_shared */
        cut_file(0);
        (void)byte_at(&shared, BYTES - 1);
        cut_file(BYTES);                             /* the file's size no longer tells */
        while (vx_load_acquire(&rounds) < 2 * round) /* pairs with the release in read_shared */
            vx_relax();
        vx_mapped_close(&shared);
    }
    CHECK_EQUAL(pthread_join(reader, NULL), 0);
}

int main(void)
{
    scratch_file(path);
    file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    CHECK(file >= 0);
    RUN(should_give_zeros_and_a_mark_for_what_is_gone);
    RUN(should_mark_what_is_found_too_short);
    RUN(should_say_when_there_are_too_many);
#if !defined(__SANITIZE_THREAD__)
    RUN(should_leave_other_signals_to_whoever_had_them);
    RUN(should_come_to_an_end_beside_a_handler_that_calls_it);
#endif
    RUN(should_stand_cuts_under_many_threads);
    RUN(should_show_the_mark_with_another_threads_zeros);
    return 0;
}
