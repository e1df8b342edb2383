/*
 * Code that a compiler has made at run time, without unwind tables, uses rbp for what it likes. Expected: wherever that
 * points, into a stack that was there a moment ago, say, it is not followed to where nothing is.
 */
#include <sys/mman.h>

#include "other_stack.h"

#define LARGE ((size_t)64 << 10)
#define SMALL ((size_t)16 << 10)

static char *place;
static void *(*allocate)(uintptr_t fp, size_t size);

/* push rbp; mov rbp, rdi; mov rdi, rsi; mov rax, malloc; call rax; pop rbp; ret */
static void make_code(void) {
  unsigned char code[] = {0x55, 0x48, 0x89, 0xfd, 0x48, 0x89, 0xf7, 0x48, 0xb8, 0,   0,
                          0,    0,    0,    0,    0,    0,    0xff, 0xd0, 0x5d, 0xc3};
  void *(*function)(size_t) = malloc;
  memcpy(code + 9, &function, 8);
  char *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memcpy(memory, code, sizeof code);
  CHECK_EQUAL(mprotect(memory, 4096, PROT_READ | PROT_EXEC), 0);
  allocate = (void *(*)(uintptr_t, size_t))(uintptr_t)memory;
}

__attribute__((noinline)) static void deep(int frames) {
  volatile char some[1000];
  some[0] = 1;
  if (frames > 0)
    deep(frames - 1);
  else
    free(malloc(100));
  some[1] = some[0];
}

static void run_deep(void) {
  deep(55);
}

static void run_code(void) {
  uintptr_t here = (uintptr_t)__builtin_frame_address(0);
  for (uintptr_t fp = here & -8UL; fp < (uintptr_t)place + LARGE + 8192; fp += 512) free(allocate(fp, 100));
  for (int i = 0; i < 64; i++) free(allocate(UINT64_C(1) << i, 100));
  free(allocate(UINTPTR_MAX, 100));
  free(allocate((uintptr_t)-16, 100));
}

static void map(size_t bytes) {
  munmap(place, LARGE);
  CHECK_EQUAL(mmap(place, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
              place);
}

int main(void) {
  place = (char *)mmap(NULL, 4 * LARGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) + LARGE;
  make_code();
  run_code(); /* on the main stack */
  for (int i = 0; i < 10; i++) {
    map(LARGE);
    run_on(place, LARGE, run_deep);
    map(SMALL);
    run_on(place, SMALL, run_code);
  }
  puts("done");
  return 0;
}
