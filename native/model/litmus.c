/* Litmus tests of the checker itself: small programs whose allowed and forbidden outcomes are known from the
 * literature on C11 and RC11. An allowed outcome must be found, a forbidden one must not. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "atomics.h"
#include "model.h"

#define UNBOUNDED 100 /* preemptions: more than any of these programs has operations */

typedef struct litmus {
    uint64_t x, y, z; /* locations */
    uint64_t data;    /* plain */
    uint64_t r[6];    /* what the threads read */
} litmus;

typedef enum expectation { FORBIDDEN, ALLOWED, RACE, NO_RACE } expectation;

/* Each thread's code and each outcome is one line; `s` is the state. */
#define BODY(name, ...)                                                                                      \
    static void name(void *state)                                                                            \
    {                                                                                                        \
        litmus *const s = state;                                                                             \
        __VA_ARGS__                                                                                          \
    }
#define OUTCOME(name, ...)                                                                                   \
    static void name(void *state)                                                                            \
    {                                                                                                        \
        const litmus *const s = state;                                                                       \
        if (__VA_ARGS__)                                                                                     \
            model_see();                                                                                     \
    }
#define READ(i, order, at)      s->r[i] = vx_load_##order(&s->at);
#define WRITE(order, at, value) vx_store_##order(&s->at, value);
#define OR(i, at, bits)         s->r[i] = vx_fetch_or_acq_rel(&s->at, bits);
#define AND(i, at, bits)        s->r[i] = vx_fetch_and_acq_rel(&s->at, bits);
#define SWAP(i, order, at, a, b)                                                                             \
    uint64_t expected = a;                                                                                   \
    s->r[i] = (uint64_t)vx_cas_##order(&s->at, &expected, b);
#define PLAIN_WRITE(value)                                                                                   \
    vx_plain_write(&s->data, 8);                                                                             \
    s->data = value;
#define PLAIN_READ(i)                                                                                        \
    vx_plain_read(&s->data, 8);                                                                              \
    s->r[i] = s->data;

