/* A journal without its thread, and what its file then holds. */
#ifndef VX_JOURNAL_FILE_H
#define VX_JOURNAL_FILE_H
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "input.h"
#include "journal.h"
#include "ring_memory.h"
#include "scratch.h"
#include "words.h"

static char path[64];
static VX_ATOMIC(uint64_t) words[VX_CONTROL_WORDS];
static vx_journal journal;
static uint64_t next_id;

static inline velox_status open_journal(char *error)
{
    velox_config *const config = velox_config_create();
    next_id = 0;
    memset((void *)words, 0, sizeof words);
    memset(&journal, 0, sizeof journal);
    CHECK_EQUAL(vx_ring_init(&journal.ring, VX_JOURNAL_SLOTS, sizeof(vx_transaction)), VELOX_OK);
    const velox_status status = vx_journal_open(&journal, path, config, words, error);
    journal.is_wanted = 1;
    velox_config_destroy(config);
    return status;
}

static inline void keep_bundles(int bundles)
{
    for (int i = 0; i < bundles; i++) {
        vx_bundle bundle = {.count = VELOX_BUNDLE_CAPACITY};
        for (uint32_t k = 0; k < VELOX_BUNDLE_CAPACITY; k++, next_id++)
            bundle.transactions[k] =
                (vx_transaction){.id = next_id, .price = 1000000, .size = 1, .ts_ns = 1 + next_id};
        vx_journal_take(&journal, &bundle, 1);
    }
    vx_journal_write(&journal);
}

static inline uint64_t failed(void)
{
    return vx_load_relaxed(&words[VX_CONTROL_JOURNAL_FAILED]);
}

/* Closes it. The file holds ids 0, 1, 2 .. and as many as are said to be. */
static inline void check_file(uint64_t count)
{
    char error[VELOX_ERROR_BYTES] = "";
    vx_input input;
    vx_journal_close(&journal);
    vx_ring_free(&journal.ring);
    CHECK_EQUAL(vx_input_open(path, &input, error), VELOX_OK);
    CHECK_EQUAL(((const vx_vtx_header *)(const void *)input.map.base)->count, count);
    CHECK_EQUAL(input.map.bytes, VX_VTX_HEADER_BYTES + 32 * count);
    for (uint64_t i = 0; i < count; i++) {
        vx_transaction transaction;
        vx_transaction_decode(input.records + 32 * i, &transaction);
        CHECK_EQUAL(transaction.id, i);
    }
    vx_input_close(&input);
    CHECK_EQUAL(unlink(path), 0);
}
#endif
