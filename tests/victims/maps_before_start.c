/*
 * mmap called before the shim has started: in a constructor of the executable's preinit_array, before any other code of
 * the program, when environment and next definitions are not known yet. Expected: it works, errno as ever.
 */
#include <sys/mman.h>

#include "victim.h"

static void *early;
static int early_errno;

static void begin(void) {
  early = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  early = mremap(early, 8192, 1 << 20, MREMAP_MAYMOVE);
  if (munmap((char *)early + 1, 1) < 0) early_errno = errno;
}

__attribute__((section(".preinit_array"), used)) static void (*const before_all)(void) = begin;

int main(void) {
  CHECK(early && early != MAP_FAILED);
  memset(early, 1, 1 << 20);
  CHECK_EQUAL(early_errno, EINVAL);
  CHECK_EQUAL(munmap(early, 1 << 20), 0);
  free(malloc(1));
  puts("done");
  return 0;
}
