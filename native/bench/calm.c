#include "calm.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* schedstat: time on a core, time waiting for one, number of turns. */
bench_turns bench_turns_of(uint64_t thread)
{
    bench_turns turns = {0, 0};
    char path[64];
    char text[96];
    char *end;
    if (thread == 0)
        snprintf(path, sizeof path, "/proc/thread-self/schedstat");
    else
        snprintf(path, sizeof path, "/proc/self/task/%llu/schedstat", (unsigned long long)thread);
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return turns;
    const ssize_t length = read(file, text, sizeof text - 1);
    close(file);
    text[length > 0 ? length : 0] = '\0';
    turns.ran_ns = strtoull(text, &end, 10);
    turns.waited_ns = strtoull(end, NULL, 10);
    return turns;
}
