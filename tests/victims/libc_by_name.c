/*
 * Asks libc itself for malloc and free, by name, as `ctypes.CDLL("libc.so.6")` does, and lets blocks cross both ways.
 * Expected: as without the shim.
 */
#include <dlfcn.h>

#include "victim.h"

int main(void) {
  void *libc = dlopen("libc.so.6", RTLD_NOW);
  CHECK(libc != NULL);
  void *(*allocate)(size_t) = (void *(*)(size_t))dlsym(libc, "malloc");
  void *(*resize)(void *, size_t) = (void *(*)(void *, size_t))dlsym(libc, "realloc");
  void (*take_back)(void *) = (void (*)(void *))dlsym(libc, "free");
  CHECK(allocate && resize && take_back);
  for (size_t i = 0; i < 1000; i++) {
    free(resize(allocate(i), i * 2 + 1));
    take_back(resize(malloc(i), i * 2 + 1));
    take_back(strdup("a string"));
  }
  CHECK(dlsym(libc, "no_such_function") == NULL && dlerror() != NULL);
  puts("done");
  return 0;
}
