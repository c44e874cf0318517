/* Names of what calls return, and the interface's number. */
#include "export.h"
#include "velox.h"

VELOX_EXPORT int velox_interface(void)
{
    return VELOX_INTERFACE;
}

VELOX_EXPORT const char *velox_status_text(int status)
{
    switch ((velox_status)status) {
    case VELOX_OK:
        return "ok";
    case VELOX_INVALID_ARGUMENT:
        return "invalid argument";
    case VELOX_OUT_OF_MEMORY:
        return "out of memory";
    case VELOX_SEGMENT_FULL:
        return "no room for the segment";
    case VELOX_SEGMENT_MISSING:
        return "no such segment";
    case VELOX_SEGMENT_FOREIGN:
        return "not a Velox segment, or a damaged one";
    case VELOX_SEGMENT_NEWER:
        return "segment of a newer layout";
    case VELOX_SEGMENT_TRUNCATED:
        return "truncated segment";
    case VELOX_THREAD_FAILED:
        return "thread could not be created or pinned";
    case VELOX_WRONG_STATE:
        return "not possible in this state";
    case VELOX_INPUT_MISSING:
        return "no such input";
    case VELOX_INPUT_INVALID:
        return "invalid input";
    case VELOX_NOT_PERMITTED:
        return "not permitted";
    case VELOX_TIMED_OUT:
        return "timed out";
    case VELOX_NOT_READY:
        return "nothing complete to read yet";
    case VELOX_OUTPUT_REFUSED:
        return "output refused";
    case VELOX_SEGMENT_REFUSED:
        return "no segment can be created";
    }
    return "unknown status";
}
