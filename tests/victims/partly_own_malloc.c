/*
 * A program that defines malloc and free but neither calloc nor memalign: the shim's own would hand out blocks that
 * the program's free does not know, as libc's do without the shim. Expected: nothing is different; passive.
 */
#include <malloc.h>

#include "victim.h"

static _Alignas(16) unsigned char heap[16 << 20];
static size_t used;

void *malloc(size_t size) {
  size_t at = __atomic_fetch_add(&used, (size + 15) & ~(size_t)15, __ATOMIC_RELAXED);
  CHECK(at + size <= sizeof heap);
  return heap + at;
}

void free(void *block) {
  (void)block; /* never gives back, so it may be given anything */
}

int main(void) {
  for (size_t i = 1; i < 1000; i++) {
    unsigned char *own = malloc(i), *aligned = memalign(4096, i), *cleared = calloc(1, i);
    CHECK(own >= heap && own < heap + sizeof heap && (uintptr_t)aligned % 4096 == 0 && cleared[i - 1] == 0);
    memset(aligned, 1, malloc_usable_size(aligned));
    cleared = realloc(cleared, 2 * i);
    free(own), free(aligned), free(cleared);
  }
  CHECK_EQUAL(is_tracked(), 0);
  puts("done");
  return 0;
}
