/* /proc/self/cgroup names the process's group in each hierarchy; /proc/self/mountinfo says where the
 * hierarchy is mounted and which of its groups the mount shows as its top. The group's directory is the one
 * path less that top, under the other. */
#include "cgroup.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_BYTES 4096

typedef struct hierarchy {
    int version;            /* 1 or 2 */
    char mount[PATH_BYTES]; /* with the root before it */
    char top[PATH_BYTES];   /* the group that the mount shows */
    char group[PATH_BYTES]; /* the process's */
} hierarchy;

/* Whether the comma-separated list has the item. */
static int list_has(const char *list, const char *item)
{
    const size_t length = strlen(item);
    for (const char *at = list; at != NULL; at = strchr(at, ','), at = at == NULL ? NULL : at + 1)
        if (strncmp(at, item, length) == 0 && (at[length] == ',' || at[length] == '\0'))
            return 1;
    return 0;
}

static FILE *open_under(const char *root, const char *path)
{
    char full[PATH_BYTES];
    const int length = snprintf(full, sizeof full, "%s%s", root, path);
    return length > 0 && (size_t)length < sizeof full ? fopen(full, "re") : NULL;
}

/* One line of /proc/self/cgroup, "id:controllers:path"; true when it is the hierarchy's. */
static int parse_group(char *line, hierarchy *found)
{
    char *const controllers = strchr(line, ':');
    char *const path = controllers == NULL ? NULL : strchr(controllers + 1, ':');
    if (path == NULL)
        return 0;
    *path = '\0';
    line[strcspn(line, ":")] = '\0';
    const int ours = found->version == 2 ? strcmp(line, "0") == 0 && controllers[1] == '\0'
                                         : list_has(controllers + 1, "cpu");
    if (ours)
        snprintf(found->group, sizeof found->group, "%s", path + 1);
    return ours;
}

/* One line of /proc/self/mountinfo: "id parent dev top mount options [tags...] - type source options". */
static int parse_mount(char *line, const char *root, hierarchy *found)
{
    char *const separator = strstr(line, " - ");
    char top[PATH_BYTES];
    char mount[PATH_BYTES];
    char type[32];
    char options[PATH_BYTES];
    if (separator == NULL)
        return 0;
    *separator = '\0'; /* no field before it is looked for behind it */
    if (sscanf(line, "%*s %*s %*s %4095s %4095s", top, mount) != 2 ||
        sscanf(separator + 3, "%31s %*s %4095s", type, options) != 2)
        return 0;
    const int ours = found->version == 2 ? strcmp(type, "cgroup2") == 0
                                         : strcmp(type, "cgroup") == 0 && list_has(options, "cpu");
    if (!ours)
        return 0;
    const int length = snprintf(found->mount, sizeof found->mount, "%s%s", root, mount);
    snprintf(found->top, sizeof found->top, "%s", top);
    return length > 0 && (size_t)length < sizeof found->mount;
}

/* Reads lines until one belongs to the hierarchy. */
static int find_lines(const char *root, hierarchy *found)
{
    char *line = NULL;
    size_t room = 0;
    int groups = 0;
    int mounts = 0;
    FILE *const group_file = open_under(root, "/proc/self/cgroup");
    FILE *const mount_file = open_under(root, "/proc/self/mountinfo");
    while (group_file != NULL && !groups && getline(&line, &room, group_file) > 0) {
        line[strcspn(line, "\n")] = '\0';
        groups = parse_group(line, found);
    }
    while (mount_file != NULL && groups && !mounts && getline(&line, &room, mount_file) > 0) {
        line[strcspn(line, "\n")] = '\0';
        mounts = parse_mount(line, root, found);
    }
    free(line);
    if (group_file != NULL)
        fclose(group_file);
    if (mount_file != NULL)
        fclose(mount_file);
    return groups && mounts;
}

/* Two numbers out of directory/first (and, where the first holds but one, directory/second); false: none, or
 * "max". */
static int read_quota(const char *directory, int version, int64_t *quota, int64_t *period)
{
    FILE *const quota_file = open_under(directory, version == 2 ? "/cpu.max" : "/cpu.cfs_quota_us");
    FILE *const period_file = version == 2 ? NULL : open_under(directory, "/cpu.cfs_period_us");
    int numbers = quota_file == NULL ? 0 : fscanf(quota_file, "%19" SCNd64 "%19" SCNd64, quota, period);
    if (numbers == 1 && period_file != NULL)
        numbers += fscanf(period_file, "%19" SCNd64, period) == 1;
    if (quota_file != NULL)
        fclose(quota_file);
    if (period_file != NULL)
        fclose(period_file);
    return numbers == 2 && *quota > 0 && *period > 0;
}

/* Whole cores of the tightest quota from the group's directory up to the mount; 0: none. */
static int tightest(hierarchy *where)
{
    char directory[2 * PATH_BYTES];
    const size_t top = strcmp(where->top, "/") == 0 ? 0 : strlen(where->top);
    const int inside = strncmp(where->group, where->top, top) == 0 && strncmp(where->group, "/..", 3) != 0;
    const size_t mount = strlen(where->mount);
    int64_t least = 0;
    snprintf(directory, sizeof directory, "%s%s", where->mount, inside ? where->group + top : "");
    for (;;) {
        int64_t quota;
        int64_t period;
        if (read_quota(directory, where->version, &quota, &period)) {
            const int64_t cores = (quota - 1) / period + 1;
            least = least == 0 || cores < least ? cores : least;
        }
        char *const slash = strrchr(directory + mount, '/');
        if (slash == NULL)
            break;
        *slash = '\0';
    }
    return least > INT_MAX ? INT_MAX : (int)least;
}

int vx_cgroup_cores(const char *root)
{
    int least = 0;
    hierarchy *const where = malloc(sizeof *where);
    for (int version = 1; where != NULL && version <= 2; version++) {
        memset(where, 0, sizeof *where);
        where->version = version;
        if (!find_lines(root, where))
            continue;
        const int cores = tightest(where);
        least = cores > 0 && (least == 0 || cores < least) ? cores : least;
    }
    free(where);
    return least;
}
