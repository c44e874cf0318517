/* Stands in for the peers that were not installed when this was built. */
#include <stddef.h>

#include "peers.h"

#ifdef BENCH_NO_BOOST
const bench_ring_kind bench_ring_boost = {.name = "boost", .missing = BENCH_NO_BOOST};
#endif
#ifdef BENCH_NO_MOODYCAMEL
const bench_ring_kind bench_ring_moodycamel = {.name = "moodycamel", .missing = BENCH_NO_MOODYCAMEL};
#endif
#ifdef BENCH_NO_CK
const bench_ring_kind bench_ring_ck = {.name = "ck_ring", .missing = BENCH_NO_CK};
#endif
#ifdef BENCH_NO_DPDK
const bench_ring_kind bench_ring_dpdk = {.name = "rte_ring", .missing = BENCH_NO_DPDK};
#endif
