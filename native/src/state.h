/* The pipeline's state as its segment shows it: the word that readers load before all others. */
#ifndef VX_STATE_H
#define VX_STATE_H
#include "atomics.h"
#include "velox.h"

static inline void vx_state_show(VX_ATOMIC(uint64_t) * word, velox_state state)
{
    /* Release pairs with the acquire of velox_reader_words: who sees STOPPED sees the final counters. */
    vx_store_release(word, (uint64_t)state);
}
#endif
