/* velox-bench: this machine's figures beside the documented goals and the machine's own limits. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe.h"
#include "progress.h"
#include "report.h"

#define OK          0
#define USAGE       2
#define NOT_DONE    70 /* some work was not as it must be */
#define ENTRIES_MAX 128

#define ROUNDS         9
#define ROUNDS_QUICK   5
#define SPARE_SECONDS  26 /* for a second of a whole pipeline in every round */
#define TRIAL_NS       UINT64_C(20000000)
#define TRIAL_NS_QUICK UINT64_C(5000000)
#define TIMED_NS       UINT64_C(1000000000)
#define TIMED_NS_QUICK UINT64_C(250000000)

static const char HELP[] =
    "usage: velox-bench [--quick] [--only NAME]... [--json] [--list] [--rounds N] [--trial-ms T]\n"
    "\n"
    "Measures the engine beside a plain baseline and the peers it was built with, and prints each figure "
    "(the\n"
    "median of interleaved rounds, with least and most), then the documented goals and whether they are "
    "met.\n"
    "\n"
    "  --quick       the essential entries in a minute\n"
    "  --only NAME   this entry, or all whose names begin so: ring, ring.one, book.mixed\n"
    "  --json        one JSON object a line in place of the table\n"
    "  --list        the entries and their definitions; measures nothing\n"
    "  --probe       what velox-tui doctor wants measured, as one JSON object\n"
    "  --rounds N    rounds of each entry (9; quick 5)\n"
    "  --trial-ms T  length of a trial (20; quick 5), 50 times that of a whole pipeline\n"
    "\n"
    "exit codes: 0 measured; 2 usage; 70 work was not done as it must be\n";

typedef struct options {
    const char *only[ENTRIES_MAX];
    int only_count;
    int quick, json, list, help, probe;
    bench_plan plan;
} options;

typedef struct matrix {
    const bench_entry *entries[ENTRIES_MAX];
    uint32_t count;
} matrix;

static int is_chosen(const options *options, const bench_entry *entry)
{
    for (int i = 0; i < options->only_count; i++) {
        const size_t length = strlen(options->only[i]);
        if (strncmp(entry->name, options->only[i], length) == 0 &&
            (entry->name[length] == '\0' || entry->name[length] == '.'))
            return 1;
    }
    return options->only_count == 0 && !(options->quick && entry->details);
}

static void choose(const options *options, matrix *chosen)
{
    static const bench_entry *(*const families[])(size_t *) = {bench_floors, bench_parts,  bench_books,
                                                               bench_rings,  bench_floods, bench_paced,
                                                               bench_scale,  bench_memory};
    chosen->count = 0;
    for (size_t family = 0; family < sizeof families / sizeof families[0]; family++) {
        size_t count;
        const bench_entry *const entries = families[family](&count);
        for (size_t i = 0; i < count; i++)
            if (chosen->count < ENTRIES_MAX && is_chosen(options, &entries[i]))
                chosen->entries[chosen->count++] = &entries[i];
    }
}

/* A positive number; 0: it is none. */
static unsigned long number(const char *text)
{
    char *end;
    const unsigned long value = strtoul(text, &end, 10);
    return *end == '\0' && text[0] != '-' ? value : 0;
}

/* Takes an option with its value, where it is one; false: it is none, or its value is wrong. */
static int take_value(options *options, const char *name, const char *value)
{
    if (strcmp(name, "--only") == 0 && options->only_count < ENTRIES_MAX) {
        options->only[options->only_count++] = value;
        return 1;
    }
    const unsigned long wanted = number(value);
    if (strcmp(name, "--rounds") == 0 && wanted >= 1 && wanted <= BENCH_ROUNDS_MAX) {
        options->plan.rounds = (uint32_t)wanted;
        return 1;
    }
    if (strcmp(name, "--trial-ms") == 0 && wanted >= 1 && wanted <= 60000) {
        options->plan.trial_ns = wanted * 1000000;
        options->plan.timed_ns = wanted * 50000000;
        return 1;
    }
    return 0;
}

