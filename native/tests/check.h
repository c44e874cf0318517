/* The C tests' harness: CHECK stops the program with file, line and both values; RUN names each behaviour. */
#ifndef VX_CHECK_H
#define VX_CHECK_H
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define CHECK(condition)                                                                                     \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                                  \
            exit(1);                                                                                         \
        }                                                                                                    \
    } while (0)

#define CHECK_EQUAL(left, right)                                                                             \
    do {                                                                                                     \
        const int64_t vx_left = (int64_t)(left);                                                             \
        const int64_t vx_right = (int64_t)(right);                                                           \
        if (vx_left != vx_right) {                                                                           \
            fprintf(stderr, "%s:%d: %s is %" PRId64 ", %s is %" PRId64 "\n", __FILE__, __LINE__, #left,      \
                    vx_left, #right, vx_right);                                                              \
            exit(1);                                                                                         \
        }                                                                                                    \
    } while (0)

#define RUN(test)                                                                                            \
    do {                                                                                                     \
        test();                                                                                              \
        printf("ok %s\n", #test);                                                                            \
    } while (0)

#endif
