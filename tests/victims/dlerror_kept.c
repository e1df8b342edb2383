/*
 * What a failed dlopen has to say is still there after functions of the allocator that are seldom called. Expected: as
 * without the shim, which looks up what lies below it, and must not take the program's words away.
 */
#include <malloc.h>

#include "victim.h"

extern void __libc_free(void *block);

static void expect_words(const char *after) {
  const char *words = dlerror();
  if (!words) printf("none after %s\n", after);
  CHECK(words && strstr(words, "/no/such.so"));
}

int main(void) {
  void *block = malloc(10);
  dlopen("/no/such.so", RTLD_NOW);
  malloc_trim(0);
  expect_words("malloc_trim");
  dlopen("/no/such.so", RTLD_NOW);
  struct mallinfo2 info = mallinfo2();
  expect_words("mallinfo2");
  dlopen("/no/such.so", RTLD_NOW);
  __libc_free(NULL);
  expect_words("__libc_free");
  free(block);
  puts(info.arena + info.hblkhd > 0 ? "done" : "no heap");
  return 0;
}
