/* Reading and pacing; see input.h. */
#include "input.h"
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

__extension__ typedef unsigned __int128 vx_u128;

#define RECORD_BYTES       sizeof(vx_transaction)
#define LONE_RECORD_GAP_NS UINT64_C(1000000000)

/* Writes "PATH: REASON". */
__attribute__((format(printf, 3, 4))) static velox_status refuse(char *error, const char *path,
                                                                 const char *reason, ...)
{
    const int length = snprintf(error, VELOX_ERROR_BYTES, "%.100s: ", path);
    va_list arguments;
    va_start(arguments, reason);
    vsnprintf(error + length, VELOX_ERROR_BYTES - (size_t)length, reason, arguments);
    va_end(arguments);
    return VELOX_INPUT_INVALID;
}

static velox_status check_header(const vx_vtx_header *header, const char *path, char *error)
{
    if (memcmp(header->magic, VX_VTX_MAGIC, sizeof header->magic) != 0)
        return refuse(error, path, "not a .vtx file; `velox-tui import` makes one from market data");
    if (header->version != VX_VTX_VERSION)
        return refuse(error, path, "format version %u, this program reads %d; import it again",
                      header->version, VX_VTX_VERSION);
    if (header->header_bytes != VX_VTX_HEADER_BYTES)
        return refuse(error, path, "header of %u bytes where %d are due; import it again",
                      header->header_bytes, VX_VTX_HEADER_BYTES);
    if (header->levels == 0)
        return VELOX_OK;
    if (header->levels < 64 || header->levels > VELOX_LEVELS_MAX || header->levels % 64 != 0)
        return refuse(error, path, "%u levels; a multiple of 64 up to %d is allowed", header->levels,
                      VELOX_LEVELS_MAX);
    if (header->ticks_per_level < 1 || header->ticks_per_level > 1000000)
        return refuse(error, path, "%u ticks a level; 1 .. 1,000,000 are allowed", header->ticks_per_level);
    if (header->base_price < 1 || header->base_price > VX_PRICE_MAX)
        return refuse(error, path, "base price %lld; 1 .. %lld are allowed", (long long)header->base_price,
                      (long long)VX_PRICE_MAX);
    return VELOX_OK;
}

/* Sets *count from the header and the file's size. */
static velox_status check_size(const vx_vtx_header *header, uint64_t bytes, const char *path, uint64_t *count,
                               char *error)
{
    const uint64_t body = bytes - VX_VTX_HEADER_BYTES;
    const uint64_t whole = body / RECORD_BYTES;
    if (header->count > whole)
        return refuse(error, path, "truncated: the header says %llu transactions, the file holds %llu",
                      (unsigned long long)header->count, (unsigned long long)whole);
    if (header->count == 0 && body % RECORD_BYTES != 0)
        return refuse(error, path,
                      "ends within a transaction: %llu bytes beyond the last whole one; cut them off",
                      (unsigned long long)(body % RECORD_BYTES));
    if (whole == 0)
        return refuse(error, path, "holds no transactions");
    *count = header->count != 0 ? header->count : whole;
    return VELOX_OK;
}

/* What is read of the file: a tail beyond the header's count is none of ours. */
static uint64_t bytes_needed(const vx_input *input)
{
    return VX_VTX_HEADER_BYTES + input->count * RECORD_BYTES;
}

static velox_status map(vx_input *input, const char *path, char *error)
{
    const int cause = vx_mapped_open(&input->map, input->fd, bytes_needed(input), MAP_PRIVATE);
    if (cause != 0)
        return refuse(error, path, "%s", strerror(cause));
    if (!vx_mapped_is_whole(&input->map, input->fd))
        return refuse(error, path, "cut short while it was opened");
    void *const memory = (void *)(uintptr_t)input->map.base;
    input->records = input->map.base + VX_VTX_HEADER_BYTES;
    (void)madvise(memory, input->map.bytes, MADV_SEQUENTIAL);
    (void)madvise(memory, input->map.bytes, MADV_WILLNEED);
    return VELOX_OK;
}

/* Of a copy: another may write into the file while it is looked at. */
static velox_status take_header(vx_input *input, const char *path, char *error)
{
    struct stat file;
    vx_vtx_header header;
    if (fstat(input->fd, &file) != 0 || !S_ISREG(file.st_mode))
        return refuse(error, path, "not a regular file; a .vtx file is read by mapping");
    if (pread(input->fd, &header, sizeof header, 0) != (ssize_t)sizeof header ||
        file.st_size < VX_VTX_HEADER_BYTES)
        return refuse(error, path, "shorter than a .vtx header (4096 bytes)");
    const velox_status status = check_header(&header, path, error);
    input->levels = header.levels;
    input->ticks_per_level = header.ticks_per_level;
    input->base_price = header.base_price;
    return status == VELOX_OK ? check_size(&header, (uint64_t)file.st_size, path, &input->count, error)
                              : status;
}

