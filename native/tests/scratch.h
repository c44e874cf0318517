/* Folders and files of a test that go with its process, however that ends: by exit, by a signal, by SIGKILL.
 */
#ifndef VX_SCRATCH_H
#define VX_SCRATCH_H
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

static inline int scratch_remove_one(const char *path, const struct stat *file, int kind, struct FTW *place)
{
    (void)file;
    (void)kind;
    (void)place;
    remove(path);
    return 0;
}

/* Waits until the last process that holds the pipe's other end is gone, then removes the folder. */
static inline void scratch_watch(const char *directory, int end)
{
    char nothing;
    setsid(); /* signals to the test's process group are not for it */
    for (int stream = 0; stream <= 2; stream++)
        close(stream); /* who reads the test's output waits for its end */
    while (read(end, &nothing, 1) < 0 && errno == EINTR)
        ;
    nftw(directory, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS);
    _exit(0);
}

/* Makes the folder from a template that ends in XXXXXX. The watcher is no child of the caller. To be called
 * before there are threads. */
static inline void scratch_directory(char *directory)
{
    int ends[2];
    CHECK(mkdtemp(directory) != NULL);
    CHECK_EQUAL(pipe2(ends, O_CLOEXEC), 0);
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        close(ends[1]);
        if (fork() == 0)
            scratch_watch(directory, ends[0]);
        _exit(0);
    }
    CHECK_EQUAL(waitpid(child, NULL, 0), child);
    close(ends[0]);
}

/* A folder's entries but for . and .. */
static inline int scratch_count_files(const char *directory)
{
    int count = -2;
    DIR *const list = opendir(directory);
    CHECK(list != NULL);
    while (readdir(list) != NULL)
        count++;
    closedir(list);
    return count;
}

/* The name of a file, not yet made, in a folder of its own. */
static inline void scratch_file(char path[64])
{
    strcpy(path, "/tmp/velox-file-XXXXXX");
    scratch_directory(path);
    strcat(path, "/file");
}
#endif
