/* What a test leaves open: descriptors, and mappings of a file. */
#ifndef VX_OPEN_FILES_H
#define VX_OPEN_FILES_H
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "check.h"

static inline int count_descriptors(void)
{
    int count = 0;
    DIR *const list = opendir("/proc/self/fd");
    CHECK(list != NULL);
    while (readdir(list) != NULL)
        count++;
    closedir(list);
    return count;
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
