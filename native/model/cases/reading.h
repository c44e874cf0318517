/* Words as any reader has them: by the segment's own reader, which loads backwards what the table describes.
 */
#ifndef MODEL_READING_H
#define MODEL_READING_H
#include <stdint.h>

#define READ_MAX 64
#define NO_STATE UINT32_MAX /* none of the words is the pipeline's state */

/* Loads `count` words that a table describes in this order; `base` lies before all of them. */
void read_described(const void *base, const uint64_t *const words[], uint32_t count, uint32_t state,
                    uint64_t *values);
/* Loads a stage's block as the engine's table describes it; values by word, 0 where there is no row. */
void read_block(const uint64_t *block, int stage, uint64_t *values);
#endif
