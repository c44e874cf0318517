#include "placement.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

static int contains(const int *cores, int count, int core)
{
    for (int i = 0; i < count; i++)
        if (cores[i] == core)
            return 1;
    return 0;
}

static int count_distinct(const int *cores, int count)
{
    int distinct = 0;
    for (int i = 0; i < count; i++)
        distinct += !contains(cores, i, cores[i]);
    return distinct;
}

/* "0, 1, ..., 7" for a message: ranges, cut where they do not fit. */
static void list_ranges(const int *cores, int count, char *text, size_t room)
{
    size_t used = 0;
    text[0] = '\0';
    for (int i = 0; i < count && used < room;) {
        int last = i;
        while (last + 1 < count && cores[last + 1] == cores[last] + 1)
            last++;
        const char *const comma = i == 0 ? "" : ",";
        const int written = last == i
                                ? snprintf(text + used, room - used, "%s%d", comma, cores[i])
                                : snprintf(text + used, room - used, "%s%d-%d", comma, cores[i], cores[last]);
        used += written > 0 ? (size_t)written : room;
        i = last + 1;
    }
}

/* A decimal number at *text, which is moved past it; -1: none, or too large. */
static int take_number(const char **text)
{
    int number = -1;
    for (; **text >= '0' && **text <= '9'; (*text)++) {
        const int digit = **text - '0';
        if (number > (INT_MAX - 9) / 10)
            return -1;
        number = (number < 0 ? 0 : number) * 10 + digit;
    }
    return number;
}

/* The cores named, at most VELOX_STAGES; their number, or -1 with a message. */
static int parse_cores(const char *text, int *cores, const int *usable, int usable_count, char *error)
{
    char ranges[64];
    int count = 0;
    list_ranges(usable, usable_count, ranges, sizeof ranges);
    for (const char *at = text;; at++) {
        const int core = take_number(&at);
        if (core < 0 || (*at != ',' && *at != '\0')) {
            snprintf(error, VELOX_ERROR_BYTES, "--cores: \"%.60s\" is not a list like 0,1,2,3", text);
            return -1;
        }
        if (!contains(usable, usable_count, core)) {
            snprintf(error, VELOX_ERROR_BYTES, "--cores: core %d is not usable by this process; usable: %s",
                     core, ranges);
            return -1;
        }
        if (count == VELOX_STAGES) {
            snprintf(error, VELOX_ERROR_BYTES,
                     "--cores: more than %d cores named; there is at most one thread a stage", VELOX_STAGES);
            return -1;
        }
        cores[count++] = core;
        if (*at == '\0')
            return count;
    }
}

/* Threading and the number of threads. `named`: cores named, 0 for none. */
static void choose_threads(vx_placement *placement, velox_threading threading, int named, int usable_count)
{
    const int room = named > 0 ? named : usable_count;
    const int spare = named > 0 ? 0 : 1; /* for the console */
    placement->threading = threading;
    if (threading == VELOX_THREADING_AUTO)
        placement->threading = room >= VELOX_STAGES ? VELOX_DEDICATED : VELOX_SHARED;
    placement->threads = room - spare < 1 ? 1 : room - spare;
    if (placement->threading == VELOX_DEDICATED || placement->threads > VELOX_STAGES)
        placement->threads = VELOX_STAGES;
}

/* Stages to threads, threads to cores. */
static void deal(vx_placement *placement, const int *named, int named_count, const int *usable,
                 int usable_count)
{
    const int *const cores = named_count > 0 ? named : usable;
    const int count = named_count > 0 ? named_count : usable_count;
    const int first = named_count == 0 && usable_count > placement->threads;
    for (int i = 0; i < VELOX_STAGES; i++) {
        placement->thread_of_stage[i] = i < placement->threads ? i : placement->threads - 1;
        placement->cores[i] = i < placement->threads ? cores[(first + i) % count] : -1;
    }
    placement->usable_cores = named_count > 0 ? count_distinct(named, named_count) : usable_count;
}

static velox_status choose_wait(vx_placement *placement, velox_wait wait, int named, int usable_count,
                                char *error)
{
    const int threads = placement->threads;
    const int spare = usable_count > threads && placement->usable_cores >= threads;
    placement->wait = wait != VELOX_WAIT_AUTO ? wait : (spare ? VELOX_SPIN : VELOX_BACKOFF);
    if (placement->wait != VELOX_SPIN || threads <= placement->usable_cores)
        return VELOX_OK;
    snprintf(error, VELOX_ERROR_BYTES,
             "--wait spin needs a core per thread: %d threads, %d %s core%s; use --wait yield or --threading "
             "shared",
             threads, placement->usable_cores, named > 0 ? "named" : "usable",
             placement->usable_cores == 1 ? "" : "s");
    return VELOX_NOT_PERMITTED;
}

/* The sentence: what was chosen, and from what it follows. */
static void explain(vx_placement *placement, velox_threading threading, velox_wait wait, int named,
                    int usable_count)
{
    static const char *const waits[] = {"auto", "spin", "yield", "backoff"};
    char cores[40] = "";
    size_t used = 0;
    for (int i = 0; i < placement->threads && used < sizeof cores; i++)
        used += (size_t)snprintf(cores + used, sizeof cores - used, "%s%d", i == 0 ? "" : ",",
                                 placement->cores[i]);
    snprintf(placement->reason, sizeof placement->reason,
             "%d usable core%s: %s%s, %d thread%s on core%s %s%s; wait %s%s", usable_count,
             usable_count == 1 ? "" : "s", placement->threading == VELOX_DEDICATED ? "dedicated" : "shared",
             threading == VELOX_THREADING_AUTO ? "" : " as asked", placement->threads,
             placement->threads == 1 ? "" : "s", placement->threads == 1 ? "" : "s", cores,
             named > 0 ? " as asked" : "", waits[placement->wait],
             wait != VELOX_WAIT_AUTO
                 ? " as asked"
                 : (placement->wait == VELOX_SPIN ? ": a core is to spare" : ": no core is to spare"));
}

velox_status vx_placement_choose(vx_placement *placement, velox_threading threading, velox_wait wait,
                                 const char *cores_text, const int *usable, int usable_count, char *error)
{
    int named[VELOX_STAGES];
    int named_count = 0;
    memset(placement, 0, sizeof *placement);
    if (cores_text != NULL)
        named_count = parse_cores(cores_text, named, usable, usable_count, error);
    if (named_count < 0)
        return VELOX_INVALID_ARGUMENT;
    choose_threads(placement, threading, named_count, usable_count);
    deal(placement, named, named_count, usable, usable_count);
    const velox_status status = choose_wait(placement, wait, named_count, usable_count, error);
    if (status == VELOX_OK)
        explain(placement, threading, wait, named_count, usable_count);
    return status;
}
