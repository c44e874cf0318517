#include "machine.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "clock.h"
#include "ping_pong.h"

/* The first "model name" of /proc/cpuinfo; ARM has none. */
static void name_cpu(char *name, size_t room)
{
    char line[256];
    FILE *const file = fopen("/proc/cpuinfo", "r");
    snprintf(name, room, "unknown CPU");
    if (file == NULL)
        return;
    while (fgets(line, sizeof line, file) != NULL) {
        const char *const colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) != 0 || colon == NULL)
            continue;
        line[strcspn(line, "\n")] = '\0';
        snprintf(name, room, "%s", colon + 2);
        break;
    }
    fclose(file);
}

void bench_machine_look(bench_machine *machine)
{
    static const char *const clocks[] = {"TSC", "CNTVCT", "clock_gettime", "virtual"};
    struct utsname system;
    vx_clock clock;
    memset(machine, 0, sizeof *machine);
    name_cpu(machine->cpu, sizeof machine->cpu);
    if (uname(&system) == 0)
        snprintf(machine->system, sizeof machine->system, "%.20s %.40s %.30s", system.sysname, system.release,
                 system.machine);
    snprintf(machine->built_by, sizeof machine->built_by, "%.90s", BENCH_BUILT_BY);
    vx_clock_init_calibrated(&clock);
    machine->clock = clocks[clock.kind];
    machine->clock_ghz = (double)clock.hz / 1e9;
    bench_cores_choose(&machine->cores);
    machine->ping_pong_ns = bench_ping_pong_ns(machine->cores.pair[0], machine->cores.pair[1]);
}
