/* The builder's cold part. */
#include "bundle.h"

void vx_builder_init(vx_builder *builder, uint32_t bundle_max, uint64_t timeout_ns)
{
    *builder =
        (vx_builder){.deadline_ns = VX_NO_DEADLINE, .timeout_ns = timeout_ns, .bundle_max = bundle_max};
}
