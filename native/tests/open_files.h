/* What a test leaves open: descriptors, and mappings of a file. */
#ifndef VX_OPEN_FILES_H
#define VX_OPEN_FILES_H
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "scratch.h"

static inline int count_descriptors(void)
{
    return scratch_count_files("/proc/self/fd");
}

static inline int is_mapped(const char *path)
{
    char line[512];
    int found = 0;
    FILE *const maps = fopen("/proc/self/maps", "r");
    CHECK(maps != NULL);
    while (!found && fgets(line, sizeof line, maps) != NULL)
        found = strstr(line, path) != NULL;
    fclose(maps);
    return found;
}
#endif