/* clang-format off */
BODY(wx, WRITE(relaxed, x, 1))
BODY(wx_twice, WRITE(relaxed, x, 1) WRITE(relaxed, x, 2))
BODY(wx_ry, WRITE(relaxed, x, 1) READ(0, relaxed, y))
BODY(wy_rx, WRITE(relaxed, y, 1) READ(1, relaxed, x))
BODY(wx_ry_strong, WRITE(release, x, 1) READ(0, acquire, y))
BODY(wy_rx_strong, WRITE(release, y, 1) READ(1, acquire, x))
BODY(orx_ry, OR(2, x, 1) READ(0, acquire, y))
BODY(ory_rx, OR(3, y, 1) READ(1, acquire, x))
BODY(wx_wy, WRITE(relaxed, x, 1) WRITE(relaxed, y, 1))
BODY(wx_wy_release, WRITE(relaxed, x, 1) WRITE(release, y, 1))
BODY(ry_rx, READ(0, relaxed, y) READ(1, relaxed, x))
BODY(ry_rx_acquire, READ(0, acquire, y) READ(1, relaxed, x))
BODY(rx_rx, READ(0, relaxed, x) READ(1, relaxed, x))
BODY(rx_wy, READ(0, relaxed, x) WRITE(relaxed, y, 1))
BODY(ry_wx, READ(1, relaxed, y) WRITE(relaxed, x, 1))
BODY(rx_wx2, READ(0, relaxed, x) WRITE(relaxed, x, 2))
BODY(wy2_wx1, WRITE(relaxed, y, 2) WRITE(relaxed, x, 1))
BODY(wx2_wy1, WRITE(relaxed, x, 2) WRITE(relaxed, y, 1))
BODY(wx_release, WRITE(release, x, 1))
BODY(wy_release, WRITE(release, y, 1))
BODY(rx_ry_strong, READ(0, acquire, x) READ(1, acquire, y))
BODY(ry_rx_strong, READ(2, acquire, y) READ(3, acquire, x))
BODY(rx_acquire_wy_release, READ(2, acquire, x) if (s->r[2] == 1) { WRITE(release, y, 1) })
BODY(rx_relaxed_wy_release, READ(2, relaxed, x) if (s->r[2] == 1) { WRITE(release, y, 1) })
BODY(rx_acquire_wy_relaxed, READ(2, acquire, x) if (s->r[2] == 1) { WRITE(relaxed, y, 1) })
BODY(rz_acquire_wy_release, READ(2, acquire, z) if (s->r[2] == 1) { WRITE(release, y, 1) })
BODY(rz_relaxed_wy_release, READ(2, relaxed, z) if (s->r[2] == 1) { WRITE(release, y, 1) })
BODY(wx2_wy1_release, WRITE(relaxed, x, 2) WRITE(release, y, 1))
BODY(ry_acquire_wx1, READ(0, acquire, y) WRITE(relaxed, x, 1))
BODY(ry_relaxed_wx1, READ(0, relaxed, y) WRITE(relaxed, x, 1))
BODY(wy2_rx, WRITE(release, y, 2) READ(0, acquire, x))
BODY(wx_wy1_release, WRITE(release, x, 1) WRITE(release, y, 1))
BODY(swap_0, SWAP(0, relaxed, x, 0, 1))
BODY(swap_1, SWAP(1, relaxed, x, 0, 1))
BODY(or_1, OR(0, x, 1))
BODY(or_2, OR(1, x, 2))
BODY(and_1, AND(0, x, 1))
BODY(wx8, WRITE(relaxed, x, 8))
BODY(wx_wz, WRITE(relaxed, x, 1) WRITE(release, z, 1))
BODY(z_1_to_2, SWAP(2, relaxed, z, 1, 2))
BODY(z_store_2, READ(2, relaxed, z) if (s->r[2] == 1) { WRITE(relaxed, z, 2) })
BODY(rz_rx, READ(0, acquire, z) READ(1, relaxed, x))
BODY(wx_wz_wz, WRITE(relaxed, x, 1) WRITE(release, z, 1) WRITE(relaxed, z, 2))
BODY(fail_acq_rel_rx, uint64_t e = 0; s->r[0] = !vx_cas_acq_rel(&s->z, &e, 9); READ(1, relaxed, x))
BODY(fail_release_rx, uint64_t e = 0; s->r[0] = !vx_cas_release(&s->z, &e, 9); READ(1, relaxed, x))
BODY(swap_z_acq_rel_rx, SWAP(0, acq_rel, z, 1, 9) READ(1, relaxed, x))
BODY(swap_z_release_rx, SWAP(0, release, z, 1, 9) READ(1, relaxed, x))
BODY(wx_swap_z_release, WRITE(relaxed, x, 1) SWAP(2, release, z, 0, 1))
BODY(wx_swap_z_relaxed, WRITE(relaxed, x, 1) SWAP(2, relaxed, z, 0, 1))
BODY(data_wy_release, PLAIN_WRITE(1) WRITE(release, y, 1))
BODY(data_wy_relaxed, PLAIN_WRITE(1) WRITE(relaxed, y, 1))
BODY(ry_acquire_data, READ(0, acquire, y) if (s->r[0] == 1) { PLAIN_READ(1) })
BODY(ry_relaxed_data, READ(0, relaxed, y) if (s->r[0] == 1) { PLAIN_READ(1) })
BODY(ry_acquire_data_write, READ(0, acquire, y) if (s->r[0] == 1) { PLAIN_WRITE(2) })
BODY(data_read, PLAIN_READ(0))
BODY(data_read_too, PLAIN_READ(1))
BODY(data_read_wy_relaxed, PLAIN_READ(2) WRITE(relaxed, y, 1))
BODY(data_read_wy_release, PLAIN_READ(2) WRITE(release, y, 1))
BODY(join_rx, model_join(0); READ(0, relaxed, x))
BODY(join_r2_rx, model_join(0); if (s->r[2] == 1) { READ(0, relaxed, x) } else { s->r[0] = 1; })
BODY(join_data, model_join(0); PLAIN_READ(0))
BODY(data_write, PLAIN_WRITE(1))
BODY(data_wy_data, PLAIN_WRITE(1) WRITE(release, y, 1) PLAIN_WRITE(3))

