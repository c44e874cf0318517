/* A file of another's, mapped to be read. Should it be cut short meanwhile, the kernel raises SIGBUS at the
 * first touch of what is gone. A handler puts zeros in its place, to the mapping's end, and marks the
 * mapping: whoever reads looks at the mark after the loads, and believes nothing that came with it.
 *
 * The handler is the process's, set with the first mapping, and again at a later one where another has taken
 * its place. A fault elsewhere, or a signal that was sent, goes to the handler that was there before; to
 * none, and the process ends as it would have. */
#ifndef VX_MAPPED_H
#define VX_MAPPED_H
#include <stddef.h>

#include "atomics.h"

#define VX_MAPPED_MOST 1024 /* mappings at a time, of the process */

/* What the handler knows of a mapping. Never given back to the system: it may look at any time. */
typedef struct vx_region {
    VX_ATOMIC(uint64_t) place; /* where it begins and how long it is; 0: free */
    VX_ATOMIC(uint64_t) is_cut;
} vx_region;

typedef struct vx_mapped {
    const uint8_t *base; /* NULL: none */
    uint64_t bytes;
    vx_region *region; /* NULL: memory that is no file's */
} vx_mapped;

/* Maps the first `bytes` (> 0) of the file, which stays the caller's; `sharing` is MAP_SHARED or MAP_PRIVATE.
 * 0, or the errno: EMFILE where there are too many, EFBIG beyond a TiB. */
int vx_mapped_open(vx_mapped *mapped, int fd, uint64_t bytes, int sharing);
/* While nobody reads. Twice is once. */
void vx_mapped_close(vx_mapped *mapped);
/* Whether the file, whose size it looks at, has all of the mapping and always had: 0 says that loads before
 * may have given zeros. Marks the mapping of one that is shorter. Any thread; a system call. */
int vx_mapped_is_whole(const vx_mapped *mapped, int fd);

/* The mark alone, for the hot path: as sure as vx_mapped_is_whole only in the one thread that reads. */
static inline int vx_mapped_is_cut(const vx_mapped *mapped)
{
    /* The reading thread's own fault: its handler ran between two of its instructions, so that program order
     * is all that is needed, and only the compiler has to be kept from asking before it loads. */
    vx_signal_fence();
    return mapped->region != NULL && vx_load_relaxed(&mapped->region->is_cut) != 0;
}
#endif
