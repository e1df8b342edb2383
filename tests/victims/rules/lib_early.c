/*
 * A library that allocates in its constructor, by itself and by wrappers. As one that the program needs, it is
 * initialised before any that is preloaded.
 */
#include <stdlib.h>
#include <string.h>

void *xmalloc(size_t bytes);

enum { EARLY_OWN, EARLY_STRDUP, EARLY_WRAPPER, EARLY_STATIC, EARLY_BLOCKS };
extern void *early_blocks[EARLY_BLOCKS];
void *early_blocks[EARLY_BLOCKS];

static __attribute__((noinline)) void *early_static(size_t bytes) {
  void *block = malloc(bytes);
  __asm__ volatile("" : "+r"(block)); /* no jump: this function is the caller */
  return block;
}

__attribute__((constructor)) static void begin(void) {
  early_blocks[EARLY_OWN] = malloc(100);
  early_blocks[EARLY_STRDUP] = strdup("a text that is copied before main");
  early_blocks[EARLY_WRAPPER] = xmalloc(300);
  early_blocks[EARLY_STATIC] = early_static(400);
}
