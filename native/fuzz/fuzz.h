/* What the fuzz targets share. A target is one function over untrusted bytes; it aborts where a promise is
 * broken. libFuzzer calls it with mutated inputs (VELOX_FUZZ), replay.c with those of the corpus, in every
 * build. */
#ifndef VX_FUZZ_H
#define VX_FUZZ_H
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scratch.h"
#include "velox.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#define PROMISE(condition)                                                                                   \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                                  \
            abort();                                                                                         \
        }                                                                                                    \
    } while (0)

/* What is left of an input. */
typedef struct fuzz_bytes {
    const uint8_t *at;
    size_t left;
} fuzz_bytes;

/* The next `width` bytes (up to 8) as a little-endian number; zeros follow the end. */
static inline uint64_t fuzz_number(fuzz_bytes *bytes, unsigned width)
{
    uint64_t number = 0;
    for (unsigned i = 0; i < width && bytes->left > 0; i++, bytes->at++, bytes->left--)
        number |= (uint64_t)*bytes->at << 8 * i;
    return number;
}

/* Copies up to `room` bytes; their number. */
static inline size_t fuzz_copy(fuzz_bytes *bytes, void *to, size_t room)
{
    const size_t count = bytes->left < room ? bytes->left : room;
    memcpy(to, bytes->at, count);
    bytes->at += count;
    bytes->left -= count;
    return count;
}

/* A directory of this process in memory, which goes with it. */
static inline void fuzz_directory(char directory[32])
{
    strcpy(directory, "/dev/shm/velox-fuzz-XXXXXX");
    scratch_directory(directory);
}

/* One line that ends. */
static inline void fuzz_check_message(const char *error)
{
    const size_t length = strnlen(error, VELOX_ERROR_BYTES);
    PROMISE(length > 0 && length < VELOX_ERROR_BYTES);
}
#endif
