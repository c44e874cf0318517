/* What the benchmark is made of. An entry of the matrix is one measurement with a written definition. Its
 * contenders do the same work: the engine, the plain baseline, peers. A round runs each contender once;
 * rounds are interleaved, so that contenders are compared under the same conditions, and tagged with the
 * distance between the cores. A contender does `count` items, checks that the work was done and says how long
 * it took. */
#ifndef BENCH_H
#define BENCH_H
#include <stddef.h>
#include <stdint.h>

#define BENCH_FIGURES_MAX    12
#define BENCH_CONTENDERS_MAX 10
#define BENCH_CORES_MAX      64
#define BENCH_FAILURE_BYTES  160

/* What a figure is of: a time is better when lower, a rate when higher. */
typedef struct bench_figure {
    const char *name;
    const char *unit;
    double scale; /* of the time per item; 0: the trial gives the figure itself */
} bench_figure;

struct bench_trial;
/* Does trial->count items (for a timed entry: runs for that many ns), sets elapsed_ns and, where work was not
 * as it must be, `failure`; or `missing`. */
typedef void (*bench_run)(struct bench_trial *trial);

typedef struct bench_contender {
    const char *name;
    bench_run run;
    const void *what;   /* the implementation or the settings that `run` measures */
    uint32_t parameter; /* whatever distinguishes contenders that share `run` */
} bench_contender;

typedef struct bench_entry {
    const char *name;
    const char *definition;
    const bench_figure *figures;
    uint32_t figure_count;
    uint32_t parameter; /* slots, levels, rate, ... */
    int cores_needed;
    int timed;                                        /* the count of a trial is a time in ns */
    int coarse;                                       /* half the rounds do */
    int details;                                      /* left out of a quick run */
    bench_contender contenders[BENCH_CONTENDERS_MAX]; /* up to the first without a name */
} bench_entry;

/* A documented goal: the entry's first figure of a contender, over that of another of the same rounds, times
 * `factor`; or, against nobody, the figure itself. */
typedef struct bench_goal {
    const char *entry;
    uint32_t figure;
    const char *contender;
    const char *against; /* NULL: absolute */
    double factor;       /* to the unit of the bound */
    double bound;
    int at_least; /* else at most */
    const char *text;
} bench_goal;

typedef struct bench_cores {
    int usable[BENCH_CORES_MAX];
    int count;
    int pair[2]; /* the nearest two; the same one twice where there is but one */
} bench_cores;

typedef struct bench_trial {
    const bench_entry *entry;
    const bench_contender *contender;
    const bench_cores *cores;
    uint64_t count;
    uint64_t elapsed_ns;
    uint64_t waited_ns; /* its threads were kept waiting for a core, all together */
    double figures[BENCH_FIGURES_MAX];
    char failure[BENCH_FAILURE_BYTES]; /* empty: the work was checked */
    char missing[BENCH_FAILURE_BYTES]; /* why it cannot run here; empty: it can */
} bench_trial;

/* The trial's work was wrong: says how. */
void bench_fail(bench_trial *trial, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The contender cannot run here: says why. */
void bench_skip(bench_trial *trial, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Fails the trial unless the two are equal. */
void bench_expect(bench_trial *trial, const char *what, uint64_t found, uint64_t expected);

extern const bench_figure BENCH_NS_AN_ITEM[1];
extern const bench_figure BENCH_M_ITEMS_A_SECOND[1];

/* Keeps the compiler from leaving out what makes `value`. */
static inline void bench_keep(uint64_t value)
{
    __asm__ __volatile__("" ::"r"(value) : "memory");
}

/* The entries of each family, and how many. */
const bench_entry *bench_floors(size_t *count);
const bench_entry *bench_rings(size_t *count);
const bench_entry *bench_parts(size_t *count);
const bench_entry *bench_books(size_t *count);
const bench_entry *bench_floods(size_t *count);
const bench_entry *bench_paced(size_t *count);
const bench_entry *bench_scale(size_t *count);
const bench_entry *bench_memory(size_t *count);
const bench_goal *bench_goals(size_t *count);

#endif
