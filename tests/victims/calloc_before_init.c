/*
 * dlsym allocates with calloc while a shim looks up the next calloc: recursion without end, or a pool that is
 * too small, unaligned or forgotten when its blocks are freed. Expected: the very first request of a program,
 * by any entry point, is served from the next allocator, zeroed and aligned; a failed dlsym before all else
 * harms nothing.
 */
#include <malloc.h>

#include "victim.h"

static void *first[5];

static void preinit(int argc, char **argv, char **environment) {
  (void)argv, (void)environment;
  if (argc < 2) return;
  switch (argc) {
  case 2:
    CHECK(dlsym(RTLD_NEXT, "no_such_symbol") == NULL && dlerror() != NULL);
    break;
  case 3:
    first[0] = memalign(4096, 1);
    CHECK((uintptr_t)first[0] % 4096 == 0);
    break;
  case 4:
    first[0] = realloc(NULL, 10);
    break;
  case 5:
    CHECK_EQUAL(malloc_usable_size(NULL), 0);
    free(NULL);
    break;
  }
  first[1] = calloc(1, 100000);
  for (int i = 0; i < 100000; i++) CHECK(((char *)first[1])[i] == 0);
}
__attribute__((section(".preinit_array"), used)) static void (*const at_preinit)(int, char **,
                                                                                 char **) = preinit;

int main(void) {
  first[2] = realloc(first[1], 200000);
  CHECK(first[2] != NULL);
  free(first[2]);
  free(first[0]);
  printf("done\n");
  return 0;
}