velox_status vx_input_open(const char *path, vx_input *input, char *error)
{
    /* O_NONBLOCK: opening a pipe must not wait for its other end. */
    *input = (vx_input){.ended = 1, .fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
    if (input->fd < 0) {
        refuse(error, path, "%s", strerror(errno));
        return VELOX_INPUT_MISSING;
    }
    velox_status status = take_header(input, path, error);
    if (status == VELOX_OK)
        status = map(input, path, error);
    if (status == VELOX_OK)
        input->ended = 0;
    else
        vx_input_close(input);
    return status;
}

void vx_input_close(vx_input *input)
{
    vx_mapped_close(&input->map);
    if (input->fd >= 0)
        close(input->fd);
    *input = (vx_input){.ended = 1, .fd = -1};
}

void vx_input_look(const vx_input *input)
{
    (void)vx_mapped_is_whole(&input->map, input->fd);
}

static inline uint64_t add_capped(uint64_t a, uint64_t b)
{
    return a + b < a ? UINT64_MAX : a + b;
}

/* File time since the first record -> engine time, exactly. */
static uint64_t intended(const vx_input *input, uint64_t elapsed_ns)
{
    if (input->speed_permille == 1000 || input->speed_permille == 0)
        return add_capped(input->start_ns, elapsed_ns);
    const vx_u128 scaled = (vx_u128)elapsed_ns * 1000 / input->speed_permille;
    return scaled > UINT64_MAX ? UINT64_MAX : add_capped(input->start_ns, (uint64_t)scaled);
}

/* The end of a pass: starts the next one, or ends. */
static void finish_pass(vx_input *input)
{
    if (!input->loop || input->pass_valid == 0) {
        input->ended = 1;
        return;
    }
    const uint64_t span = input->last_ts_ns - input->first_ts_ns;
    uint64_t gap = input->pass_valid == 1 ? LONE_RECORD_GAP_NS : span / (input->pass_valid - 1);
    if (gap == 0)
        gap = 1;
    input->pass_start = add_capped(input->pass_start, add_capped(span, gap));
    input->pass_valid = 0;
    input->position = 0;
    input->wraps++;
}

/* Sets the intended arrival of a valid record. */
static void place(vx_input *input, vx_transaction *transaction)
{
    if (input->pass_valid++ == 0)
        input->first_ts_ns = input->last_ts_ns = transaction->ts_ns;
    if (transaction->ts_ns < input->last_ts_ns)
        input->out_of_order++;
    else
        input->last_ts_ns = transaction->ts_ns;
    transaction->ts_ns =
        intended(input, add_capped(input->pass_start, input->last_ts_ns - input->first_ts_ns));
}

/* Whether `next`, just read, is gone from the file. A cut within a page raises no signal: zeros follow then,
 * and make a record invalid or lower its time. Of such a one the file itself is asked. */
static int is_gone(const vx_input *input, velox_transaction_error wrong)
{
    if (vx_mapped_is_cut(&input->map))
        return 1;
    const int is_doubtful =
        wrong != VELOX_TRANSACTION_OK || input->pass_valid == 0 || input->next.ts_ns < input->last_ts_ns;
    return is_doubtful && !vx_mapped_is_whole(&input->map, input->fd);
}

/* Makes the next valid record pending; looks at no more than *budget records. */
static void look_ahead(vx_input *input, uint64_t *budget)
{
    while (!input->pending && !input->ended && *budget > 0) {
        if (input->position == input->count) {
            finish_pass(input);
            continue;
        }
        --*budget;
        vx_transaction_decode(input->records + input->position * RECORD_BYTES, &input->next);
        const velox_transaction_error wrong = vx_transaction_check(&input->next);
        if (is_gone(input, wrong)) {
            input->ended = input->ended_early = 1;
            return;
        }
        input->position++;
        if (wrong != VELOX_TRANSACTION_OK) {
            input->rejected[wrong]++;
            continue;
        }
        place(input, &input->next);
        input->pending = 1;
    }
}

void vx_input_start(vx_input *input, uint64_t start_ns, uint32_t speed_permille, int loop)
{
    uint64_t budget = 64;
    input->start_ns = start_ns;
    input->speed_permille = speed_permille;
    input->loop = loop != 0;
    look_ahead(input, &budget);
}

uint32_t vx_input_due(vx_input *input, uint64_t now_ns, vx_transaction *transactions, uint32_t capacity)
{
    uint64_t budget = 4 * (uint64_t)capacity + 64;
    uint32_t count = 0;
    look_ahead(input, &budget);
    while (count < capacity && input->pending && vx_input_next_ns(input) <= now_ns) {
        transactions[count] = input->next;
        if (input->speed_permille == 0)
            transactions[count].ts_ns = now_ns;
        count++;
        input->pending = 0;
        look_ahead(input, &budget);
    }
    return count;
}

uint64_t vx_input_next_ns(const vx_input *input)
{
    if (input->held || vx_input_ended(input))
        return UINT64_MAX;
    if (!input->pending)
        return 0;
    return input->speed_permille == 0 ? input->start_ns : input->next.ts_ns;
}

int vx_input_ended(const vx_input *input)
{
    return input->ended && !input->pending;
}

void vx_input_hold(vx_input *input, uint64_t now_ns)
{
    if (input->held)
        return;
    input->held = 1;
    input->held_ns = now_ns;
}

void vx_input_release(vx_input *input, uint64_t now_ns)
{
    if (!input->held)
        return;
    const uint64_t held_ns = now_ns - input->held_ns;
    input->held = 0;
    input->start_ns = add_capped(input->start_ns, held_ns);
    input->next.ts_ns = add_capped(input->next.ts_ns, held_ns);
}
