/* Seeding, and the logarithm's table; see random.h. */
#include "random.h"

__extension__ typedef unsigned __int128 vx_u128;

static uint64_t splitmix64(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

void vx_random_seed(vx_random *random, uint64_t seed, vx_stream stream)
{
    uint64_t number = (uint64_t)stream;
    /* The stream's number is hashed before it meets the seed: streams of neighbouring seeds must not
     * coincide. */
    uint64_t state = seed ^ splitmix64(&number);
    for (int i = 0; i < 4; i++)
        random->state[i] = splitmix64(&state);
}

/* ln(n / d) in Q60 for n > d: 2 atanh(z) = 2 (z + z^3/3 + z^5/5 + ...), z = (n - d) / (n + d). */
static uint64_t log_q60(uint64_t n, uint64_t d)
{
    const vx_u128 z = ((vx_u128)(n - d) << 60) / (n + d);
    const vx_u128 square = z * z >> 60;
    vx_u128 sum = 0;
    vx_u128 power = z;
    for (unsigned k = 1; power > 0; k += 2) {
        sum += power / k;
        power = power * square >> 60;
    }
    return (uint64_t)(2 * sum);
}

void vx_log_table_init(vx_log_table *table)
{
    const uint64_t scale = UINT64_C(2) << VX_LOG_CELL_BITS; /* the centres are odd multiples of 1 / scale */
    const uint64_t rounding = UINT64_C(1) << 23;
    table->log2 = (int64_t)((log_q60(2, 1) + rounding) >> 24);
    for (uint64_t i = 0; i < scale / 2; i++) {
        const uint64_t centre = scale + 2 * i + 1;
        table->cells[i].log = (int64_t)((log_q60(centre, scale) + rounding) >> 24);
        table->cells[i].inverse = (int64_t)(((scale << 30) + centre / 2) / centre);
    }
}
