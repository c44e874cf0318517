/* The engine's atomic operations as the model checker supplies them (atomics.h includes this under VX_MODEL).
 * A location is its address; a site is the place in the source, at which a mutant weakens the ordering. */
#ifndef VX_MODEL_ATOMICS_H
#define VX_MODEL_ATOMICS_H
#include <stddef.h>
#include <stdint.h>

#include "site.h"

#define VX_ATOMIC(type) type

/* The + 0 drops qualifiers that a cast would be warned about. */
#define MODEL_TYPED(at, value) ((__typeof__(*(at) + 0))(uintptr_t)(value))

#define MODEL_LOAD(at, order) MODEL_TYPED(at, model_load((at), sizeof *(at), MODEL_SITE("load", #at, order)))
#define MODEL_STORE(at, value, order)                                                                        \
    model_store((at), sizeof *(at), (uint64_t)(value), MODEL_SITE("store", #at, order))
#define MODEL_CAS(at, expected, desired, order)                                                              \
    model_compare_and_swap((at), sizeof *(at), (expected), (uint64_t)(desired),                              \
                           MODEL_SITE("compare-and-swap", #at, order))

#define vx_load_relaxed(at)         MODEL_LOAD(at, MODEL_RELAXED)
#define vx_load_acquire(at)         MODEL_LOAD(at, MODEL_ACQUIRE)
#define vx_store_relaxed(at, value) MODEL_STORE(at, value, MODEL_RELAXED)
#define vx_store_release(at, value) MODEL_STORE(at, value, MODEL_RELEASE)

#define vx_cas_acq_rel(at, expected, desired)                                                                \
    MODEL_CAS(at, expected, desired, MODEL_ACQUIRE | MODEL_RELEASE | MODEL_ACQUIRE_ON_FAILURE)
#define vx_cas_release(at, expected, desired) MODEL_CAS(at, expected, desired, MODEL_RELEASE)
#define vx_cas_relaxed(at, expected, desired) MODEL_CAS(at, expected, desired, MODEL_RELAXED)

#define vx_fetch_or_acq_rel(at, bits)                                                                        \
    MODEL_TYPED(at, model_fetch_or((at), sizeof *(at), (uint64_t)(bits),                                     \
                                   MODEL_SITE("fetch-or", #at, MODEL_ACQUIRE | MODEL_RELEASE)))
#define vx_fetch_and_acq_rel(at, bits)                                                                       \
    MODEL_TYPED(at, model_fetch_and((at), sizeof *(at), (uint64_t)(bits),                                    \
                                    MODEL_SITE("fetch-and", #at, MODEL_ACQUIRE | MODEL_RELEASE)))

#define vx_signal_fence() ((void)0) /* no signals are explored */

#define vx_plain_write(at, bytes) model_plain_write((at), (bytes))
#define vx_plain_read(at, bytes)  model_plain_read((at), (bytes))

/* `at` holds the location's initial value when a thread first touches it, and the modification order's last
 * after. */
uint64_t model_load(const void *at, size_t bytes, model_site *site);
void model_store(void *at, size_t bytes, uint64_t value, model_site *site);
int model_compare_and_swap(void *at, size_t bytes, void *expected, uint64_t desired, model_site *site);
uint64_t model_fetch_or(void *at, size_t bytes, uint64_t bits, model_site *site);
uint64_t model_fetch_and(void *at, size_t bytes, uint64_t bits, model_site *site);
void model_plain_write(const void *at, size_t bytes);
void model_plain_read(const void *at, size_t bytes);

#endif
