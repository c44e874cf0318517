/* Stage threads make no system call but those of the chosen waiting, and allocate nothing: a seccomp filter
 * kills the process at any other call, and malloc is watched. */
#include "check.h"

#if defined(__linux__) && defined(__x86_64__) && !defined(__SANITIZE_THREAD__) &&                            \
    !defined(__SANITIZE_ADDRESS__)
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "pipeline.h"

static _Thread_local int watched;
static _Atomic uint64_t allocations;

/* The linker puts these in the place of the allocator's (-Wl,--wrap). */
void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);

void *__wrap_malloc(size_t bytes)
{
    allocations += (uint64_t)watched;
    return __real_malloc(bytes);
}

void *__wrap_calloc(size_t count, size_t bytes)
{
    allocations += (uint64_t)watched;
    return __real_calloc(count, bytes);
}

/* What a thread needs to end, whatever its waiting. */
static const uint32_t ending[] = {SYS_exit, SYS_madvise, SYS_munmap, SYS_rt_sigprocmask, SYS_futex, SYS_rseq};

static unsigned add_allowed(struct sock_filter *filter, unsigned at, uint32_t number)
{
    filter[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1);
    filter[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    return at;
}

/* On each stage thread: `context` is the waiting. */
static void restrict_thread(void *context, int thread)
{
    const velox_wait wait = *(const velox_wait *)context;
    struct sock_filter filter[32];
    unsigned at = 0;
    (void)thread;
    watched = 1;
    filter[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (unsigned i = 0; i < sizeof ending / sizeof ending[0]; i++)
        at = add_allowed(filter, at, ending[i]);
    if (wait == VELOX_YIELD || wait == VELOX_BACKOFF)
        at = add_allowed(filter, at, SYS_sched_yield);
    if (wait == VELOX_BACKOFF)
        at = add_allowed(filter, at, SYS_clock_nanosleep);
    filter[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
    const struct sock_fprog program = {(unsigned short)at, filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        _exit(77);
}

static void watch_pipeline(velox_threading threading, velox_wait wait, velox_pattern pattern)
{
    char error[VELOX_ERROR_BYTES] = "";
    velox_config *config = velox_config_create();
    CHECK_EQUAL(velox_config_set(config, VELOX_OPTION_THREADING, threading, error), VELOX_OK);
    CHECK_EQUAL(velox_config_set(config, VELOX_OPTION_WAIT, wait, error), VELOX_OK);
    CHECK_EQUAL(velox_config_set(config, VELOX_OPTION_PATTERN, pattern, error), VELOX_OK);
    velox_pipeline *pipeline;
    int status = velox_pipeline_create(config, &pipeline, error);
    if (status == VELOX_NOT_PERMITTED)
        _exit(76);
    CHECK_EQUAL(status, VELOX_OK);
    pipeline->hook = restrict_thread;
    pipeline->hook_context = &wait;
    CHECK_EQUAL(velox_pipeline_start(pipeline, error), VELOX_OK);
    for (uint64_t i = 1; i <= 20; i++) {
        const struct timespec pause = {0, 10000000};
        nanosleep(&pause, NULL);
        velox_pipeline_command(pipeline, VELOX_COMMAND_BURST, 0, 500 * i);
        velox_pipeline_command(pipeline, VELOX_COMMAND_STALL, (int)(i % VELOX_STAGES), 1000000);
        velox_pipeline_command(pipeline, VELOX_COMMAND_RATE_MILLIHZ, 0, 10000000 * i);
    }
    velox_pipeline_stop(pipeline);
    const uint64_t delivered = vx_load_acquire(&pipeline->engine->output.stage.block[VX_OUTPUT_DELIVERED]);
    velox_pipeline_destroy(pipeline);
    _exit(allocations == 0 && delivered > 1000 ? 0 : 1);
}

/* Each in a process of its own: a forbidden call kills it with SIGSYS. */
static void expect_quiet(velox_threading threading, velox_wait wait, velox_pattern pattern)
{
    const pid_t child = fork();
    if (child == 0)
        watch_pipeline(threading, wait, pattern);
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    if (WIFSIGNALED(status))
        fprintf(stderr, "killed by signal %d: a system call beyond the waiting\n", WTERMSIG(status));
    CHECK(WIFEXITED(status));
    if (WEXITSTATUS(status) == 76 || WEXITSTATUS(status) == 77)
        printf("skipped: %s\n", WEXITSTATUS(status) == 76 ? "too few cores to spin" : "no seccomp here");
    else
        CHECK_EQUAL(WEXITSTATUS(status), 0);
}

static void should_only_yield(void)
{
    expect_quiet(VELOX_DEDICATED, VELOX_YIELD, VELOX_POISSON);
    expect_quiet(VELOX_SHARED, VELOX_YIELD, VELOX_MAX);
}

static void should_only_yield_and_sleep(void)
{
    expect_quiet(VELOX_DEDICATED, VELOX_BACKOFF, VELOX_POISSON);
    expect_quiet(VELOX_SHARED, VELOX_BACKOFF, VELOX_BURSTS);
}

static void should_make_no_call_at_all_when_spinning(void)
{
    expect_quiet(VELOX_SHARED, VELOX_SPIN, VELOX_POISSON);
    expect_quiet(VELOX_DEDICATED, VELOX_SPIN, VELOX_POISSON);
}

/* The filter itself works: a thread that reads its pid by a system call dies. */
static void should_notice_a_forbidden_call(void)
{
    const pid_t child = fork();
    if (child == 0) {
        velox_wait wait = VELOX_SPIN;
        restrict_thread(&wait, 0);
        syscall(SYS_getppid);
        _exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status) || WEXITSTATUS(status) == 77);
}

int main(void)
{
    RUN(should_notice_a_forbidden_call);
    RUN(should_only_yield);
    RUN(should_only_yield_and_sleep);
    RUN(should_make_no_call_at_all_when_spinning);
    return 0;
}
#else
int main(void)
{
    printf("skipped: x86-64 Linux without sanitizers only\n");
    return 0;
}
#endif
