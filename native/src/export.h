/* Marks what the shared library exports; everything else is hidden by -fvisibility=hidden. */
#ifndef VX_EXPORT_H
#define VX_EXPORT_H
#define VELOX_EXPORT __attribute__((visibility("default")))
#endif
