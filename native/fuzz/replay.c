/* Runs a target over the files named, or over those in the folders named: the corpus as a test of every
 * build. */
#include <dirent.h>

#include "fuzz.h"

#define INPUT_BYTES (UINT32_C(1) << 20)

static uint64_t inputs;

static void replay_file(const char *path)
{
    static uint8_t bytes[INPUT_BYTES];
    FILE *const file = fopen(path, "rb");
    PROMISE(file != NULL);
    const size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    /* A block of its own size: a sanitizer sees what is read beyond it. */
    uint8_t *const exact = malloc(size + (size == 0));
    PROMISE(exact != NULL);
    memcpy(exact, bytes, size);
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    inputs++;
}

static void replay(const char *path)
{
    char inner[4096];
    struct stat file;
    PROMISE(stat(path, &file) == 0);
    if (!S_ISDIR(file.st_mode)) {
        replay_file(path);
        return;
    }
    DIR *const directory = opendir(path);
    PROMISE(directory != NULL);
    for (const struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
        snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
        if (entry->d_name[0] != '.')
            replay_file(inner);
    }
    closedir(directory);
}

int main(int count, char **arguments)
{
    for (int i = 1; i < count; i++)
        replay(arguments[i]);
    printf("%llu inputs\n", (unsigned long long)inputs);
    return inputs == 0;
}
