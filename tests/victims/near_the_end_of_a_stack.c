/*
 * Coroutines and signal handlers have small stacks: 4 KiB here, and a page below that is not there. Arguments: libraries
 * that nobody has met, which call back. Expected: the first blocks that are allocated by way of them need no more.
 */
#include <sys/mman.h>

#include "other_stack.h"

#define BYTES 4096

static void *(*call_back)(void *(*allocate)(void));

static void *allocate(void) {
  void *block = realloc(malloc(100), 3000);
  __asm__ volatile("" ::: "memory");
  return block;
}

static void run(void) {
  for (int i = 0; i < 100; i++) free(call_back(allocate));
}

static void on_a_small_stack(void) {
  char *stack = mmap(NULL, 3 * BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK_EQUAL(mprotect(stack + BYTES, BYTES, PROT_READ | PROT_WRITE), 0);
  run_on(stack + BYTES, BYTES, run);
  munmap(stack, 3 * BYTES);
}

int main(int argc, char **argv) {
  free(realloc(malloc(10),
               20)); /* the loader's own way to a function that is called the first time takes 2 KiB */
  for (int i = 1; i < argc; i++) {
    void *library = dlopen(argv[i], RTLD_NOW | RTLD_LOCAL);
    CHECK(library != NULL);
    *(void **)&call_back = dlsym(library, "call_back");
    on_a_small_stack();
  }
  puts("done");
  return 0;
}
