/* Opening: nothing is believed before it is checked, and what is checked is a private copy. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "export.h"
#include "reader.h"

/* The one line about a file that cannot be read. */
static velox_status refuse(char *error, velox_status status, const char *path, const char *why)
{
    snprintf(error, VELOX_ERROR_BYTES, "segment %.120s: %s", path, why);
    return status;
}

static velox_status refuse_errno(char *error, const char *path, int cause)
{
    switch (cause) {
    case ENOENT:
    case ENOTDIR:
        return refuse(error, VELOX_SEGMENT_MISSING, path, "no such file; has the engine ended?");
    case ELOOP:
        return refuse(error, VELOX_SEGMENT_FOREIGN, path, "is a symbolic link; name the file itself");
    case ENXIO:
        return refuse(error, VELOX_SEGMENT_FOREIGN, path, "is not a regular file");
    case ENOMEM:
        return refuse(error, VELOX_OUT_OF_MEMORY, path, "no memory to read it");
    default:
        return refuse(error, VELOX_NOT_PERMITTED, path, strerror(cause));
    }
}

/* Opens the file; its size. O_NONBLOCK: a FIFO must not hold us up. */
static velox_status open_file(velox_reader *reader, const char *path, uint64_t *file_bytes, char *error)
{
    struct stat file;
    reader->fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (reader->fd < 0 || fstat(reader->fd, &file) != 0)
        return refuse_errno(error, path, errno);
    if (!S_ISREG(file.st_mode))
        return refuse(error, VELOX_SEGMENT_FOREIGN, path, "is not a regular file");
    *file_bytes = (uint64_t)file.st_size;
    char magic[8] = {0};
    const ssize_t got = pread(reader->fd, magic, sizeof magic, 0);
    if (got > 0 && memcmp(magic, VX_SEGMENT_MAGIC, (size_t)got) != 0)
        return refuse(error, VELOX_SEGMENT_FOREIGN, path, "is not a Velox segment");
    if (*file_bytes < VX_HEADER_BYTES)
        return refuse(error, VELOX_SEGMENT_TRUNCATED, path, "is shorter than a segment's header");
    return VELOX_OK;
}

static velox_status refuse_cut(char *error, const char *path)
{
    return refuse(error, VELOX_SEGMENT_TRUNCATED, path, "was cut short while it was opened");
}

/* Copies the header once its version is there. */
static velox_status copy_header(velox_reader *reader, const char *path, char *error)
{
    vx_mapped map;
    const int cause = vx_mapped_open(&map, reader->fd, VX_HEADER_BYTES, MAP_SHARED);
    if (cause != 0)
        return refuse_errno(error, path, cause);
    const vx_segment_header *const head = (const vx_segment_header *)(const void *)map.base;
    const uint64_t version = vx_segment_version(head);
    if (version == VELOX_SEGMENT_VERSION) {
        memcpy(reader->header, head->header, sizeof reader->header);
        memcpy(reader->run_id, head->run_id, sizeof reader->run_id - 1);
    }
    const int is_whole = vx_mapped_is_whole(&map, reader->fd);
    vx_mapped_close(&map);
    reader->header[VELOX_HEADER_VERSION] = version;
    return is_whole ? VELOX_OK : refuse_cut(error, path);
}

static velox_status take_header(velox_reader *reader, const char *path, uint64_t file_bytes, char *error)
{
    velox_status status = copy_header(reader, path, error);
    if (status != VELOX_OK)
        return status;
    const uint64_t version = reader->header[VELOX_HEADER_VERSION];
    if (version == 0)
        return refuse(error, VELOX_NOT_READY, path, "is not complete yet; try again");
    if (version != VELOX_SEGMENT_VERSION) {
        char why[100];
        snprintf(why, sizeof why, "has layout %" PRIu64 ", this program reads %d; use a newer velox-tui",
                 version, VELOX_SEGMENT_VERSION);
        return refuse(error, VELOX_SEGMENT_NEWER, path, why);
    }
    const char *why = "";
    status = vx_reader_check_header(reader->header, file_bytes, &why);
    return status == VELOX_OK ? status : refuse(error, status, path, why);
}

