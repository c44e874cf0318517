/* Records of the command log: four words, the number first (from 1; 0: none), written by one thread over the
 * oldest, read by any at any time. */
#ifndef VX_COMMAND_LOG_H
#define VX_COMMAND_LOG_H
#include "atomics.h"

#define VX_RECORD_WORDS 4

/* record[0] is the number. */
static inline void vx_record_write(VX_ATOMIC(uint64_t) * slot, const uint64_t record[VX_RECORD_WORDS])
{
    /* Relaxed: the releases below carry it along. */
    vx_store_relaxed(&slot[0], 0);
    for (int i = 1; i < VX_RECORD_WORDS; i++)
        /* Release pairs with the acquire of the same word: who meets it sees that the slot was being written.
         */
        vx_store_release(&slot[i], record[i]);
    /* Release pairs with the acquire of the number: who sees it sees the record. */
    vx_store_release(&slot[0], record[0]);
}

/* All zero where there is none, or while it is written over. */
static inline void vx_record_read(const VX_ATOMIC(uint64_t) * slot, uint64_t record[VX_RECORD_WORDS])
{
    for (int i = 0; i < VX_RECORD_WORDS; i++)
        /* Acquire pairs with the releases in vx_record_write: of the number for what it tells of, of the
         * others for the number that is looked at again below. */
        record[i] = vx_load_acquire(&slot[i]);
    /* Relaxed: comes after the acquires above. */
    const int whole = vx_load_relaxed(&slot[0]) == record[0] && record[0] != 0;
    for (int i = 0; i < VX_RECORD_WORDS && !whole; i++)
        record[i] = 0;
}

#endif
