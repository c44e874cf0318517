/* Cores of this process and, on made-up systems, the quotas of control groups; what settling does to a
 * thread. */
#include "affinity.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroup.h"
#include "check.h"
#include "open_files.h"
#include "scratch.h"

static char root[64];
static int systems; /* made so far; of each one descriptor stays open, for who removes it */

/* Writes a file of the made-up system, with the directories above it. */
static void put(const char *path, const char *text)
{
    char full[512];
    snprintf(full, sizeof full, "%s%s", root, path);
    for (char *slash = strchr(full + strlen(root) + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(full, 0700);
        *slash = '/';
    }
    FILE *const file = fopen(full, "w");
    CHECK(file != NULL);
    fputs(text, file);
    fclose(file);
}

static void new_system(void)
{
    char command[128];
    if (root[0] != '\0') {
        snprintf(command, sizeof command, "rm -r %s", root);
        CHECK_EQUAL(system(command), 0);
    }
    strcpy(root, "/tmp/velox-cgroup-XXXXXX");
    scratch_directory(root);
    systems++;
}

#define V2_MOUNT "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
#define OTHERS   "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/root rw\n24 22 0:5 / /proc rw - proc proc rw\n"

static void should_find_no_quota_where_there_is_none(void)
{
    new_system();
    CHECK_EQUAL(vx_cgroup_cores(root), 0); /* not even /proc */
    put("/proc/self/cgroup", "0::/user.slice/session\n");
    CHECK_EQUAL(vx_cgroup_cores(root), 0);
    put("/proc/self/mountinfo", OTHERS V2_MOUNT);
    CHECK_EQUAL(vx_cgroup_cores(root), 0);
    put("/sys/fs/cgroup/user.slice/session/cpu.max", "max 100000\n");
    CHECK_EQUAL(vx_cgroup_cores(root), 0);
}

static void should_round_a_quota_up_to_whole_cores(void)
{
    static const struct {
        const char *quota;
        int cores;
    } cases[] = {{"100000 100000\n", 1}, {"100001 100000\n", 2}, {"200000 100000\n", 2},
                 {"1000 100000\n", 1},   {"350000 100000\n", 4}, {"9223372036854775807 1\n", INT32_MAX}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        new_system();
        put("/proc/self/cgroup", "0::/a\n");
        put("/proc/self/mountinfo", OTHERS V2_MOUNT);
        put("/sys/fs/cgroup/a/cpu.max", cases[i].quota);
        CHECK_EQUAL(vx_cgroup_cores(root), cases[i].cores);
    }
}

static void should_take_the_tightest_quota_up_to_the_top(void)
{
    new_system();
    put("/proc/self/cgroup", "0::/a/b/c\n");
    put("/proc/self/mountinfo", OTHERS V2_MOUNT);
    put("/sys/fs/cgroup/a/b/c/cpu.max", "800000 100000\n");
    put("/sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
    put("/sys/fs/cgroup/a/cpu.max", "300000 100000\n");
    CHECK_EQUAL(vx_cgroup_cores(root), 3);
    put("/sys/fs/cgroup/cpu.max", "50000 100000\n");
    CHECK_EQUAL(vx_cgroup_cores(root), 1);
}

/* A container in its own cgroup namespace sees its group as the top. */
static void should_read_the_top_in_a_namespace(void)
{
    new_system();
    put("/proc/self/cgroup", "0::/\n");
    put("/proc/self/mountinfo", OTHERS V2_MOUNT);
    put("/sys/fs/cgroup/cpu.max", "200000 100000\n");
    CHECK_EQUAL(vx_cgroup_cores(root), 2);
    put("/proc/self/cgroup", "0::/../other\n");
    CHECK_EQUAL(vx_cgroup_cores(root), 2);
}

/* Docker with version 1: the path is the host's, the mount shows the container's group as its top. */
static void should_read_version_1_below_the_mounts_top(void)
{
    new_system();
    put("/proc/self/cgroup",
        "12:cpuset:/docker/f00\n4:cpu,cpuacct:/docker/f00/sub\n1:name=systemd:/docker/f00\n");
    put("/proc/self/mountinfo", OTHERS
        "40 30 0:27 /docker/f00 /sys/fs/cgroup/cpuset ro - cgroup cgroup rw,cpuset\n"
        "41 30 0:28 /docker/f00 /sys/fs/cgroup/cpu,cpuacct ro master:9 - cgroup cgroup rw,cpu,cpuacct\n");
    CHECK_EQUAL(vx_cgroup_cores(root), 0);
    put("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "-1\n");
    put("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
    CHECK_EQUAL(vx_cgroup_cores(root), 0);
    put("/sys/fs/cgroup/cpu,cpuacct/sub/cpu.cfs_quota_us", "150000\n");
    put("/sys/fs/cgroup/cpu,cpuacct/sub/cpu.cfs_period_us", "50000\n");
    CHECK_EQUAL(vx_cgroup_cores(root), 3);
    put("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "200000\n");
    CHECK_EQUAL(vx_cgroup_cores(root), 2);
}

static void should_read_the_top_when_the_group_lies_elsewhere(void)
{
    new_system();
    put("/proc/self/cgroup", "4:cpu:/elsewhere\n");
    put("/proc/self/mountinfo", "41 30 0:28 /docker/f00 /cg ro - cgroup cgroup rw,cpu\n");
    put("/cg/cpu.cfs_quota_us", "100000\n");
    put("/cg/cpu.cfs_period_us", "100000\n");
    CHECK_EQUAL(vx_cgroup_cores(root), 1);
}

/* Both versions mounted: the quota may be in either, or in both. */
static void should_take_the_tighter_of_both_versions(void)
{
    new_system();
    put("/proc/self/cgroup", "4:cpu:/a\n0::/a\n");
    put("/proc/self/mountinfo", OTHERS V2_MOUNT "41 30 0:28 / /cg rw - cgroup cgroup rw,cpu\n");
    put("/cg/a/cpu.cfs_quota_us", "300000\n");
    put("/cg/a/cpu.cfs_period_us", "100000\n");
    CHECK_EQUAL(vx_cgroup_cores(root), 3);
    put("/sys/fs/cgroup/a/cpu.max", "400000 100000\n");
    CHECK_EQUAL(vx_cgroup_cores(root), 3);
    put("/sys/fs/cgroup/a/cpu.max", "200000 100000\n");
    CHECK_EQUAL(vx_cgroup_cores(root), 2);
    put("/cg/a/cpu.cfs_quota_us", "-1\n");
    CHECK_EQUAL(vx_cgroup_cores(root), 2);
}

static void should_ignore_what_is_no_quota(void)
{
    static const char *const texts[] = {"",           "\n",      "x 100000\n", "0 100000\n", "-5 100000\n",
                                        "100000 0\n", "100000\n"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        new_system();
        put("/proc/self/cgroup", "rubbish\n:\n::\n0::/a\n");
        put("/proc/self/mountinfo", "rubbish\n - \n - cgroup2\n1 2 3 - cgroup2 x y\n" V2_MOUNT);
        put("/sys/fs/cgroup/a/cpu.max", texts[i]);
        CHECK_EQUAL(vx_cgroup_cores(root), 0);
    }
    put("/sys/fs/cgroup/a/cpu.max", "200000 100000\n"); /* it was looked at, then */
    CHECK_EQUAL(vx_cgroup_cores(root), 2);
}

static void should_list_the_cores_that_the_process_may_use(void)
{
    int cores[VX_CORES_MAX];
    const int count = velox_usable_cores(cores, VX_CORES_MAX);
    CHECK(count >= 1);
    for (int i = 1; i < count; i++)
        CHECK(cores[i] > cores[i - 1]);
    int first = -1;
    CHECK_EQUAL(velox_usable_cores(&first, 1), 1);
    CHECK_EQUAL(first, cores[0]);
}

typedef struct settled {
    const char *name;
    int core;
    velox_status status;
    char shown[16];
    int pinned;
    long slack;
    int masks_term;
    int masks_fault;
    int usable;
    int only;
} settled;

static void *settle(void *argument)
{
    settled *const self = argument;
    sigset_t masked;
    self->status = vx_thread_settle(self->name, self->core);
    prctl(PR_GET_NAME, self->shown, 0, 0, 0);
    self->slack = prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0);
    pthread_sigmask(SIG_BLOCK, NULL, &masked);
    self->masks_term =
        sigismember(&masked, SIGTERM) && sigismember(&masked, SIGINT) && sigismember(&masked, SIGPROF);
    self->masks_fault = sigismember(&masked, SIGSEGV) || sigismember(&masked, SIGBUS);
    self->pinned = sched_getcpu();
    int cores[VX_CORES_MAX];
    self->usable = vx_usable_cores(cores, VX_CORES_MAX);
    self->only = cores[0];
    return NULL;
}

static settled settle_on(const char *name, int core)
{
    settled result = {.name = name, .core = core};
    pthread_t thread;
    CHECK_EQUAL(pthread_create(&thread, NULL, settle, &result), 0);
    CHECK_EQUAL(pthread_join(thread, NULL), 0);
    return result;
}

static void should_name_pin_and_quiet_a_thread(void)
{
    int cores[VX_CORES_MAX];
    const int count = vx_usable_cores(cores, VX_CORES_MAX);
    const settled thread = settle_on("velox-book", cores[count - 1]);
    CHECK_EQUAL(thread.status, VELOX_OK);
    CHECK_EQUAL(strcmp(thread.shown, "velox-book"), 0);
    CHECK_EQUAL(thread.pinned, cores[count - 1]);
    CHECK_EQUAL(thread.usable, 1);
    CHECK_EQUAL(thread.only, cores[count - 1]);
    CHECK_EQUAL(thread.slack, 1);
    CHECK(thread.masks_term);
    CHECK(!thread.masks_fault);
}

static void should_leave_a_thread_unpinned_when_asked(void)
{
    int cores[VX_CORES_MAX];
    const int count = vx_usable_cores(cores, VX_CORES_MAX);
    const settled thread = settle_on("a name that is longer than Linux takes", -1);
    CHECK_EQUAL(thread.status, VELOX_OK);
    CHECK_EQUAL(strcmp(thread.shown, "a name that is "), 0);
    CHECK_EQUAL(thread.usable, count);
}

static void should_fail_on_a_core_that_is_not_there(void)
{
    const int absent[] = {8191, 8192, INT32_MAX};
    for (int i = 0; i < 3; i++) {
        const settled thread = settle_on("velox-output", absent[i]);
        CHECK_EQUAL(thread.status, VELOX_THREAD_FAILED);
        CHECK(thread.masks_term); /* settled all the same */
        CHECK_EQUAL(strcmp(thread.shown, "velox-output"), 0);
    }
}

int main(void)
{
    const int before = count_descriptors();
    RUN(should_find_no_quota_where_there_is_none);
    RUN(should_round_a_quota_up_to_whole_cores);
    RUN(should_take_the_tightest_quota_up_to_the_top);
    RUN(should_read_the_top_in_a_namespace);
    RUN(should_read_version_1_below_the_mounts_top);
    RUN(should_read_the_top_when_the_group_lies_elsewhere);
    RUN(should_take_the_tighter_of_both_versions);
    RUN(should_ignore_what_is_no_quota);
    RUN(should_list_the_cores_that_the_process_may_use);
    RUN(should_name_pin_and_quiet_a_thread);
    RUN(should_leave_a_thread_unpinned_when_asked);
    RUN(should_fail_on_a_core_that_is_not_there);
    new_system();
    CHECK_EQUAL(count_descriptors(), before + systems);
    return rmdir(root);
}