OUTCOME(r0_one, s->r[0] == 1)
OUTCOME(r0_zero, s->r[0] == 0)
OUTCOME(r0_r1_zero, s->r[0] == 0 && s->r[1] == 0)
OUTCOME(r0_two, s->r[0] == 2)
OUTCOME(r2_one_r0_zero, s->r[2] == 1 && s->r[0] == 0)
OUTCOME(r0_r1_one, s->r[0] == 1 && s->r[1] == 1)
OUTCOME(r0_one_r1_zero, s->r[0] == 1 && s->r[1] == 0)
OUTCOME(r0_two_r1_one, s->r[0] == 2 && s->r[1] == 1)
OUTCOME(r0_two_r1_zero, s->r[0] == 2 && s->r[1] == 0)
OUTCOME(x_one, s->x == 1)
OUTCOME(x_three, s->x == 3)
OUTCOME(x_lost, s->x != 3)
OUTCOME(both_one, s->x == 1 && s->y == 1)
OUTCOME(r0_one_x_one, s->r[0] == 1 && s->x == 1)
OUTCOME(r0_one_x_two, s->r[0] == 1 && s->x == 2)
OUTCOME(y_two_r0_zero, s->y == 2 && s->r[0] == 0)
OUTCOME(split_readers, s->r[0] == 1 && s->r[1] == 0 && s->r[2] == 1 && s->r[3] == 0)
OUTCOME(chain_broken, s->r[2] == 1 && s->r[0] == 1 && s->r[1] == 0)
OUTCOME(old_8_kept, s->x == 8 && s->r[0] == 0)
OUTCOME(old_8_cleared, s->x == 0 && s->r[0] == 8)

static const struct {
    expectation expected;
    const char *name;
    void (*body[MODEL_THREADS])(void *state);
    void (*outcome)(void *state);
} tests[] = {
    {ALLOWED, "SB: store buffering, relaxed", {wx_ry, wy_rx}, r0_r1_zero},
    {ALLOWED, "SB, release and acquire", {wx_ry_strong, wy_rx_strong}, r0_r1_zero},
    {ALLOWED, "SB, read-modify-writes of different locations", {orx_ry, ory_rx}, r0_r1_zero},
    {ALLOWED, "MP: message passing, relaxed", {wx_wy, ry_rx}, r0_one_r1_zero},
    {ALLOWED, "MP, release only", {wx_wy_release, ry_rx}, r0_one_r1_zero},
    {ALLOWED, "MP, acquire only", {wx_wy, ry_rx_acquire}, r0_one_r1_zero},
    {FORBIDDEN, "MP, release and acquire", {wx_wy_release, ry_rx_acquire}, r0_one_r1_zero},
    {ALLOWED, "MP, the message is read", {wx_wy_release, ry_rx_acquire}, r0_r1_one},
    {FORBIDDEN, "LB: load buffering (RC11; C11 would allow)", {rx_wy, ry_wx}, r0_r1_one},
    {FORBIDDEN, "CoRR: two reads never go back", {wx_twice, rx_rx}, r0_two_r1_one},
    {FORBIDDEN, "CoRR, not to the initial value either", {wx_twice, rx_rx}, r0_two_r1_zero},
    {FORBIDDEN, "CoWW: a thread's stores keep their order", {wx_twice, rx_rx}, x_one},
    {FORBIDDEN, "CoRW: a store comes after what was read", {rx_wx2, wx}, r0_one_x_one},
    {ALLOWED, "CoRW, the other order", {rx_wx2, wx}, x_one},
    {ALLOWED, "2+2W: two stores each, both first ones last", {wy2_wx1, wx2_wy1}, both_one},
    {ALLOWED, "IRIW: readers disagree on independent stores",
     {wx_release, wy_release, rx_ry_strong, ry_rx_strong}, split_readers},
    {FORBIDDEN, "WRC: causality through a third thread",
     {wx_release, rx_acquire_wy_release, ry_rx_acquire}, chain_broken},
    {FORBIDDEN, "WRC, the middle one reads relaxed: coherence of its read",
     {wx_release, rx_relaxed_wy_release, ry_rx_acquire}, chain_broken},
    {ALLOWED, "WRC, the middle one stores relaxed",
     {wx_release, rx_acquire_wy_relaxed, ry_rx_acquire}, chain_broken},
    {FORBIDDEN, "ISA2: a message passed on", {wx_wz, rz_acquire_wy_release, ry_rx_acquire}, chain_broken},
    {ALLOWED, "ISA2, the middle one reads relaxed",
     {wx_wz, rz_relaxed_wy_release, ry_rx_acquire}, chain_broken},
    {FORBIDDEN, "S: a store after an acquire comes later", {wx2_wy1_release, ry_acquire_wx1}, r0_one_x_two},
    {ALLOWED, "S, relaxed", {wx2_wy1_release, ry_relaxed_wx1}, r0_one_x_two},
    {ALLOWED, "R: release and acquire do not order it", {wx_wy1_release, wy2_rx}, y_two_r0_zero},
    {FORBIDDEN, "RMW: two swaps of the same value succeed", {swap_0, swap_1}, r0_r1_one},
    {FORBIDDEN, "RMW: both swaps fail", {swap_0, swap_1}, r0_r1_zero},
    {FORBIDDEN, "RMW: a bit is lost", {or_1, or_2}, x_lost},
    {ALLOWED, "RMW: both bits arrive", {or_1, or_2}, x_three},
    {ALLOWED, "RMW: a store may come after a modification that did not see it", {and_1, wx8}, old_8_kept},
    {ALLOWED, "RMW: and of a bit", {and_1, wx8}, old_8_cleared},
    {FORBIDDEN, "release sequence: a relaxed swap carries it on", {wx_wz, z_1_to_2, rz_rx}, r0_two_r1_zero},
    {ALLOWED, "release sequence: another thread's store ends it", {wx_wz, z_store_2, rz_rx}, r0_two_r1_zero},
    {ALLOWED, "release sequence: the same thread's store ends it (C++20)", {wx_wz_wz, rz_rx}, r0_two_r1_zero},
    {FORBIDDEN, "a failed swap acquires", {wx_wz, fail_acq_rel_rx}, r0_one_r1_zero},
    {ALLOWED, "a failed swap that does not acquire", {wx_wz, fail_release_rx}, r0_one_r1_zero},
    {FORBIDDEN, "a swap acquires", {wx_wz, swap_z_acq_rel_rx}, r0_one_r1_zero},
    {ALLOWED, "a swap that only releases", {wx_wz, swap_z_release_rx}, r0_one_r1_zero},
    {FORBIDDEN, "a swap releases", {wx_swap_z_release, rz_rx}, r0_one_r1_zero},
    {ALLOWED, "a relaxed swap does not", {wx_swap_z_relaxed, rz_rx}, r0_one_r1_zero},
    {NO_RACE, "race: published plain data", {data_wy_release, ry_acquire_data}, r0_r1_one},
    {RACE, "race: release missing", {data_wy_relaxed, ry_acquire_data}, NULL},
    {RACE, "race: acquire missing", {data_wy_release, ry_relaxed_data}, NULL},
    {RACE, "race: written again after publishing", {data_wy_data, ry_acquire_data}, NULL},
    {NO_RACE, "race: two readers", {data_read, data_read_too}, r0_r1_zero},
    {RACE, "race: overwritten while it may still be read",
     {data_read_wy_relaxed, ry_acquire_data_write}, NULL},
    {NO_RACE, "race: overwritten after it was read", {data_read_wy_release, ry_acquire_data_write}, r0_one},
    {FORBIDDEN, "join: a store of the ended thread is missed", {wx, join_rx}, r0_zero},
    {ALLOWED, "join: a third thread's store may come later", {wx, join_rx, wx_twice}, r0_two},
    {FORBIDDEN, "join: what the ended thread had read goes back", {rx_acquire_wy_relaxed, join_r2_rx, wx}, r2_one_r0_zero},
    {NO_RACE, "join: plain data of the ended thread", {data_write, join_data}, r0_one},
};
/* clang-format on */

