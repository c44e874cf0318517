/* A file of transactions of any content, read at any speed, over and over, held and released. */
#include "fuzz_vtx.h"

#include <fcntl.h>

#include "fuzz.h"

#define RECORDS_MAX 4096
#define LOOKS       96

static char directory[32];
static char path[64];
static int file = -1;
static vx_input input;

static void tidy(void)
{
    close(file);
    unlink(path);
    rmdir(directory);
}

static void prepare(void)
{
    if (file >= 0)
        return;
    fuzz_directory(directory);
    snprintf(path, sizeof path, "%s/input.vtx", directory);
    file = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
    PROMISE(file >= 0);
    atexit(tidy);
}

static void write_file(const vtx_input *from, const uint8_t *records, size_t length)
{
    static vx_vtx_header header;
    header =
        (vx_vtx_header){.version = from->version, .header_bytes = from->header_bytes, .count = from->count};
    memcpy(header.magic, from->magic, sizeof header.magic);
    header.base_price = from->base_price;
    header.ticks_per_level = from->ticks_per_level;
    header.levels = from->levels;
    const size_t whole = sizeof header + length;
    PROMISE(ftruncate(file, 0) == 0);
    PROMISE(pwrite(file, &header, sizeof header, 0) == (ssize_t)sizeof header);
    PROMISE(pwrite(file, records, length, sizeof header) == (ssize_t)length);
    PROMISE(ftruncate(file, (off_t)(from->cut < whole ? whole - from->cut : 0)) == 0);
}

/* What is due is valid, in order, and no later than now. */
static uint32_t look(uint64_t now_ns, uint32_t capacity, uint64_t *last_ns)
{
    static vx_transaction due[256];
    const uint32_t count = vx_input_due(&input, now_ns, due, capacity);
    PROMISE(count <= capacity);
    for (uint32_t i = 0; i < count; i++) {
        PROMISE(vx_transaction_check(&due[i]) == VELOX_TRANSACTION_OK);
        PROMISE(due[i].ts_ns <= now_ns && due[i].ts_ns >= *last_ns);
        PROMISE(input.speed_permille != 0 || due[i].ts_ns == now_ns);
        *last_ns = due[i].ts_ns;
    }
    return count;
}

/* Every record of a file that is read once was given or counted as refused. */
static void account(uint64_t given)
{
    uint64_t looked_at = given + (input.pending != 0);
    for (uint32_t cause = 1; cause < VX_TRANSACTION_ERRORS; cause++)
        looked_at += input.rejected[cause];
    PROMISE(input.wraps * input.count + input.position == looked_at);
    PROMISE(!vx_input_ended(&input) || looked_at % input.count == 0);
    PROMISE(!vx_input_ended(&input) || vx_input_next_ns(&input) == UINT64_MAX);
}

/* The time after now at which to look next: what is asked for, or some time on. */
static uint64_t later(uint64_t now_ns, uint64_t action)
{
    const uint64_t next_ns = vx_input_next_ns(&input);
    if (next_ns != UINT64_MAX && next_ns > now_ns)
        return next_ns;
    const uint64_t step_ns = action == 0 ? 0 : UINT64_C(1) << 12 * action;
    return now_ns + step_ns < now_ns ? now_ns : now_ns + step_ns;
}

static void read_file(const vtx_input *from)
{
    const uint32_t capacity = 1 + from->capacity;
    uint64_t now_ns = from->start_ns;
    uint64_t last_ns = 0;
    uint64_t given = 0;
    vx_input_start(&input, from->start_ns, from->speed_permille % 1000001, from->loop & 1);
    for (uint32_t i = 0; i < LOOKS && !vx_input_ended(&input); i++) {
        const uint64_t action = from->script >> 2 * (i % 32) & 3;
        if (action == 1)
            vx_input_hold(&input, now_ns);
        if (action == 2)
            vx_input_release(&input, now_ns);
        const uint32_t count = look(now_ns, capacity, &last_ns);
        PROMISE(!input.held || count == 0 || now_ns == UINT64_MAX);
        given += count;
        account(given);
        now_ns = later(now_ns, action);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static uint8_t records[32 * RECORDS_MAX];
    fuzz_bytes from = {bytes, size};
    vtx_input how;
    char error[VELOX_ERROR_BYTES];
    prepare();
    memset(&how, 0, sizeof how);
    fuzz_copy(&from, &how, sizeof how);
    write_file(&how, records, fuzz_copy(&from, records, sizeof records));
    const velox_status status = vx_input_open(path, &input, error);
    if (status == VELOX_OK)
        read_file(&how);
    else
        fuzz_check_message(error);
    vx_input_close(&input);
    return 0;
}
