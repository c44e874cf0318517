/* A switch saves what the calling convention says a callee must keep, and exchanges stack pointers: a hundred
 * times faster than swapcontext, which makes a system call for the signal mask. Other machines get
 * swapcontext. */
#include "context.h"

#include <stdint.h>
#include <string.h>

#if defined(__x86_64__) && defined(__ELF__)

/* Saved, from the stack pointer up: r15 r14 r13 r12 rbx rbp, return address. */
__asm__(".text\n"
        ".globl model_context_switch\n"
        ".type model_context_switch, @function\n"
        "model_context_switch:\n"
        "  pushq %rbp\n  pushq %rbx\n  pushq %r12\n  pushq %r13\n  pushq %r14\n  pushq %r15\n"
        "  movq %rsp, (%rdi)\n"
        "  movq %rsi, %rsp\n"
        "  popq %r15\n  popq %r14\n  popq %r13\n  popq %r12\n  popq %rbx\n  popq %rbp\n"
        "  ret\n"
        ".size model_context_switch, . - model_context_switch\n"
        ".globl model_context_start\n"
        ".type model_context_start, @function\n"
        "model_context_start:\n"
        "  movq %r12, %rdi\n"
        "  callq *%r13\n"
        "  ud2\n"
        ".size model_context_start, . - model_context_start\n");
void model_context_start(void);

model_context *model_context_make(void *stack, void (*entry)(void *), void *argument)
{
    uint64_t *const top = (uint64_t *)((char *)stack + MODEL_STACK_BYTES) - 9;
    memset(top, 0, 9 * sizeof *top);
    top[2] = (uint64_t)(uintptr_t)entry;               /* r13 */
    top[3] = (uint64_t)(uintptr_t)argument;            /* r12 */
    top[6] = (uint64_t)(uintptr_t)model_context_start; /* finds the stack 16-aligned, as its call needs */
    return (model_context *)top;
}

#elif defined(__aarch64__) && defined(__ELF__)

/* Saved, from the stack pointer up: x19 … x30, d8 … d15. */
__asm__(".text\n"
        ".globl model_context_switch\n"
        ".type model_context_switch, %function\n"
        "model_context_switch:\n"
        "  sub sp, sp, #160\n"
        "  stp x19, x20, [sp, #0]\n  stp x21, x22, [sp, #16]\n  stp x23, x24, [sp, #32]\n"
        "  stp x25, x26, [sp, #48]\n  stp x27, x28, [sp, #64]\n  stp x29, x30, [sp, #80]\n"
        "  stp d8, d9, [sp, #96]\n  stp d10, d11, [sp, #112]\n"
        "  stp d12, d13, [sp, #128]\n  stp d14, d15, [sp, #144]\n"
        "  mov x9, sp\n  str x9, [x0]\n  mov sp, x1\n"
        "  ldp x19, x20, [sp, #0]\n  ldp x21, x22, [sp, #16]\n  ldp x23, x24, [sp, #32]\n"
        "  ldp x25, x26, [sp, #48]\n  ldp x27, x28, [sp, #64]\n  ldp x29, x30, [sp, #80]\n"
        "  ldp d8, d9, [sp, #96]\n  ldp d10, d11, [sp, #112]\n"
        "  ldp d12, d13, [sp, #128]\n  ldp d14, d15, [sp, #144]\n"
        "  add sp, sp, #160\n"
        "  ret\n"
        ".size model_context_switch, . - model_context_switch\n"
        ".globl model_context_start\n"
        ".type model_context_start, %function\n"
        "model_context_start:\n"
        "  mov x0, x19\n"
        "  blr x20\n"
        "  brk #1\n"
        ".size model_context_start, . - model_context_start\n");
void model_context_start(void);

model_context *model_context_make(void *stack, void (*entry)(void *), void *argument)
{
    uint64_t *const top = (uint64_t *)((char *)stack + MODEL_STACK_BYTES) - 20;
    memset(top, 0, 20 * sizeof *top);
    top[0] = (uint64_t)(uintptr_t)argument;             /* x19 */
    top[1] = (uint64_t)(uintptr_t)entry;                /* x20 */
    top[11] = (uint64_t)(uintptr_t)model_context_start; /* x30 */
    return (model_context *)top;
}

#else
#include <ucontext.h>

/* The flow's own ucontext and its entry lie at the foot of its stack; the explorer's lie in `outer`. */
struct model_context {
    ucontext_t registers;
    void (*entry)(void *);
    void *argument;
};
static model_context outer, *running = &outer;

static void start(void)
{
    running->entry(running->argument);
}

model_context *model_context_make(void *stack, void (*entry)(void *), void *argument)
{
    model_context *const made = stack;
    getcontext(&made->registers);
    made->registers.uc_stack.ss_sp = made + 1;
    made->registers.uc_stack.ss_size = MODEL_STACK_BYTES - sizeof *made;
    made->registers.uc_link = NULL;
    made->entry = entry;
    made->argument = argument;
    makecontext(&made->registers, start, 0);
    return made;
}

void model_context_switch(model_context **from, model_context *to)
{
    model_context *const self = running;
    *from = self;
    running = to;
    swapcontext(&self->registers, &to->registers);
}
#endif
