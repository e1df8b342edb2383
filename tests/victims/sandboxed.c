/*
 * A program that allows itself a few system calls only, as decoders and parsers of hostile data do; any other one
 * kills it. Expected: allocation within the heap needs none of the others, nor does a normal exit.
 */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "victim.h"

static const int allowed[] = {SYS_read,         SYS_write,          SYS_exit,        SYS_exit_group,
                              SYS_futex,        SYS_mmap,           SYS_munmap,      SYS_brk,
                              SYS_madvise,      SYS_mprotect,       SYS_mremap,      SYS_newfstatat,
                              SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn};
#define ALLOWED (sizeof allowed / sizeof *allowed)

static void lock_up(void) {
  struct sock_filter filter[2 * ALLOWED + 2];
  unsigned at = 0;
  filter[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
  for (size_t i = 0; i < ALLOWED; i++) {
    filter[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)allowed[i], 0, 1);
    filter[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  }
  filter[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
  struct sock_fprog program = {.len = (unsigned short)at, .filter = filter};
  CHECK_EQUAL(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
  CHECK_EQUAL(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

int main(int argc, char **argv) {
  void *blocks[1000] = {NULL};
  printf("%s\n", "before");
  fflush(stdout);
  lock_up();
  enter("sandboxed");
  for (size_t i = 0; i < 100000; i++) {
    size_t at = i * 7919 % 1000;
    free(blocks[at]);
    blocks[at] = malloc(i % 1000 ? i % 3000 : 1 << 20);
  }
  for (size_t i = 0; i < 1000; i++) free(blocks[i]);
  leave();
  puts("done");
  fflush(stdout);
  if (argc > 1 && !strcmp(argv[1], "_exit")) _exit(5);
  return 5;
}
