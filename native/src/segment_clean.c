/* Cleaning up after the dead. A segment whose flock is to be had has no owner (segment.h). Between the lock
 * and the unlink the name is looked at again: another cleaner may have removed the file and a new process
 * taken its name. While we hold the lock of the file that bears the name, nobody else removes it. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "export.h"
#include "segment.h"

/* A decimal number at *text, which is moved past it and the text that must follow; false: something else. */
static int skip_number(const char **text, const char *then)
{
    const size_t digits = strspn(*text, "0123456789");
    const size_t length = strlen(then);
    if (digits == 0 || strncmp(*text + digits, then, length) != 0)
        return 0;
    *text += digits + length;
    return 1;
}

/* velox-<this user>-<pid>-<n>.seg and nothing else. */
static int is_own_name(const char *name)
{
    char prefix[32];
    const int length = snprintf(prefix, sizeof prefix, "velox-%u-", (unsigned)geteuid());
    const char *rest = name + length;
    return strncmp(name, prefix, (size_t)length) == 0 && skip_number(&rest, "-") &&
           skip_number(&rest, ".seg") && *rest == '\0';
}

/* A regular file of this user that a segment may have been, at whatever moment its process died. */
static int is_segment(int fd)
{
    struct stat file;
    char magic[8];
    if (fstat(fd, &file) != 0 || !S_ISREG(file.st_mode) || file.st_uid != geteuid())
        return 0;
    return file.st_size < (off_t)sizeof(vx_segment_header) ||
           (pread(fd, magic, sizeof magic, 0) == (ssize_t)sizeof magic &&
            memcmp(magic, VX_SEGMENT_MAGIC, sizeof magic) == 0);
}

/* Unlinks the file unless it is alive or not ours; 1 if it did. */
static int clean_file(int directory, const char *name)
{
    const int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return 0;
    const int unlinked = is_segment(fd) && flock(fd, LOCK_EX | LOCK_NB) == 0 &&
                         vx_segment_is_linked(directory, name, fd) && unlinkat(directory, name, 0) == 0;
    close(fd);
    return unlinked;
}

VELOX_EXPORT int velox_segment_clean(const char *directory)
{
    int count = 0;
    DIR *const list = opendir(directory != NULL ? directory : VX_SEGMENT_DIRECTORY);
    if (list == NULL)
        return -VELOX_SEGMENT_MISSING;
    for (const struct dirent *entry = readdir(list); entry != NULL; entry = readdir(list))
        if (is_own_name(entry->d_name))
            count += clean_file(dirfd(list), entry->d_name);
    closedir(list);
    return count;
}