static int parse(int count, char **arguments, options *options)
{
    memset(options, 0, sizeof *options);
    for (int i = 1; i < count; i++) {
        if (strcmp(arguments[i], "--quick") == 0)
            options->quick = 1;
        else if (strcmp(arguments[i], "--json") == 0)
            options->json = 1;
        else if (strcmp(arguments[i], "--list") == 0)
            options->list = 1;
        else if (strcmp(arguments[i], "--probe") == 0)
            options->probe = 1;
        else if (strcmp(arguments[i], "--help") == 0)
            options->help = 1;
        else if (i + 1 < count && take_value(options, arguments[i], arguments[i + 1]))
            i++;
        else {
            fprintf(stderr, "velox-bench: what is %s? See --help.\n", arguments[i]);
            return 0;
        }
    }
    bench_plan *const plan = &options->plan;
    plan->rounds = plan->rounds != 0 ? plan->rounds : options->quick ? ROUNDS_QUICK : ROUNDS;
    plan->timed_ns = plan->timed_ns != 0 ? plan->timed_ns : options->quick ? TIMED_NS_QUICK : TIMED_NS;
    plan->spare_ns = SPARE_SECONDS * plan->rounds * plan->timed_ns;
    plan->trial_ns = plan->trial_ns != 0 ? plan->trial_ns : options->quick ? TRIAL_NS_QUICK : TRIAL_NS;
    return 1;
}

static int list(const matrix *chosen)
{
    for (uint32_t i = 0; i < chosen->count; i++)
        printf("%-28s %s\n", chosen->entries[i]->name, chosen->entries[i]->definition);
    return OK;
}

static void judge(const matrix *chosen, const bench_result *results, const options *options)
{
    size_t count;
    const bench_goal *const goals = bench_goals(&count);
    int headed = options->json;
    for (size_t goal = 0; goal < count; goal++)
        for (uint32_t i = 0; i < chosen->count; i++) {
            bench_spread spread;
            if (strcmp(chosen->entries[i]->name, goals[goal].entry) != 0)
                continue;
            if (!headed)
                printf("\ngoals, as ratios paired round by round (95 %% interval of the median); met when it "
                       "reaches the "
                       "goal to within 10 %%\n");
            headed = 1;
            const bench_verdict verdict = bench_judge(&goals[goal], &results[i], &spread);
            (options->json ? &BENCH_JSON : &BENCH_TABLE)->goal(&goals[goal], verdict, &spread);
        }
}

static uint64_t trials(const matrix *chosen, const options *options, uint32_t until)
{
    uint64_t count = 0;
    for (uint32_t i = 0; i < until; i++)
        count += bench_contender_count(chosen->entries[i]) * bench_rounds(chosen->entries[i], &options->plan);
    return count;
}

static int measure(const matrix *chosen, const options *options)
{
    const bench_report *const report = options->json ? &BENCH_JSON : &BENCH_TABLE;
    bench_machine machine;
    bench_progress progress;
    int code = OK;
    bench_result *const results = calloc(chosen->count, sizeof *results);
    if (results == NULL)
        return NOT_DONE;
    bench_machine_look(&machine);
    machine.plan = options->plan;
    report->machine(&machine);
    bench_progress_begin(&progress, trials(chosen, options, chosen->count));
    for (uint32_t i = 0; i < chosen->count; i++) {
        bench_progress_at(&progress, chosen->entries[i]->name, trials(chosen, options, i));
        bench_run_entry(chosen->entries[i], &machine.cores, &machine.plan, &results[i], bench_progress_tick,
                        &progress);
        bench_progress_clear(&progress);
        report->result(&results[i]);
        code = results[i].failure[0] != '\0' ? NOT_DONE : code;
    }
    bench_prediction prediction;
    if (bench_predict(results, chosen->count, &prediction))
        report->prediction(&prediction);
    judge(chosen, results, options);
    free(results);
    return code;
}

int main(int count, char **arguments)
{
    options options;
    matrix chosen;
    if (!parse(count, arguments, &options))
        return USAGE;
    if (options.help) {
        fputs(HELP, stdout);
        return OK;
    }
    if (options.probe)
        return bench_probe();
    choose(&options, &chosen);
    if (chosen.count == 0) {
        fprintf(stderr, "velox-bench: no entry is named %s; see --list\n", options.only[0]);
        return USAGE;
    }
    return options.list ? list(&chosen) : measure(&chosen, &options);
}
