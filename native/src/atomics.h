/* The only atomic operations of the engine. In the product each is the plain C11 operation; with VX_MODEL
 * defined the model checker supplies them instead and explores every order and every store a load may read.
 * Stand-alone fences between threads are not used: ThreadSanitizer cannot see them. At every use one sentence
 * says which operation it pairs with. */
#ifndef VX_ATOMICS_H
#define VX_ATOMICS_H

#include <stdint.h>

#ifdef VX_MODEL
#include "model_atomics.h"
#else
#include <stdatomic.h>

#define VX_ATOMIC(type) _Atomic(type)

#define vx_load_relaxed(at)         atomic_load_explicit((at), memory_order_relaxed)
#define vx_load_acquire(at)         atomic_load_explicit((at), memory_order_acquire)
#define vx_store_relaxed(at, value) atomic_store_explicit((at), (value), memory_order_relaxed)
#define vx_store_release(at, value) atomic_store_explicit((at), (value), memory_order_release)

/* Strong compare-and-swap: true when *at held *expected; else *expected is what it held (acquire). */
#define vx_cas_acq_rel(at, expected, desired)                                                                \
    atomic_compare_exchange_strong_explicit((at), (expected), (desired), memory_order_acq_rel,               \
                                            memory_order_acquire)
/* Weaker twins: success releases only, or orders nothing; failure orders nothing. */
#define vx_cas_release(at, expected, desired)                                                                \
    atomic_compare_exchange_strong_explicit((at), (expected), (desired), memory_order_release,               \
                                            memory_order_relaxed)
#define vx_cas_relaxed(at, expected, desired)                                                                \
    atomic_compare_exchange_strong_explicit((at), (expected), (desired), memory_order_relaxed,               \
                                            memory_order_relaxed)
#define vx_fetch_or_acq_rel(at, bits)  atomic_fetch_or_explicit((at), (bits), memory_order_acq_rel)
#define vx_fetch_and_acq_rel(at, bits) atomic_fetch_and_explicit((at), (bits), memory_order_acq_rel)

/* Between what a thread does and what a signal's handler does in the same thread: the compiler moves nothing
 * across. */
#define vx_signal_fence()              atomic_signal_fence(memory_order_seq_cst)

/* Tell the model checker of a plain access to memory that another thread also touches; nothing in the
 * product. */
#define vx_plain_write(at, bytes)      ((void)0)
#define vx_plain_read(at, bytes)       ((void)0)
#endif

/* A hint to the core that this is a spin-wait turn. */
static inline void vx_relax(void)
{
#if defined(VX_MODEL)
#elif defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ __volatile__("isb" ::: "memory");
#endif
}

/* A counter of one writer: a plain read, an add and one release store, never a locked instruction. */
static inline void vx_counter_add(VX_ATOMIC(uint64_t) * counter, uint64_t n)
{
    /* Release pairs with the acquire of a reader: who sees this count sees every count stored before it. */
    vx_store_release(counter, vx_load_relaxed(counter) + n);
}

#endif
