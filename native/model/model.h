/* A small explorer of C11 programs: it runs two to four threads under every order and lets every load read
 * every store that the memory model allows, within a bound on preemptions.
 *
 * The memory model is RC11 (Lahav et al., 2017) without fences, sequentially consistent accesses and consume:
 *  - a location's stores form one modification order; a store may take any place in it after what its thread
 * knows of;
 *  - a load may read any store not older, in that order, than what its thread knows of;
 *  - a read-modify-write comes directly after the store it reads; a compare-and-swap fails only on another
 * value;
 *  - a release store carries what its thread knows; an acquire load that reads it, or a read-modify-write in
 * the sequence that follows it, learns that. A plain store of the same thread does not go on with the
 * sequence (C++20);
 *  - plain accesses not ordered by what was so learned are a race, hence a failure;
 *  - no load reads a store that comes later in the same run: load buffering with relaxed stores, which C11
 * and ARM64 allow, is not explored (RC11 forbids it).
 *
 * Loops must end in every run: polling is bounded by the case. */
#ifndef VX_MODEL_H
#define VX_MODEL_H
#include <stddef.h>
#include <stdint.h>

#define MODEL_THREADS      4
#define MODEL_STATE_BYTES  65536
#define MODEL_REASON_BYTES 200

typedef struct model_case {
    const char *name;
    int threads;
    /* All are given the case's state: MODEL_STATE_BYTES, 128-aligned, left from the run before. */
    void (*setup)(void *state); /* before the threads: initialises all that they touch */
    void (*body[MODEL_THREADS])(void *state);
    void (*check)(void *state); /* after them, ordered after all they did; may be NULL */
    int preemptions;            /* the bound by default: switches away from a thread that could go on */
    int deep_preemptions;       /* and in the deep run */
    int must_see;               /* the exploration is vacuous unless some execution calls model_see */
} model_case;

typedef struct model_result {
    uint64_t executions;
    uint64_t seen; /* executions that called model_see */
    int bounded;   /* some order was left out because of the bound on preemptions */
    int failed;    /* then the exploration ended with this execution */
    char reason[MODEL_REASON_BYTES];
} model_result;

model_result model_explore(const model_case *explored, int preemptions);
/* Runs the execution that made the latest exploration fail once more, printing each operation. */
void model_print_failure(const model_case *explored);

/* From a case's functions: the execution is wrong, or shows what a litmus test looks for. */
void model_fail(const char *reason);
void model_see(void);
/* A poll that found nothing: another thread goes on, which is no preemption. */
void model_yield(void);
/* Waits for the thread's end, and knows all it did: pthread_join. Threads that wait for each other never end.
 */
void model_join(int thread);
#define MODEL_CHECK(condition)                                                                               \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            model_fail(#condition);                                                                          \
    } while (0)

#endif
