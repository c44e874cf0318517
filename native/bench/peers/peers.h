/* The rings that are compared. Peers are compiled where their headers are installed; where not, BENCH_NO_...
 * says why. */
#ifndef BENCH_PEERS_H
#define BENCH_PEERS_H
#include "ring_kind.h"

#ifdef __cplusplus
extern "C" {
#endif

extern const bench_ring_kind bench_ring_velox;
extern const bench_ring_kind bench_ring_baseline;
extern const bench_ring_kind bench_ring_cached;     /* the published single-item design, plain */
extern const bench_ring_kind bench_ring_boost;      /* boost::lockfree::spsc_queue */
extern const bench_ring_kind bench_ring_moodycamel; /* moodycamel::ReaderWriterQueue */
extern const bench_ring_kind bench_ring_ck;         /* ck_ring, single producer and consumer */
extern const bench_ring_kind bench_ring_dpdk;       /* rte_ring, single producer and consumer */

#define BENCH_PEERS 4
/* Other people's rings, here or not. */
extern const bench_ring_kind *const bench_peers[BENCH_PEERS];

#ifdef __cplusplus
}
#endif
#endif
