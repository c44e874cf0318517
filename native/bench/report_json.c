#include <stdio.h>

#include "peers/peers.h"
#include "report.h"

/* A string of ASCII without quotes, which is all there is but for names of CPUs and reasons. */
static void print_text(const char *name, const char *text)
{
    printf("\"%s\": \"", name);
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            putchar('\\');
        if ((unsigned char)*text >= ' ')
            putchar(*text);
    }
    putchar('"');
}

/* Each peer by name: null when it is here, else why not. */
static void print_peers(void)
{
    printf(", \"peers\": {");
    for (int i = 0; i < BENCH_PEERS; i++) {
        printf("%s", i == 0 ? "" : ", ");
        if (bench_peers[i]->missing != NULL)
            print_text(bench_peers[i]->name, bench_peers[i]->missing);
        else
            printf("\"%s\": null", bench_peers[i]->name);
    }
    printf("}");
}

static void print_machine(const bench_machine *machine)
{
    printf("{\"type\": \"machine\", ");
    print_text("cpu", machine->cpu);
    printf(", ");
    print_text("system", machine->system);
    printf(", ");
    print_text("compiler", machine->built_by);
    printf(", \"clock\": \"%s\", \"clock_ghz\": %.4f, \"usable_cores\": %d, \"pair\": [%d, %d], "
           "\"ping_pong_ns\": %.1f, \"rounds\": %u",
           machine->clock, machine->clock_ghz, machine->cores.count, machine->cores.pair[0],
           machine->cores.pair[1], machine->ping_pong_ns, machine->plan.rounds);
    print_peers();
    printf("}\n");
}

static void print_numbers(const char *name, const double *values, size_t count)
{
    printf(", \"%s\": [", name);
    for (size_t i = 0; i < count; i++)
        printf("%s%.6g", i == 0 ? "" : ", ", values[i]);
    printf("]");
}

static void print_spread(const bench_spread *spread)
{
    printf(", \"median\": %.6g, \"least\": %.6g, \"most\": %.6g, \"low\": %.6g, \"high\": %.6g",
           spread->median, spread->least, spread->most, spread->low, spread->high);
}

static void print_tags(const bench_result *result)
{
    double before[BENCH_ROUNDS_MAX], after[BENCH_ROUNDS_MAX];
    size_t count = 0;
    for (uint32_t i = 0; i < result->rounds; i++) {
        if (!result->round[i].kept)
            continue;
        before[count] = result->round[i].before_ns;
        after[count++] = result->round[i].after_ns;
    }
    printf(", \"rounds\": %u, \"kept\": %u, \"disturbed\": %u", result->rounds, result->kept,
           result->disturbed);
    print_numbers("ping_pong_before_ns", before, count);
    print_numbers("ping_pong_after_ns", after, count);
}

static void print_figure(const bench_result *result, uint32_t contender, uint32_t figure)
{
    double values[BENCH_ROUNDS_MAX], sorted[BENCH_ROUNDS_MAX];
    const bench_entry *const entry = result->entry;
    const size_t count = bench_values(result, contender, figure, values);
    bench_values(result, contender, figure, sorted);
    const bench_spread spread = bench_spread_of(sorted, count);
    printf("{\"type\": \"result\", \"entry\": \"%s\", \"contender\": \"%s\", \"figure\": \"%s\", \"unit\": "
           "\"%s\"",
           entry->name, entry->contenders[contender].name, entry->figures[figure].name,
           entry->figures[figure].unit);
    print_spread(&spread);
    print_numbers("values", values, count);
    print_tags(result);
    printf("}\n");
}

static void print_without(const char *type, const char *entry, const char *contender, const char *reason)
{
    printf("{\"type\": \"%s\", \"entry\": \"%s\", ", type, entry);
    if (contender != NULL)
        printf("\"contender\": \"%s\", ", contender);
    print_text("reason", reason);
    printf("}\n");
}

static void print_result(const bench_result *result)
{
    const bench_entry *const entry = result->entry;
    if (result->missing != NULL)
        print_without("skipped", entry->name, NULL, result->missing);
    else if (result->failure[0] != '\0')
        print_without("failed", entry->name, NULL, result->failure);
    for (uint32_t i = 0; result->missing == NULL && result->failure[0] == '\0' && i < result->contenders;
         i++) {
        if (result->missing_contender[i][0] != '\0')
            print_without("skipped", entry->name, entry->contenders[i].name, result->missing_contender[i]);
        for (uint32_t figure = 0; result->missing_contender[i][0] == '\0' && figure < entry->figure_count;
             figure++)
            print_figure(result, i, figure);
    }
    fflush(stdout);
}

static void print_goal(const bench_goal *goal, bench_verdict verdict, const bench_spread *spread)
{
    static const char *const verdicts[] = {"unknown", "met", "missed", "unsure"};
    printf("{\"type\": \"goal\", \"entry\": \"%s\", \"contender\": \"%s\", ", goal->entry, goal->contender);
    if (goal->against != NULL)
        printf("\"against\": \"%s\", ", goal->against);
    print_text("text", goal->text);
    printf(", \"bound\": %g, \"at_least\": %s, \"verdict\": \"%s\"", goal->bound,
           goal->at_least ? "true" : "false", verdicts[verdict]);
    if (verdict != BENCH_UNKNOWN)
        print_spread(spread);
    printf("}\n");
}

static void print_prediction(const bench_prediction *found)
{
    printf("{\"type\": \"prediction\", \"of\": \"flood on four cores\", \"rate_m\": %.6g, "
           "\"ceiling_m\": %.6g, \"measured_m\": %.6g, \"handing_ns\": %.6g, \"taking_ns\": %.6g",
           found->rate_m, found->ceiling_m, found->measured_m, found->handing_ns, found->taking_ns);
    print_numbers("alone_ns", found->alone_ns, VELOX_STAGES);
    print_numbers("apart_ns", found->apart_ns, VELOX_STAGES);
    printf("}\n");
}

const bench_report BENCH_JSON = {print_machine, print_result, print_goal, print_prediction};
