/*
 * An allocator that has free_sized and free_aligned_sized itself may check the sizes, or look nothing up for them.
 * Expected: over lib_sized_free.c it gets each call, with its arguments; the books are as after free.
 */
#include "victim.h"

extern void free_sized(void *block, size_t size) __attribute__((weak));
extern void free_aligned_sized(void *block, size_t alignment, size_t size) __attribute__((weak));

static int calls(const char *name) {
  int (*function)(void) = (int (*)(void))dlsym(RTLD_DEFAULT, name);
  CHECK(function != NULL);
  return function();
}

int main(void) {
  CHECK(free_sized != NULL && free_aligned_sized != NULL);
  enter("sized");
  for (int i = 0; i < 300; i++) free_sized(malloc(100), 100);
  for (int i = 0; i < 200; i++) free_aligned_sized(aligned_alloc(64, 128), 64, 128);
  leave();
  CHECK_EQUAL(calls("sized_calls"), 300);
  CHECK_EQUAL(calls("aligned_sized_calls"), 200);
  check_books("sized", 500, 500);
  puts("done");
  return 0;
}
