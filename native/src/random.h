/* Pseudo-random numbers by integer arithmetic only, so that a seed gives the same flow on every machine.
 *
 * Generator: xoshiro256** (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2018), its
 * state filled by splitmix64. Each consumer has a stream of its own, told apart by number, so that one cannot
 * shift another. */
#ifndef VX_RANDOM_H
#define VX_RANDOM_H
#include <stdint.h>

typedef enum vx_stream { VX_STREAM_SCHEDULE = 1, VX_STREAM_FLOW = 2 } vx_stream;

typedef struct vx_random {
    uint64_t state[4];
} vx_random;

void vx_random_seed(vx_random *random, uint64_t seed, vx_stream stream);

static inline uint64_t vx_rotate_left(uint64_t value, unsigned bits)
{
    return value << bits | value >> (64 - bits);
}

static inline uint64_t vx_random_next(vx_random *random)
{
    uint64_t *s = random->state;
    const uint64_t result = vx_rotate_left(s[1] * 5, 7) * 9;
    const uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = vx_rotate_left(s[3], 45);
    return result;
}

/* The logarithm on [1, 2), in equal cells, in each by the Taylor polynomial of second order at its centre. */
#define VX_LOG_CELL_BITS 7
typedef struct vx_log_cell {
    int64_t log;     /* of the centre, Q36 */
    int64_t inverse; /* of the centre, Q30 */
} vx_log_cell;

typedef struct vx_log_table {
    int64_t log2; /* natural logarithm of 2, Q36 */
    vx_log_cell cells[1 << VX_LOG_CELL_BITS];
} vx_log_table;

void vx_log_table_init(vx_log_table *table);

/* -ln(u) in Q32, u = m 2^-(k + 1): k counts the low zero bits (P(k) = 2^-(k + 1)), m in [1, 2) is the high 40
 * bits. From one draw that is a uniform u; k beyond 24 (1 in 2^24) takes from the last bits of m, which only
 * makes those u coarser. Never 0, at most 64 ln 2 = 44.4. The polynomial errs by less than 2^-24 / 3 = 2e-8,
 * oddly about each cell's centre: the mean by less than 1e-9. */
static inline uint64_t vx_minus_log(const vx_log_table *table, uint64_t bits)
{
    const int64_t k = __builtin_ctzll(bits | UINT64_C(1) << 63);
    const vx_log_cell *cell = &table->cells[bits >> (64 - VX_LOG_CELL_BITS)];
    const uint64_t within = bits >> 24 & ((UINT64_C(1) << (40 - VX_LOG_CELL_BITS)) - 1);
    const int64_t offset =
        (int64_t)within - (INT64_C(1) << (39 - VX_LOG_CELL_BITS)); /* from the centre, Q40 */
    const int64_t d = offset * cell->inverse >> 34;                /* relative, Q36 */
    return (uint64_t)((k + 1) * table->log2 - cell->log - d + (d * d >> 37)) >> 4;
}

/* A unit exponential: Q32, mean 2^32; one draw. */
static inline uint64_t vx_unit_exponential(const vx_log_table *table, vx_random *random)
{
    return vx_minus_log(table, vx_random_next(random));
}

#endif
