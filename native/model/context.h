/* Coroutines: the threads of the explored program, all on one thread of the machine. */
#ifndef VX_MODEL_CONTEXT_H
#define VX_MODEL_CONTEXT_H
#include <stddef.h>

#define MODEL_STACK_BYTES 65536

/* A suspended flow of control: where its registers lie. */
typedef struct model_context model_context;

/* A new flow that will call entry(argument) on `stack` (MODEL_STACK_BYTES, 16-aligned) when first switched
 * to; entry never returns. It lies on the stack itself: nothing to free. */
model_context *model_context_make(void *stack, void (*entry)(void *), void *argument);
/* Suspends the caller into *from and resumes `to`. */
void model_context_switch(model_context **from, model_context *to);

#endif
