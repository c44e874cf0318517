/* What `velox-tui doctor` wants measured. */
#ifndef BENCH_PROBE_H
#define BENCH_PROBE_H

/* Prints one JSON object: the clock in use, the distance of every pair among the first usable cores, and the
 * delays of sleeping, waking and being stopped. Takes about half a second; 0. */
int bench_probe(void);

#endif
