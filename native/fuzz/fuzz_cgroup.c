/* The files from which the CPU quota is read, of any content. An input is u16 bytes of /proc/self/cgroup, u16
 * bytes of /proc/self/mountinfo, then these two, then what every quota file holds. */
#include "fuzz.h"

#include "cgroup.h"

#define FILE_BYTES 16384

static char root[32];

/* The made-up system: groups "/" and "/a", version 2 and version 1. */
static const char *const folders[] = {"/proc", "/proc/self", "/sys", "/sys/a", "/cpu", "/cpu/a"};
static const char *const quotas[] = {"/sys/cpu.max", "/sys/a/cpu.max", "/cpu/cpu.cfs_quota_us",
                                     "/cpu/cpu.cfs_period_us", "/cpu/a/cpu.cfs_quota_us"};

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static const char *under_root(const char *path)
{
    static char full[128];
    snprintf(full, sizeof full, "%s%s", root, path);
    return full;
}

static void tidy(void)
{
    unlink(under_root("/proc/self/cgroup"));
    unlink(under_root("/proc/self/mountinfo"));
    for (size_t i = 0; i < LENGTH(quotas); i++)
        unlink(under_root(quotas[i]));
    for (size_t i = LENGTH(folders); i-- > 0;)
        rmdir(under_root(folders[i]));
    rmdir(root);
}

static void prepare(void)
{
    if (root[0] != '\0')
        return;
    fuzz_directory(root);
    for (size_t i = 0; i < LENGTH(folders); i++)
        PROMISE(mkdir(under_root(folders[i]), 0700) == 0);
    atexit(tidy);
}

static void write_part(fuzz_bytes *from, size_t length, const char *path)
{
    static uint8_t content[FILE_BYTES];
    const size_t count = fuzz_copy(from, content, length < sizeof content ? length : sizeof content);
    FILE *const file = fopen(under_root(path), "wb");
    PROMISE(file != NULL && fwrite(content, 1, count, file) == count);
    PROMISE(fclose(file) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fuzz_bytes from = {bytes, size};
    prepare();
    const size_t group_bytes = fuzz_number(&from, 2);
    const size_t mount_bytes = fuzz_number(&from, 2);
    write_part(&from, group_bytes, "/proc/self/cgroup");
    write_part(&from, mount_bytes, "/proc/self/mountinfo");
    for (size_t i = 0; i < LENGTH(quotas); i++) {
        fuzz_bytes same = from;
        write_part(&same, same.left, quotas[i]);
    }
    PROMISE(vx_cgroup_cores(root) >= 0);
    return 0;
}
