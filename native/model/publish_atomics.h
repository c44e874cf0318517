/* The atomic operations of velox_publish.h as the model checker supplies them: under the names of the
 * engine's. */
#ifndef VX_PUBLISH_ATOMICS_H
#define VX_PUBLISH_ATOMICS_H
#include "model_atomics.h"

#define velox_pub_load_relaxed(at)         vx_load_relaxed(at)
#define velox_pub_load_acquire(at)         vx_load_acquire(at)
#define velox_pub_store_relaxed(at, value) vx_store_relaxed(at, value)
#define velox_pub_store_release(at, value) vx_store_release(at, value)
#define velox_pub_plain_write(at, bytes)   vx_plain_write(at, bytes)

#endif
