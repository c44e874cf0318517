/* Depth-first search over executions. An execution is the list of its choices; each starts anew, repeats the
 * choices that led to the last one with an alternative left, takes that, and from there on the first of
 * everything. */
#include <stdio.h>
#include <string.h>

#include "context.h"
#include "memory.h"
#include "model.h"

#if defined(__SANITIZE_ADDRESS__)
#define MODEL_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MODEL_ASAN 1
#endif
#endif
#ifdef MODEL_ASAN
#include <sanitizer/asan_interface.h>
#endif

#define CHOICES_MAX 1024
#define STEPS_MAX   2000 /* operations that read, in one execution: more is a loop without end */

typedef struct choice {
    uint8_t picked;
    uint8_t options;
} choice;

/* One exploration at a time: the explored code has no context to pass on. */
static struct {
    const model_case *explored;
    uint32_t length; /* choices of the execution so far */
    uint32_t known;  /* of these, how many are laid down */
    choice choices[CHOICES_MAX];

    int running; /* thread, -1: none */
    int starting;
    unsigned unfinished; /* set of threads */
    int preemptions;     /* allowed in each execution */
    int preemptions_left;
    uint32_t steps;
    int tracing;
    model_context *explorer;
    model_context *threads[MODEL_THREADS];
    model_result result;
} run = {.running = -1};

static _Alignas(128) unsigned char state[MODEL_STATE_BYTES];
static _Alignas(16) unsigned char stacks[MODEL_THREADS][MODEL_STACK_BYTES];

/* An execution that ends early leaves its frames as they are; AddressSanitizer would take what the next one
 * finds there for variables out of scope. */
static void forget_frames(unsigned char *stack)
{
#ifdef MODEL_ASAN
    ASAN_UNPOISON_MEMORY_REGION(stack, MODEL_STACK_BYTES);
#else
    (void)stack;
#endif
}

int model_running_thread(void)
{
    return run.running;
}

int model_tracing(void)
{
    return run.tracing;
}

void model_see(void)
{
    run.result.seen++;
}

void model_fail(const char *reason)
{
    if (!run.result.failed)
        snprintf(run.result.reason, sizeof run.result.reason, "%s", reason);
    run.result.failed = 1;
}

uint32_t model_choose(uint32_t options)
{
    if (options <= 1)
        return 0;
    if (run.length == CHOICES_MAX) {
        model_fail("more choices than CHOICES_MAX");
        return 0;
    }
    choice *const here = &run.choices[run.length++];
    if (run.length > run.known) {
        *here = (choice){0, (uint8_t)options};
        run.known = run.length;
    }
    return here->picked;
}

/* Lays down the next execution's choices; 0 when there is none. */
static int advance(void)
{
    while (run.known > 0) {
        choice *const last = &run.choices[run.known - 1];
        if (++last->picked < last->options)
            return 1;
        run.known--;
    }
    return 0;
}

static int nth_thread(unsigned set, uint32_t n)
{
    for (int thread = 0;; thread++)
        if (set >> thread & 1 && n-- == 0)
            return thread;
}

static void leave_for(int thread)
{
    const int self = run.running;
    run.running = thread;
    model_context_switch(&run.threads[self], run.threads[thread]);
}

void model_switch_point(void)
{
    const int self = run.running;
    if (run.starting) { /* each thread first runs up to here, so that all stand before an operation that reads
                         */
        model_context_switch(&run.threads[self], run.explorer);
        return;
    }
    if (++run.steps > STEPS_MAX)
        model_fail("a loop without end");
    if (run.result.failed) /* abandons every thread where it stands */
        model_context_switch(&run.threads[self], run.explorer);
    const unsigned others = run.unfinished & ~(1u << self);
    if (others == 0)
        return;
    if (run.preemptions_left == 0) {
        run.result.bounded = 1;
        return;
    }
    const uint32_t pick = model_choose(1 + (uint32_t)__builtin_popcount(others));
    if (pick == 0)
        return;
    run.preemptions_left--;
    leave_for(nth_thread(others, pick - 1));
}

void model_yield(void)
{
    const int self = run.running;
    if (self < 0 || run.starting) /* nobody else to go on */
        return;
    const unsigned others = run.unfinished & ~(1u << self);
    if (others != 0)
        leave_for(nth_thread(others, model_choose((uint32_t)__builtin_popcount(others))));
}

void model_join(int thread)
{
    const int self = run.running;
    if (run.starting)
        model_context_switch(&run.threads[self], run.explorer);
    while (run.unfinished >> thread & 1)
        model_yield();
    model_memory_join(self, thread);
}

static void run_thread(void *argument)
{
    const int self = run.running;
    run.explored->body[self](argument);
    run.unfinished &= ~(1u << self);
    if (!run.starting && !run.result.failed && run.unfinished != 0)
        leave_for(nth_thread(run.unfinished, model_choose((uint32_t)__builtin_popcount(run.unfinished))));
    model_context_switch(&run.threads[self], run.explorer);
}

static void resume(int thread)
{
    run.running = thread;
    model_context_switch(&run.explorer, run.threads[thread]);
}

static void run_once(void)
{
    run.length = run.steps = 0;
    run.preemptions_left = run.preemptions;
    run.unfinished = (1u << run.explored->threads) - 1;
    model_memory_reset();
    model_race_reset();
    run.explored->setup(state);
    run.starting = 1;
    for (int thread = 0; thread < run.explored->threads; thread++) {
        forget_frames(stacks[thread]);
        run.threads[thread] = model_context_make(stacks[thread], run_thread, state);
        resume(thread);
    }
    run.starting = 0;
    if (run.unfinished != 0 && !run.result.failed)
        resume(nth_thread(run.unfinished, model_choose((uint32_t)__builtin_popcount(run.unfinished))));
    run.running = -1;
    if (run.explored->check != NULL && !run.result.failed)
        run.explored->check(state);
    run.result.executions++;
}

model_result model_explore(const model_case *explored, int preemptions)
{
    run.explored = explored;
    run.preemptions = preemptions;
    run.known = 0;
    run.result = (model_result){0};
    model_memory_forget();
    do {
        run_once();
        if (!run.result.failed && model_memory_learnt_writers()) { /* see locate_to_read in memory.c */
            run.known = 0;
            run.result = (model_result){0};
        }
    } while (!run.result.failed && (run.result.executions == 0 || advance()));
    return run.result;
}

void model_print_failure(const model_case *explored)
{
    printf("  %s: %s, in execution %llu:\n", explored->name, run.result.reason,
           (unsigned long long)run.result.executions);
    run.tracing = 1;
    run.result = (model_result){0};
    run_once();
    run.tracing = 0;
}
