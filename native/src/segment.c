/* Creation is a race against cleaning: between open and flock the file has no owner yet, and a cleaner may
 * lock and unlink it. So the name is looked at again under the lock; if it is no longer this file, the next
 * name is tried. From then on no cleaner gets the lock. */
#include "segment.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef MAP_POPULATE
#define MAP_POPULATE 0
#endif

#define NAMES_TRIED 10000

int vx_segment_is_linked(int at, const char *name, int fd)
{
    struct stat named;
    struct stat opened;
    return fstatat(at, name, &named, AT_SYMLINK_NOFOLLOW) == 0 && fstat(fd, &opened) == 0 &&
           named.st_dev == opened.st_dev && named.st_ino == opened.st_ino;
}

static velox_status refuse_open(const char *directory, int cause, char *error)
{
    const int absent = cause == ENOENT || cause == ENOTDIR;
    const int full = cause == ENOSPC || cause == EDQUOT;
    if (full)
        snprintf(error, VELOX_ERROR_BYTES, "segment: no room in %s for one more file; free some", directory);
    else
        snprintf(error, VELOX_ERROR_BYTES, "segment: cannot create a file in %s: %s; it must be writable",
                 directory, absent ? "no such directory" : strerror(cause));
    return full ? VELOX_SEGMENT_FULL : VELOX_SEGMENT_REFUSED;
}

/* Opens a new file under a name of this process and locks it. */
static velox_status open_owned(vx_segment *segment, const char *directory, char *error)
{
    for (int n = 0; n < NAMES_TRIED; n++) {
        snprintf(segment->path, sizeof segment->path, "%s/velox-%u-%d-%d.seg", directory, (unsigned)geteuid(),
                 (int)getpid(), n);
        const int fd = open(segment->path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0 && errno == EEXIST)
            continue;
        if (fd < 0)
            return refuse_open(directory, errno, error);
        const int locked = flock(fd, LOCK_EX | LOCK_NB) == 0;
        const int cause = errno;
        if (locked && vx_segment_is_linked(AT_FDCWD, segment->path, fd)) {
            segment->fd = fd;
            return VELOX_OK;
        }
        if (!locked && cause != EWOULDBLOCK) {
            unlink(segment->path);
            close(fd);
            return refuse_open(directory, cause, error);
        }
        close(fd); /* a cleaner was there first, and unlinks what it locked */
    }
    snprintf(error, VELOX_ERROR_BYTES, "segment: %d segments of this process are in %s already", NAMES_TRIED,
             directory);
    return VELOX_SEGMENT_FULL;
}

/* 0, or the errno. */
static int allocate(int fd, uint64_t bytes)
{
#if defined(__linux__)
    int cause;
    do
        cause = posix_fallocate(fd, 0, (off_t)bytes);
    while (cause == EINTR);
    return cause;
#else
    return ftruncate(fd, (off_t)bytes) == 0 ? 0 : errno;
#endif
}

static velox_status refuse_bytes(const vx_segment *segment, const char *directory, int cause, char *error)
{
    const int full = cause == ENOSPC || cause == EDQUOT || cause == EFBIG;
    snprintf(error, VELOX_ERROR_BYTES, "segment: %s needs %" PRIu64 " bytes: %s", directory, segment->bytes,
             cause == EFBIG ? "more than a file may have here (ulimit -f)"
             : full         ? "no room; free some there"
                            : strerror(cause));
    return full ? VELOX_SEGMENT_FULL : VELOX_OUT_OF_MEMORY;
}

/* Gives the file its size, every page of it, and maps it. The magic comes before the size, so that a file
 * with the room for a header has it at every moment. */
static velox_status map_all(vx_segment *segment, const char *directory, char *error)
{
    const ssize_t written = pwrite(segment->fd, VX_SEGMENT_MAGIC, 8, 0);
    const int cause = written == 8 ? allocate(segment->fd, segment->bytes) : (written < 0 ? errno : ENOSPC);
    if (cause != 0)
        return refuse_bytes(segment, directory, cause, error);
    void *const base =
        mmap(NULL, segment->bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, segment->fd, 0);
    if (base == MAP_FAILED)
        return refuse_bytes(segment, directory, errno, error);
    segment->base = base;
    memset(segment->base + 8, 0, segment->bytes - 8); /* touched by a write: no fault is left for later */
    return VELOX_OK;
}

static uint64_t count_words(const vx_layout *layout)
{
    uint64_t words = 0;
    for (uint32_t i = 0; i < layout->count; i++) {
        const uint32_t kind = layout->rows[i].kind;
        words += kind == VELOX_KIND_COUNTER || kind == VELOX_KIND_GAUGE || kind == VELOX_KIND_CONFIG;
    }
    return words;
}

static void describe(vx_segment *segment, const vx_layout *layout, const char *run_id, const uint64_t *header)
{
    vx_segment_header *const head = (vx_segment_header *)(void *)segment->base;
    memcpy(head->header, header, sizeof head->header);
    head->header[VELOX_HEADER_VERSION] = 0;
    head->header[VELOX_HEADER_BYTES] = segment->bytes;
    head->header[VELOX_HEADER_ROWS] = layout->count;
    head->header[VELOX_HEADER_WORDS] = count_words(layout);
    memcpy(head->run_id, run_id, strnlen(run_id, sizeof head->run_id - 1));
    memcpy(segment->base + VX_HEADER_BYTES, layout->rows, layout->count * sizeof(vx_row));
}

velox_status vx_segment_create(vx_segment *segment, const vx_layout *layout, const char *directory,
                               const char *run_id, const uint64_t *header, char *error)
{
    const char *const where = directory[0] != '\0' ? directory : VX_SEGMENT_DIRECTORY;
    *segment = (vx_segment){.bytes = layout->bytes, .fd = -1};
    if (layout->count > VX_ROWS_MAX || strlen(where) > VX_SEGMENT_PATH - 48) {
        snprintf(error, VELOX_ERROR_BYTES,
                 layout->count > VX_ROWS_MAX ? "segment: the plan has too many rows"
                                             : "segment: the directory's name is too long");
        return VELOX_INVALID_ARGUMENT;
    }
    velox_status status = open_owned(segment, where, error);
    if (status != VELOX_OK)
        return status;
    status = map_all(segment, where, error);
    if (status != VELOX_OK) {
        vx_segment_destroy(segment);
        return status;
    }
    describe(segment, layout, run_id, header);
    return VELOX_OK;
}

void vx_segment_publish(vx_segment *segment)
{
    vx_segment_header *const head = (vx_segment_header *)(void *)segment->base;
    vx_segment_set_version(head, VELOX_SEGMENT_VERSION);
}

void vx_segment_destroy(vx_segment *segment)
{
    if (segment->path[0] == '\0')
        return;
    if (segment->base != NULL)
        munmap(segment->base, segment->bytes);
    if (segment->fd >= 0) {
        if (vx_segment_is_linked(AT_FDCWD, segment->path, segment->fd))
            unlink(segment->path);
        close(segment->fd);
    }
    *segment = (vx_segment){.fd = -1};
}
