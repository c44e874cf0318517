/* The CPU quota of the control group that the process runs in (containers), versions 1 and 2. */
#ifndef VX_CGROUP_H
#define VX_CGROUP_H

/* Whole cores that the tightest quota of the process's group and of those above it pays for, rounded up; 0:
 * no quota. What cannot be read sets none. `root` is put before every path: "", or in tests a directory with
 * a made-up system. */
int vx_cgroup_cores(const char *root);
#endif
