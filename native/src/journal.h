/* What Output delivers, kept in a file that `--input` plays again (.vtx; see input.h), off the hot path:
 * Output copies transactions into a ring of fixed size and never waits; whoever writes empties it.
 *
 * Output's thread only: vx_journal_take. The writer's only: vx_journal_write. Before both: open and start;
 * after Output has drained: finish; at the very end: close. A transaction that finds the ring full, or that
 * the file has no room for, is lost and counted; so is all of a file that another deletes, or what another
 * cuts off, and whatever would follow. (A file that is cut between two adjacent system calls, a look at its
 * size and the removal of half a transaction after a full disk, is lengthened by zeros instead.) Whatever
 * happens the file ends with a whole transaction, but for a power cut. */
#ifndef VX_JOURNAL_H
#define VX_JOURNAL_H
#include <pthread.h>

#include "config.h"
#include "ring.h"
#include "stage.h"

typedef struct vx_journal {
    vx_ring ring;   /* of transactions; its slots are the pipeline's memory */
    vx_word *words; /* the control block's */
    uint64_t bytes; /* of the file: header and whole transactions; 0: nothing of it can be relied on */
    pthread_t thread;
    VX_ATOMIC(uint64_t) quit;
    int fd;
    uint8_t is_open;
    uint8_t is_started;
    uint8_t has_ended; /* the file is no longer what was written: nothing more goes into it */
    uint8_t is_finished;
    uint8_t is_wanted; /* something came of the run: the file stays */
    char path[VX_TEXT_BYTES];
} vx_journal;

/* Creates the file, which must not exist, with the book's window of `config`; losses are counted in `words`.
 * The ring is there already.
 * VELOX_OUTPUT_REFUSED: `error` (VELOX_ERROR_BYTES) says why. */
velox_status vx_journal_open(vx_journal *journal, const char *path, const velox_config *config,
                             vx_word *words, char *error);
/* A thread of its own that writes every few milliseconds; without it, its owner calls vx_journal_write. */
velox_status vx_journal_start(vx_journal *journal);
/* Output's sink (vx_sink). */
void vx_journal_take(void *journal, const vx_bundle *bundles, uint32_t count);
/* Writes what is in the ring. */
void vx_journal_write(vx_journal *journal);
/* Writes the rest, their number into the header, and syncs. Twice is once; without a journal nothing. */
void vx_journal_finish(vx_journal *journal);
/* Finishes, and removes the file again where it is not wanted: the very one that was created, or none. Twice
 * is once. */
void vx_journal_close(vx_journal *journal);
#endif
