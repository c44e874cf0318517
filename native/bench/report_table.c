#include <stdio.h>
#include <string.h>

#include "peers/peers.h"
#include "report.h"

static void print_peers(void)
{
    printf("peers:");
    for (int i = 0; i < BENCH_PEERS; i++)
        if (bench_peers[i]->missing == NULL)
            printf(" %s", bench_peers[i]->name);
    printf("\n");
    for (int i = 0; i < BENCH_PEERS; i++)
        if (bench_peers[i]->missing != NULL)
            printf("  without %s: %s\n", bench_peers[i]->name, bench_peers[i]->missing);
}

static void print_machine(const bench_machine *machine)
{
    printf("%s; %s; %s; clock %s %.2f GHz\n", machine->cpu, machine->system, machine->built_by,
           machine->clock, machine->clock_ghz);
    printf(
        "%d usable core%s; nearest two: %d and %d, one line there and back %.0f ns; medians of at least %u "
        "interleaved rounds (least to most)\n",
        machine->cores.count, machine->cores.count == 1 ? "" : "s", machine->cores.pair[0],
        machine->cores.pair[1], machine->ping_pong_ns, machine->plan.rounds);
    print_peers();
}

/* Three significant digits or so. */
static int decimals(double value)
{
    return value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
}

/* The first figure with its spread, the others as medians. */
static void print_contender(const bench_result *result, uint32_t contender)
{
    double values[BENCH_ROUNDS_MAX];
    const bench_entry *const entry = result->entry;
    printf("  %-16s", entry->contenders[contender].name);
    if (result->missing_contender[contender][0] != '\0') {
        printf("  skipped: %s\n", result->missing_contender[contender]);
        return;
    }
    for (uint32_t figure = 0; figure < entry->figure_count; figure++) {
        const size_t count = bench_values(result, contender, figure, values);
        const bench_spread spread = bench_spread_of(values, count);
        if (figure == 0)
            printf(" %9.*f %-3s (%.*f to %.*f)", decimals(spread.median), spread.median,
                   entry->figures[0].unit, decimals(spread.least), spread.least, decimals(spread.most),
                   spread.most);
        else if (spread.most != 0 || figure == 1)
            printf("%s %s %.*f%s%s", figure == 1 ? " " : ",", entry->figures[figure].name,
                   decimals(spread.median), spread.median, entry->figures[figure].unit[0] != '\0' ? " " : "",
                   entry->figures[figure].unit);
    }
    printf("\n");
}

/* The cores' distance over the rounds that count. */
static void print_tags(const bench_result *result)
{
    double least = 0, most = 0;
    for (uint32_t i = 0; i < result->rounds; i++) {
        const bench_round *const round = &result->round[i];
        if (!round->kept)
            continue;
        const double low = round->before_ns < round->after_ns ? round->before_ns : round->after_ns;
        const double high = round->before_ns < round->after_ns ? round->after_ns : round->before_ns;
        least = least == 0 || low < least ? low : least;
        most = high > most ? high : most;
    }
    if (most != 0)
        printf("  [%u of %u rounds, ping-pong %.0f to %.0f ns", result->kept, result->rounds, least, most);
    else
        printf("  [%u rounds", result->kept);
    if (result->disturbed != 0)
        printf(", %u trials disturbed", result->disturbed);
    printf("]");
}

static void print_result(const bench_result *result)
{
    printf("\n%s: %s", result->entry->name, result->entry->definition);
    if (result->missing != NULL) {
        printf("\n  skipped: %s\n", result->missing);
        return;
    }
    print_tags(result);
    printf("\n");
    if (result->failure[0] != '\0') {
        printf("  WORK NOT DONE: %s\n", result->failure);
        return;
    }
    for (uint32_t i = 0; i < result->contenders; i++)
        print_contender(result, i);
    fflush(stdout);
}

static void print_goal(const bench_goal *goal, bench_verdict verdict, const bench_spread *spread)
{
    static const char *const verdicts[] = {"unknown", "met", "MISSED", "unsure"};
    const char *const times = goal->against != NULL || goal->factor != 1 ? "x" : "";
    printf("  %-7s  %s %g%s", verdicts[verdict], goal->at_least ? "at least" : "at most ", goal->bound,
           times);
    if (verdict == BENCH_UNKNOWN)
        printf("  not measured here");
    else
        printf("  is %.*f%s (%.*f to %.*f)", decimals(spread->median), spread->median, times,
               decimals(spread->low), spread->low, decimals(spread->high), spread->high);
    printf("  %s\n", goal->text);
}

static void print_prediction(const bench_prediction *found)
{
    static const char *const stages[VELOX_STAGES] = {"ingress", "book", "bundle", "output"};
    const int slow = found->slowest;
    printf("\nprediction: a core for each stage, busy ns per transaction\n  all on one core:    ");
    for (int i = 0; i < VELOX_STAGES; i++)
        printf(" %s %.2f%s", stages[i], found->alone_ns[i], i + 1 < VELOX_STAGES ? "," : "\n");
    printf("  to another core:     handing on +%.2f, taking over +%.2f (ingress and book of flood.two_cores, "
           "less those above)\n",
           found->handing_ns, found->taking_ns);
    printf("  each on its own:    ");
    for (int i = 0; i < VELOX_STAGES; i++)
        printf(" %s %.2f%s", stages[i], found->apart_ns[i], i + 1 < VELOX_STAGES ? "," : "\n");
    printf("  flood on four cores: 1000 / %.2f (%s) = %.1f M/s", found->apart_ns[slow], stages[slow],
           1000 / found->apart_ns[slow]);
    if (found->ceiling_m > 0 && found->rate_m == found->ceiling_m)
        printf(", at most the %.1f of streamed lines", found->ceiling_m);
    if (found->measured_m > 0)
        printf("; measured here: %.1f M/s, %.2f of it\n", found->measured_m,
               found->measured_m / found->rate_m);
    else
        printf("; not measured here: needs 4 usable cores\n");
}

const bench_report BENCH_TABLE = {print_machine, print_result, print_goal, print_prediction};
