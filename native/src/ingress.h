/* The flow that Ingress emits: when (schedule) and what (orders), from a seed or from a file. Integer arithmetic only.
 * Pure: knows no ring, no clock and no segment, so that the sequence cannot depend on which pushes succeed. */
#ifndef VX_INGRESS_H
#define VX_INGRESS_H
#include "transaction.h"

/* random.c / random.h: xoshiro256** seeded by splitmix64; and vx_unit_exponential(rng) -> Q32 fixed point of mean 2^32. */

/* schedule.c / schedule.h: the intended arrivals. */
typedef struct vx_schedule vx_schedule;
void vx_schedule_init(vx_schedule *schedule, velox_pattern pattern, uint64_t rate_millihz, uint64_t seed, uint64_t start_ns);
/* Writes the intended arrivals due at now_ns, oldest first, at most `capacity`; the rest stays due. Poisson, constant,
 * bursts (on/off) and ramp follow an absolute schedule with a sub-nanosecond fraction that never drifts. */
static inline uint32_t vx_schedule_due(vx_schedule *schedule, uint64_t now_ns, uint64_t *intended_ns, uint32_t capacity);
uint64_t vx_schedule_next_ns(const vx_schedule *schedule); /* when the next is due; UINT64_MAX: none */
/* A new rate from now on: the remaining unit exponential is rescaled. */
void vx_schedule_set_rate(vx_schedule *schedule, uint64_t rate_millihz, uint64_t now_ns);

/* flow.c / flow.h: the transactions themselves (all but ts_ns, which the caller sets). */
typedef struct vx_flow vx_flow;
velox_status vx_flow_init(vx_flow *flow, uint64_t seed, uint32_t levels, uint32_t ticks_per_level, int64_t base_price,
                          uint32_t reduce_permille);
void vx_flow_free(vx_flow *flow);
void vx_flow_next(vx_flow *flow, vx_transaction *transactions, uint32_t count); /* ids not set */

/* input.c / input.h: a mapped file of transactions (format VTX), validated record by record. */
typedef struct vx_input vx_input;
#endif
