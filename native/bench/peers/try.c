/* A whole program with one peer in it, for the build to try; never run. */
#include "peers.h"

int main(void)
{
    return BENCH_TRIED.name == 0;
}
