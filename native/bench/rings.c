/* The matrix of rings: 32-byte items from one core to the other, made and read field by field, their sum
 * checked. */
#include "rings.h"

#include "peers/peers.h"

const bench_ring_kind *const bench_peers[BENCH_PEERS] = {&bench_ring_boost, &bench_ring_ck,
                                                         &bench_ring_moodycamel, &bench_ring_dpdk};

#define RATES .figures = BENCH_M_ITEMS_A_SECOND, .figure_count = 1, .cores_needed = 2

/* One item at a time, every contender. */
#define ONE(slots, in_detail)                                                                                \
    {                                                                                                        \
        .name = "ring.one." #slots, .definition = "one item at a time, " #slots " slots", RATES,             \
        .parameter = slots, .details = in_detail, .contenders = {                                            \
            {"velox", bench_ring_transfer, &bench_ring_velox, 1},                                            \
            {"baseline", bench_ring_transfer, &bench_ring_baseline, 1},                                      \
            {"cached", bench_ring_transfer, &bench_ring_cached, 1},                                          \
            {"boost", bench_ring_transfer, &bench_ring_boost, 1},                                            \
            {"ck_ring", bench_ring_transfer, &bench_ring_ck, 1},                                             \
            {"moodycamel", bench_ring_transfer, &bench_ring_moodycamel, 1},                                  \
            {"rte_ring", bench_ring_transfer, &bench_ring_dpdk, 1}                                           \
        }                                                                                                    \
    }

/* In spans: who has them; and, for the goals, one at a time and the ceiling. */
#define SPANS(span, slots, in_detail)                                                                        \
    {                                                                                                        \
        .name = "ring.span" #span "." #slots,                                                                \
        .definition = "up to " #span " items at once, " #slots " slots; baseline and cached one at a time",  \
        RATES, .parameter = slots, .details = in_detail, .contenders = {                                     \
            {"velox", bench_ring_transfer, &bench_ring_velox, span},                                         \
            {"baseline", bench_ring_transfer, &bench_ring_baseline, 1},                                      \
            {"boost", bench_ring_transfer, &bench_ring_boost, span},                                         \
            {"cached", bench_ring_transfer, &bench_ring_cached, 1},                                          \
            {"rte_ring", bench_ring_transfer, &bench_ring_dpdk, span},                                       \
            {"ceiling", bench_stream, NULL, 0}                                                               \
        }                                                                                                    \
    }

/* The engine's ring alone over its range of sizes. */
#define SIZE(slots)                                                                                          \
    {                                                                                                        \
        .name = "ring.slots." #slots, .definition = "one at a time and in spans of 64, " #slots " slots",    \
        RATES, .parameter = slots, .details = 1, .contenders = {                                             \
            {"one", bench_ring_transfer, &bench_ring_velox, 1},                                              \
            {"span 64", bench_ring_transfer, &bench_ring_velox, 64}                                          \
        }                                                                                                    \
    }

static const bench_entry RINGS[] = {
    ONE(1024, 1),
    ONE(4096, 0),
    ONE(8192, 1),
    SPANS(8, 1024, 1),
    SPANS(8, 4096, 1),
    SPANS(8, 8192, 1),
    SPANS(16, 1024, 1),
    SPANS(16, 4096, 0),
    SPANS(16, 8192, 1),
    SPANS(64, 1024, 1),
    SPANS(64, 4096, 0),
    SPANS(64, 8192, 1),
    {.name = "ring.round_trip",
     .definition = "an item there by one ring and back by another, 4096 slots, one under way at a time",
     .figures = BENCH_NS_AN_ITEM,
     .figure_count = 1,
     .cores_needed = 2,
     .contenders = {{"velox", bench_ring_round_trip, &bench_ring_velox, 0},
                    {"baseline", bench_ring_round_trip, &bench_ring_baseline, 0},
                    {"cached", bench_ring_round_trip, &bench_ring_cached, 0},
                    {"boost", bench_ring_round_trip, &bench_ring_boost, 0},
                    {"ck_ring", bench_ring_round_trip, &bench_ring_ck, 0},
                    {"moodycamel", bench_ring_round_trip, &bench_ring_moodycamel, 0},
                    {"rte_ring", bench_ring_round_trip, &bench_ring_dpdk, 0}}},
    SIZE(64),
    SIZE(256),
    SIZE(1024),
    SIZE(4096),
    SIZE(16384),
    SIZE(65536),
};

const bench_entry *bench_rings(size_t *count)
{
    *count = sizeof RINGS / sizeof RINGS[0];
    return RINGS;
}
