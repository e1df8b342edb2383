/*
 * A thread has one registration for restartable sequences (rseq), and libc's is there since glibc 2.35: a preloaded library
 * that takes it leaves libc, or another allocator, without. Expected: main and new threads say the same of it as without the
 * shim, and so does the kernel of an attempt to register another.
 */
#include <stddef.h>
#include <sys/syscall.h>

#include "victim.h"

static void *run(void *who) {
  static _Thread_local struct { uint32_t words[8]; } own __attribute__((aligned(32)));
  const unsigned *size = dlsym(RTLD_DEFAULT, "__rseq_size"), *flags = dlsym(RTLD_DEFAULT, "__rseq_flags");
  const ptrdiff_t *offset = dlsym(RTLD_DEFAULT, "__rseq_offset");
  free(malloc(100));
  printf("%s: ", (char *)who);
  if (size) {
    const uint32_t *registered = (const void *)((const char *)__builtin_thread_pointer() + *offset);
    printf("size %u, flags %u, a processor %d, ", *size, *flags, *size && registered[1] < 1u << 16);
  }
  long result = syscall(SYS_rseq, &own, 32, 0, 0x53053053);
  printf("another one: %s\n", result == 0 ? "registered" : strerror(errno));
  return NULL;
}

int main(void) {
  static char name[] = "main", other[] = "a thread";
  run(name);
  join_thread(start_thread(run, other));
  return 0;
}