/* Maps the whole and copies the table. */
static velox_status take_table(velox_reader *reader, const char *path, char *error)
{
    const int cause =
        vx_mapped_open(&reader->map, reader->fd, reader->header[VELOX_HEADER_BYTES], MAP_SHARED);
    if (cause != 0)
        return refuse_errno(error, path, cause);
    reader->row_count = (uint32_t)reader->header[VELOX_HEADER_ROWS];
    reader->rows = calloc((size_t)reader->row_count + 1, sizeof *reader->rows);
    reader->words = calloc((size_t)reader->row_count + 1, sizeof *reader->words);
    reader->cuts = calloc((size_t)reader->row_count + 1, sizeof *reader->cuts);
    if (reader->rows == NULL || reader->words == NULL || reader->cuts == NULL)
        return refuse_errno(error, path, ENOMEM);
    memcpy(reader->rows, reader->map.base + VX_HEADER_BYTES, reader->row_count * sizeof *reader->rows);
    return vx_mapped_is_whole(&reader->map, reader->fd) ? VELOX_OK : refuse_cut(error, path);
}

static velox_status check_table(const velox_reader *reader, const char *path, char *error)
{
    const char *why = "";
    uint32_t row = 0;
    const velox_status status = vx_reader_check_table(reader, &row, &why);
    if (status != VELOX_OK)
        snprintf(error, VELOX_ERROR_BYTES, "segment %.120s: is damaged: row %" PRIu32 " of %" PRIu32 ": %s",
                 path, row, reader->row_count, why);
    return status;
}

/* The next word's row. */
static void index_gauge(velox_reader *reader, const vx_row *row)
{
    if (row->role == VELOX_ROLE_STATE)
        reader->state = reader->word_count;
    if (row->role == VELOX_ROLE_CUT_SEQUENCE)
        reader->sequence = row->offset;
    if (row->role == VELOX_ROLE_CONTROL_MONOTONIC_NS)
        reader->beats[1] = reader->word_count;
    if (row->role == VELOX_ROLE_CONTROL_HEARTBEAT_NS) {
        reader->beats[0] = reader->word_count;
        reader->heartbeat = row->source;
    }
}

static void index_rows(velox_reader *reader)
{
    reader->state = UINT32_MAX;
    reader->beats[1] = UINT32_MAX;
    for (uint32_t i = 0; i < reader->row_count; i++) {
        const vx_row *const row = &reader->rows[i];
        if (row->kind == VELOX_KIND_GAUGE)
            index_gauge(reader, row);
        if (vx_row_is_word(row))
            reader->words[reader->word_count++] = i;
        if (row->kind == VELOX_KIND_CUT)
            reader->cuts[reader->cut_count++] = i;
    }
    if (reader->beats[1] == UINT32_MAX)
        reader->heartbeat = 0;
}

static velox_status fill(velox_reader *reader, const char *path, char *error)
{
    uint64_t file_bytes = 0;
    velox_status status = open_file(reader, path, &file_bytes, error);
    if (status == VELOX_OK)
        status = take_header(reader, path, file_bytes, error);
    if (status == VELOX_OK)
        status = take_table(reader, path, error);
    if (status == VELOX_OK)
        status = check_table(reader, path, error);
    if (status == VELOX_OK)
        index_rows(reader);
    return status;
}

VELOX_EXPORT int velox_reader_open(const char *path, velox_reader **out, char *error)
{
    velox_reader *const reader = calloc(1, sizeof *reader);
    if (reader == NULL)
        return (int)refuse_errno(error, path, ENOMEM);
    reader->fd = -1;
    const velox_status status = fill(reader, path, error);
    if (status == VELOX_OK)
        *out = reader;
    else
        velox_reader_close(reader);
    return (int)status;
}

VELOX_EXPORT void velox_reader_close(velox_reader *reader)
{
    if (reader == NULL)
        return;
    vx_mapped_close(&reader->map);
    if (reader->fd >= 0)
        close(reader->fd);
    free(reader->rows);
    free(reader->words);
    free(reader->cuts);
    free(reader);
}
