/*
 * Blocks come from all kinds of code: below variable-length arrays, realigned frames, tail calls, nested functions, ends of
 * functions that never return, a hundred thousand frames, and rbp with anything in it. Expected: nothing of it is noticed.
 * machine: x86_64
 */
#include <alloca.h>
#include <setjmp.h>
#include <sys/mman.h>

#include "victim.h"

#define NOINLINE __attribute__((noinline))
#define KEEP     __asm__ volatile("" ::: "memory")

static void *last;
static jmp_buf back;

NOINLINE static void allocate(void) {
  free(last);
  last = malloc(100);
  KEEP;
}

NOINLINE static void variable_length(size_t bytes) {
  volatile char *some = alloca(bytes);
  some[0] = 1;
  allocate();
  some[1] = some[0];
}

NOINLINE static void realigned(size_t bytes) {
  volatile char some[100] __attribute__((aligned(64)));
  volatile char *more = alloca(bytes);
  some[0] = more[0] = 1;
  allocate();
  some[1] = more[0] + some[0];
}

NOINLINE static void ends_in_jump(void) {
  allocate();
}

NOINLINE __attribute__((noreturn)) static void never_returns(void) {
  allocate();
  longjmp(back, 1);
}

NOINLINE __attribute__((noreturn)) static void ends_in_call(void) {
  never_returns();
}

NOINLINE static int deep(int frames) {
  int below = frames > 0 ? deep(frames - 1) : 0;
  if (frames % 1000 == 0) allocate();
  KEEP;
  return below + 1;
}

/* Without tables, and rbp is whatever it was given. */
__asm__(
    "bare:\npushq %rbp\nmovq %rdi, %rbp\ncall *%rsi\npopq %rbp\nret\n"
    /* Tables that say nothing of rbp, which is changed. */
    "silent:\n.cfi_startproc\npushq %rbp\n.cfi_adjust_cfa_offset 8\nmovq %rdi, %rbp\ncall *%rsi\npopq %rbp\n"
    ".cfi_adjust_cfa_offset -8\nret\n.cfi_endproc\n"
    /* Tables that are wrong: the frame is larger. */
    "wrong:\n.cfi_startproc\npushq %rbp\nmovq %rdi, %rbp\nsubq $0x100, %rsp\ncall *%rsi\naddq $0x100, %rsp\n"
    "popq %rbp\nret\n.cfi_endproc\n"
    /* Tables that lead out of the stack. */
    "far_away:\n.cfi_startproc\n.cfi_def_cfa_offset 1000000\npushq %rbp\nmovq %rdi, %rbp\ncall *%rsi\n"
    "popq %rbp\nret\n.cfi_endproc\n"
    /* Tables by rbp, which holds anything. */
    "by_rbp:\n.cfi_startproc\n.cfi_def_cfa 6, 16\npushq %rbp\nmovq %rdi, %rbp\ncall *%rsi\npopq %rbp\nret\n"
    ".cfi_endproc\n");
typedef void assembled(uintptr_t rbp, void (*function)(void));
assembled bare, silent, wrong, far_away, by_rbp;

static void anything_in_rbp(assembled *function) {
  uintptr_t here = (uintptr_t)__builtin_frame_address(0);
  for (int i = 0; i < 64; i++) function(UINT64_C(1) << i, allocate);
  for (int i = -300; i < 3000; i++) function(here + (uintptr_t)(i * 8), allocate);
  for (int i = 0; i < 16; i++) function(here + (uintptr_t)i, allocate);
  for (int i = 10; i < 30; i++) function(here + (UINT64_C(1) << i), allocate);
  for (int i = 10; i < 30; i++) function(here - (UINT64_C(1) << i), allocate);
  function((uintptr_t)&last, allocate);
  function((uintptr_t)allocate, allocate);
  function(UINTPTR_MAX, allocate);
}

/* A function within one, whose frame another one finds by way of code on the stack. */
static int compare_in_heap(const void *a, const void *b) {
  allocate();
  return *(const int *)a - *(const int *)b;
}

static void *all(void *nothing) {
  for (int round = 0; round < 3; round++) {
    for (size_t bytes = 1; bytes < 20000; bytes = bytes * 3 + 1) {
      variable_length(bytes);
      realigned(bytes);
    }
    ends_in_jump();
    if (setjmp(back) == 0) ends_in_call();
    anything_in_rbp(bare);
    anything_in_rbp(silent);
    anything_in_rbp(wrong);
    anything_in_rbp(far_away);
    anything_in_rbp(by_rbp);
    int numbers[50];
    for (int i = 0; i < 50; i++) numbers[i] = i * 7919 % 50;
    qsort(numbers, 50, sizeof *numbers, compare_in_heap);
  }
  return nothing;
}

int main(void) {
  all(NULL);
  CHECK_EQUAL(deep(100000), 100001);
  join_thread(start_thread(all, NULL));
  free(last);
  puts("done");
  return 0;
}
