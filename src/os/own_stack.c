/*
 * own_stack.c: the stack, and the way there and back.
 */
#include "os/own_stack.h"

#include <errno.h>
#include <stddef.h>

#include "base/compiler.h"
#include "os/memory.h"

#define BYTES ((size_t)64 << 10)

static unsigned char *own_stack; /* NULL: none; its lowest page is the guard */

int own_stack_prepare(void) {
  if (own_stack) return 0;
  unsigned char *memory = memory_map(BYTES);
  if (!memory) return -ENOMEM;
  memory_seal(memory, memory_page_bytes());
  own_stack = memory;
  return 0;
}

#if defined(__x86_64__)

/*
 * The old stack pointer waits in a register that the callee saves. Nothing is pushed on the old stack, so its red zone
 * stays whole; the frame address makes the compiler keep rbp, by which debuggers find their way from one to the other.
 */
static SLOW_PATH uint64_t call_on(unsigned char *top, uint64_t (*function)(uintptr_t), uintptr_t argument) {
  uint64_t result;
  uintptr_t frame = (uintptr_t)__builtin_frame_address(0);
  __asm__ volatile("movq %%rsp, %%rbx\n\t"
                   "movq %[top], %%rsp\n\t"
                   "call *%[function]\n\t"
                   "movq %%rbx, %%rsp"
                   : "=a"(result), [top] "+r"(top), [function] "+r"(function), "+D"(argument), "+S"(frame)
                   :
                   : "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4",
                     "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14",
                     "xmm15", "cc", "memory");
  return result;
}

uint64_t own_stack_call(uint64_t (*function)(uintptr_t argument), uintptr_t argument) {
  return own_stack ? call_on(own_stack + BYTES, function, argument) : function(argument);
}

#else

uint64_t own_stack_call(uint64_t (*function)(uintptr_t argument), uintptr_t argument) {
  return function(argument);
}

#endif
