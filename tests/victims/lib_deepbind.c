/*
 * A library that allocates, frees and hands blocks over, for programs that load it with RTLD_DEEPBIND or
 * otherwise.
 *
 * link: -shared -fPIC
 */
#include <stdlib.h>

void *library_allocate(size_t size);
void library_free(void *block);

void *library_allocate(size_t size) {
  return malloc(size);
}

void library_free(void *block) {
  free(block);
}
