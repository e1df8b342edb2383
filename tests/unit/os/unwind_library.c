/*
 * unwind_library.c: tests of src/os/unwind_library.c: the rules that it gives, and what it leaves behind.
 * machine: x86_64
 */
#include "os/unwind_library.h"

#include <criterion/criterion.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/own_stack.h"
#include "os/unwind_rule.h"

#define LIBRARY     "libunwind-x86_64.so.8"
#define DESCRIPTORS 1024

static int is_open(int descriptor) {
  return fcntl(descriptor, F_GETFD) >= 0;
}

static int count_open(void) {
  int count = 0;
  for (int i = 0; i < DESCRIPTORS; i++) count += is_open(i);
  return count;
}

Test(unwind_library, leaves_no_descriptor_open) {
  int before = count_open();
  cr_assert_eq(unwind_library_open(LIBRARY), 0);
  cr_assert_eq(count_open(), before);
}

Test(unwind_library, leaves_none_open_of_the_first_three) {
  pid_t child = fork();
  if (child == 0) {
    for (int i = 0; i < 3; i++) close(i);
    int result = unwind_library_open(LIBRARY);
    _exit(result < 0 ? 2 : is_open(0) || is_open(1) || is_open(2));
  }
  int status = 0;
  cr_assert_eq(waitpid(child, &status, 0), child);
  cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%#x", (unsigned)status);
}

/* Local unwinding by the same library, which then wants a pipe: it opens another. */
Test(unwind_library, takes_no_pipe_from_others) {
  cr_assert_eq(unwind_library_open(LIBRARY), 0);
  void *handle = dlopen(LIBRARY, RTLD_NOW | RTLD_NOLOAD);
  cr_assert_not_null(handle);
  int first = dup(2);
  int opened[2];
  cr_assert_geq(first, 0);
  close(first);
  cr_assert_eq(pipe(opened), 0); /* under the numbers that libunwind had */
  cr_assert_eq(write(opened[1], "x", 1), 1);
  unwind_library_ask((uintptr_t)__builtin_return_address(0));
  char byte = 0;
  cr_assert_eq(read(opened[0], &byte, 1), 1, "nobody else has read it");
  cr_assert_eq(byte, 'x');
}

Test(unwind_library, is_missed_without_harm) {
  int before = count_open();
  cr_assert_eq(unwind_library_open("libunwind-of-no-machine.so.8"), -ENOENT);
  cr_assert_null(dlerror(), "no error waits for the program");
  cr_assert_eq(unwind_library_open("libm.so.6"), -ENOTSUP);
  cr_assert_null(dlerror());
  cr_assert_eq(count_open(), before);
}

/* By hand, so that every kind of rule is there; the labels stand after the instructions that they are about. */
extern const char rule_at_entry[], rule_of_push[], rule_after_push[], rule_of_rbp[], rule_of_r12[],
    rule_at_the_end[], rule_of_none[], rule_of_beginning[];
__asm__(".pushsection .text\n"
        ".cfi_startproc\n"
        "nop\n"
        "rule_at_entry:\n"
        "push %rbp\n"
        "rule_of_push:\n" /* what holds from here on is of the next instruction */
        ".cfi_adjust_cfa_offset 8\n"
        ".cfi_rel_offset rbp, 0\n"
        "nop\n"
        "rule_after_push:\n"
        "mov %rsp, %rbp\n"
        ".cfi_def_cfa_register rbp\n"
        "nop\n"
        "rule_of_rbp:\n"
        ".cfi_def_cfa r12, 32\n"
        "nop\n"
        "rule_of_r12:\n"
        ".cfi_undefined rip\n"
        "nop\n"
        "rule_at_the_end:\n"
        ".cfi_endproc\n"
        "nop\n"
        "rule_of_none:\n"
        "nop\n"
        "rule_of_beginning:\n"
        ".cfi_startproc\n"
        "nop\n"
        ".cfi_endproc\n"
        ".popsection\n");

static void expect_rule(const char *return_address, enum unwind_kind kind, uint64_t saved, uint64_t offset) {
  uint64_t rule = unwind_library_ask((uintptr_t)return_address);
  cr_expect_eq(unwind_rule_kind(rule), kind);
  cr_expect_eq(unwind_rule_saved(rule), saved);
  cr_expect_eq(unwind_rule_offset(rule), offset);
}

Test(unwind_library, says_what_the_tables_say) {
  cr_assert_eq(unwind_library_open(LIBRARY), 0);
  expect_rule(rule_at_entry, UNWIND_KIND_SP, 0, 8);
  expect_rule(rule_of_push, UNWIND_KIND_SP, 0, 8);
  expect_rule(rule_after_push, UNWIND_KIND_SP, 2, 16);
  expect_rule(rule_of_rbp, UNWIND_KIND_BP, 2, 16);
  expect_rule(rule_of_r12, UNWIND_KIND_NONE, 0, 0);
  expect_rule(rule_of_beginning, UNWIND_KIND_END, 0, 0);
  expect_rule(rule_at_the_end, UNWIND_KIND_END, 0, 0);
}

Test(unwind_library, guesses_where_no_table_says) {
  cr_assert_eq(unwind_library_open(LIBRARY), 0);
  expect_rule(rule_of_none, UNWIND_KIND_CHAIN, 0, 0);
  char local;
  expect_rule(&local, UNWIND_KIND_CHAIN, 0, 0);
  expect_rule(NULL, UNWIND_KIND_CHAIN, 0, 0);
}

static uint64_t frame_address(uintptr_t argument) {
  cr_assert_eq(argument, 17);
  return (uint64_t)(uintptr_t)__builtin_frame_address(0);
}

Test(own_stack, is_another) {
  uintptr_t here = (uintptr_t)__builtin_frame_address(0);
  cr_assert_lt(here - own_stack_call(frame_address, 17), 4096, "before it is there, on the caller's");
  cr_assert_eq(own_stack_prepare(), 0);
  cr_assert_gt(here - own_stack_call(frame_address, 17), 1 << 20);
  cr_assert_eq(own_stack_prepare(), 0);
}
