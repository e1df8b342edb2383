/*
 * sandbox.c: tests of src/os/sandbox.h: filters as sandboxes have them, and what they do to two system calls.
 */
#include "os/sandbox.h"

#include <criterion/criterion.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#define KILL   BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)
#define ALLOW  BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define REFUSE BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 1)
#define TRAP   BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP)
#define NUMBER BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))
#define THIRD  BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2]))

/* IS(n, yes, no): so many steps on where the accumulator is n, or is not. */
#define IS(number, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), (yes), (no))

/* 1: mprotect is killed, 2: madvise is. */
#define KILLED(...)                                                                                          \
  killed(&(struct sock_fprog){sizeof((struct sock_filter[]){__VA_ARGS__}) / sizeof(struct sock_filter),      \
                              (struct sock_filter[]){__VA_ARGS__}})

static int killed(const struct sock_fprog *filter) {
  return sandbox_filter_kills(filter, SYS_mprotect) | sandbox_filter_kills(filter, SYS_madvise) << 1;
}

Test(sandbox, calls_that_are_not_listed_are_killed_for) {
  cr_assert_eq(KILLED(NUMBER, IS(SYS_read, 0, 1), ALLOW, KILL), 3);
  cr_assert_eq(KILLED(NUMBER, IS(SYS_mprotect, 0, 1), ALLOW, KILL), 2);
  cr_assert_eq(KILLED(NUMBER, IS(SYS_mprotect, 1, 0), IS(SYS_madvise, 0, 1), ALLOW, KILL), 0);
  cr_assert_eq(KILLED(NUMBER, IS(SYS_madvise, 0, 1), KILL, ALLOW), 2);
}

Test(sandbox, who_refuses_does_not_kill_and_a_signal_may) {
  cr_assert_eq(KILLED(REFUSE), 0);
  cr_assert_eq(KILLED(TRAP), 3);
  cr_assert_eq(KILLED(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_THREAD)), 3);
  cr_assert_eq(KILLED(BPF_STMT(BPF_LD | BPF_IMM, SECCOMP_RET_LOG), BPF_STMT(BPF_RET | BPF_A, 0)), 0);
}

Test(sandbox, arguments_and_the_machine_count) {
  struct sock_filter machine = BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
  cr_assert_eq(KILLED(machine, IS(AUDIT_ARCH_X86_64, 2, 0), IS(AUDIT_ARCH_AARCH64, 1, 0), KILL, ALLOW), 0);
  cr_assert_eq(KILLED(THIRD, BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1), KILL, ALLOW), 2,
               "23 has that bit");
  cr_assert_eq(KILLED(THIRD, IS(PROT_READ | PROT_WRITE, 0, 1), KILL, ALLOW), 1);
}

/* Each of these comes to 7. */
Test(sandbox, it_calculates_as_the_kernel_does) {
  struct sock_filter seven = IS(7, 1, 0);
#define COMES_TO_SEVEN(...) cr_assert_eq(KILLED(__VA_ARGS__, seven, KILL, ALLOW), 0)
#define A(number)           BPF_STMT(BPF_LD | BPF_IMM, (number))
#define DO(operation, what) BPF_STMT(BPF_ALU | (operation) | BPF_K, (what))
  COMES_TO_SEVEN(A(3), DO(BPF_ADD, 4));
  COMES_TO_SEVEN(A(3), DO(BPF_SUB, 5), DO(BPF_NEG, 0), DO(BPF_MUL, 3), DO(BPF_OR, 1));
  COMES_TO_SEVEN(A(62), DO(BPF_DIV, 8));
  COMES_TO_SEVEN(A(1), DO(BPF_LSH, 3), DO(BPF_XOR, 15), DO(BPF_AND, 7));
  COMES_TO_SEVEN(A(56), DO(BPF_RSH, 3));
  COMES_TO_SEVEN(A(4), BPF_STMT(BPF_ST, 2), BPF_STMT(BPF_LDX | BPF_MEM, 2), A(3),
                 BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0));
  COMES_TO_SEVEN(A(7), BPF_STMT(BPF_MISC | BPF_TAX, 0), A(1), BPF_STMT(BPF_STX, 0),
                 BPF_STMT(BPF_LD | BPF_MEM, 0));
  COMES_TO_SEVEN(BPF_STMT(BPF_LDX | BPF_IMM, 7), A(1), BPF_STMT(BPF_MISC | BPF_TXA, 0));
  COMES_TO_SEVEN(BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0), DO(BPF_SUB, sizeof(struct seccomp_data) - 7));
  COMES_TO_SEVEN(A(7), BPF_STMT(BPF_JMP | BPF_JA, 1), KILL);
  COMES_TO_SEVEN(A(7), BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 7, 0, 1), KILL);
  COMES_TO_SEVEN(A(7), BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 8, 0, 1), KILL);
}

Test(sandbox, a_filter_without_an_end_kills) {
  cr_assert_eq(KILLED(NUMBER), 3);
  cr_assert_eq(KILLED(NUMBER, BPF_STMT(BPF_JMP | BPF_JA, 100)), 3);
}