static void clear(void *state)
{
    memset(state, 0, sizeof(litmus));
}

static model_result explore(size_t test)
{
    model_case run = {.name = tests[test].name, .setup = clear, .check = tests[test].outcome};
    while (run.threads < MODEL_THREADS && tests[test].body[run.threads] != NULL) {
        run.body[run.threads] = tests[test].body[run.threads];
        run.threads++;
    }
    return model_explore(&run, UNBOUNDED);
}

static int passes(expectation expected, const model_result *result)
{
    switch (expected) {
    case FORBIDDEN:
        return !result->failed && result->seen == 0;
    case ALLOWED:
    case NO_RACE:
        return !result->failed && result->seen > 0;
    default:
        return result->failed && strncmp(result->reason, "race", 4) == 0;
    }
}

int main(void)
{
    static const char *const names[] = {"forbidden", "allowed", "race", "no race"};
    uint64_t executions = 0;
    int failures = 0;
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
        const model_result result = explore(i);
        const int passed = passes(tests[i].expected, &result);
        printf("%-6s %-9s %6" PRIu64 " executions, seen in %5" PRIu64 "  %s\n", passed ? "ok" : "FAILED",
               names[tests[i].expected], result.executions, result.seen, tests[i].name);
        executions += result.executions;
        failures += !passed;
    }
    printf("%zu litmus tests, %" PRIu64 " executions, no bound on preemptions: %d failed\n",
           sizeof tests / sizeof *tests, executions, failures);
    return failures != 0;
}
