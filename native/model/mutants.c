/* Explores every case, then weakens each ordering that the engine's headers ask for, one at a time, and
 * expects some case to fail. An ordering that no case misses is either not modelled or not needed: both are
 * to be mended.
 *
 * model_cases [deep]: with `deep`, or VX_MODEL_DEEP set, at the cases' deeper bounds. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/cases.h"
#include "site.h"

static const model_case *const cases[] = {
    &ring_one_at_a_time,
    &ring_in_spans,
    &ring_end,
    &ring_hand_over,
    &occupancy_fill_and_empty,
    &occupancy_empty_and_fill,
    &occupancy_two_levels,
    &occupancy_three_writers,
    &occupancy_three_writers_of_a_word,
    &book_same_level,
    &book_two_levels,
    &book_two_sides,
    &book_contention,
    &book_reader,
    &counters_in_and_out,
    &segment_version,
    &command_log,
    &stage_settings,
    &stage_finished,
    &stage_heartbeat,
    &heartbeat_pair,
    &journal_ring,
    &journal_finish,
    &pmu_covered,
    &stage_gives_back,
    &stage_cut,
    &stage_end_passed_on,
    &stage_order_book,
    &stage_rejected,
    &stage_blocked,
    &ingress_published,
    &ingress_read,
    &ingress_cut,
    &ingress_end_passed_on,
    &ingress_input,
    &bundle_published,
    &bundle_turn,
    &bundle_gives_back,
    &bundle_read,
    &bundle_cut,
    &bundle_end_passed_on,
    &bundle_end,
    &bundle_idle,
    &output_cut,
    &output_gives_back,
    &output_read,
    &output_latency,
    &output_finished,
    &publish_version,
    &publish_words,
    &publish_stopped,
    &publish_heartbeat,
    &publish_cut,
    &publish_cuts,
    &publish_cut_asked,
    &cut_exact,
    &cut_written_over,
};
#define CASES ((int)(sizeof cases / sizeof *cases))

typedef struct tally {
    int deep;
    int failures;
    uint64_t executions;
    uint8_t uses[CASES][MODEL_SITES]; /* whether the case goes through the site */
} tally;

static int bound(const tally *sums, const model_case *explored)
{
    return sums->deep ? explored->deep_preemptions : explored->preemptions;
}

static void explore_case(tally *sums, int index)
{
    const model_case *const explored = cases[index];
    model_sites_forget_use();
    const model_result result = model_explore(explored, bound(sums, explored));
    const int vacuous = explored->must_see && result.seen == 0;
    char orders[40] = "in every order";
    if (result.failed)
        snprintf(orders, sizeof orders, "until one failed");
    else if (result.bounded)
        snprintf(orders, sizeof orders, "with up to %d preemptions", bound(sums, explored));
    printf("%-6s %9" PRIu64 " executions of %d threads %-26s %s\n",
           result.failed || vacuous ? "FAILED" : "ok", result.executions, explored->threads, orders,
           explored->name);
    if (result.failed)
        model_print_failure(explored);
    else if (vacuous)
        printf("  no execution reached what the case is about\n");
    sums->failures += result.failed || vacuous;
    sums->executions += result.executions;
    for (int i = 0; i < model_site_count(); i++)
        sums->uses[index][i] = model_site_at(i)->used;
}

/* The first case that the mutant fails, or NULL. */
static const model_case *hunt(tally *sums, int site, uint8_t removed)
{
    const model_case *caught = NULL;
    model_site_at(site)->removed = removed;
    for (int i = 0; i < CASES && caught == NULL; i++) {
        if (!sums->uses[i][site])
            continue;
        const model_result result = model_explore(cases[i], bound(sums, cases[i]));
        sums->executions += result.executions;
        if (result.failed)
            caught = cases[i];
    }
    model_site_at(site)->removed = 0;
    return caught;
}

static int weaken(tally *sums, int index)
{
    const model_site *const site = model_site_at(index);
    int mutants = 0;
    for (unsigned removed = 1; removed <= site->order; removed++) {
        if ((removed & ~(unsigned)site->order) != 0)
            continue;
        const model_case *const caught = hunt(sums, index, (uint8_t)removed);
        char place[64];
        snprintf(place, sizeof place, "%s:%d", model_site_file(site), site->line);
        printf("%-6s %-17s %-16s %-34s %s to %s: %s\n", caught ? "ok" : "FAILED", place, site->operation,
               site->location, model_order_name(site->order), model_order_name(site->order & ~removed),
               caught ? caught->name : "NOT CAUGHT");
        sums->failures += caught == NULL;
        mutants++;
    }
    return mutants;
}

int main(int count, char **arguments)
{
    static tally sums;
    sums.deep = (count > 1 && strcmp(arguments[1], "deep") == 0) || getenv("VX_MODEL_DEEP") != NULL;
    for (int i = 0; i < CASES; i++)
        explore_case(&sums, i);
    if (sums.failures != 0)
        return 1;
    int mutants = 0;
    int relaxed = 0;
    const int sites = model_site_count();
    for (int i = 0; i < sites; i++) {
        mutants += weaken(&sums, i);
        relaxed += model_site_at(i)->order == MODEL_RELAXED;
    }
    printf("%d cases, %d mutants of %d sites (%d more are relaxed), %" PRIu64 " executions: %d failed\n",
           CASES, mutants, sites - relaxed, relaxed, sums.executions, sums.failures);
    return sums.failures != 0;
}
