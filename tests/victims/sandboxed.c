/*
 * A program that allows itself a few system calls only, as decoders and parsers of hostile data do; any other one
 * kills it. Expected: allocation within the heap needs none of the others, nor does a normal exit. With a second argument
 * it may read, write and end: `strictly` asks for no more than the heap has already, `frees` gives it all back.
 */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>

#include "victim.h"

/* The first four are those of who is strict. */
static const int allowed[] = {SYS_read,         SYS_write,          SYS_exit,        SYS_exit_group,
                              SYS_futex,        SYS_mmap,           SYS_munmap,      SYS_brk,
                              SYS_madvise,      SYS_mprotect,       SYS_mremap,      SYS_newfstatat,
                              SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn};
#define ALLOWED (sizeof allowed / sizeof *allowed)
#define STRICT  4

static void lock_up(size_t count) {
  struct sock_filter filter[2 * ALLOWED + 2];
  unsigned at = 0;
  filter[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
  for (size_t i = 0; i < count; i++) {
    filter[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)allowed[i], 0, 1);
    filter[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  }
  filter[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
  struct sock_fprog program = {.len = (unsigned short)at, .filter = filter};
  CHECK_EQUAL(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
  CHECK_EQUAL(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

static void work(size_t largest) {
  void *blocks[1000] = {NULL};
  enter("sandboxed");
  for (size_t i = 0; i < 100000; i++) {
    size_t at = i * 7919 % 1000;
    free(blocks[at]);
    blocks[at] = malloc(i % 1000 ? i % 3000 : largest);
    CHECK(blocks[at] != NULL);
  }
  for (size_t i = 0; i < 1000; i++) free(blocks[i]);
  leave();
}

/* For a while, which the heap may find long enough to give back what it has. */
static void idle(void) {
  struct timespec start, now;
  clock_gettime(CLOCK_MONOTONIC, &start);
  do {
    for (int i = 0; i < 10000; i++) free(malloc(100));
    clock_gettime(CLOCK_MONOTONIC, &now);
  } while ((now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000 < 50);
}

int main(int argc, char **argv) {
  int is_strict = argc > 2, frees = is_strict && !strcmp(argv[2], "frees");
  void *held[100];
  printf("%s\n", "before");
  fflush(stdout);
  if (is_strict) {
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    free(malloc(8 << 20)); /* libc keeps it: no two runs come to the same places */
    for (int i = 0; i < 100; i++) held[i] = memset(malloc(20000), 1, 20000);
    work(5000);
  }
  lock_up(is_strict ? STRICT : ALLOWED);
  for (int i = 0; frees && i < 100; i++) free(held[i]);
  if (frees)
    idle();
  else
    work(is_strict ? 5000 : 1 << 20);
  puts("done");
  fflush(stdout);
  if (argc > 1 && !strcmp(argv[1], "_exit")) _exit(5);
  return 5;
}
