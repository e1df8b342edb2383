/*
 * C23's free_sized and free_aligned_sized are not in every C library; a program refers to them weakly.
 * Expected: under the shim they are there, free like free, keep errno, and take NULL.
 */
#include "victim.h"

extern void free_sized(void *block, size_t size) __attribute__((weak));
extern void free_aligned_sized(void *block, size_t alignment, size_t size) __attribute__((weak));

int main(void) {
  CHECK_EQUAL(free_sized != NULL && free_aligned_sized != NULL, SHIM(ration_version) != NULL);
  enter("sized");
  for (size_t size = 0; size < 3000; size += 7) {
    void *block = malloc(size), *aligned = aligned_alloc(64, size / 64 * 64);
    errno = 77;
    if (free_sized) {
      free_sized(block, size);
      free_aligned_sized(aligned, 64, size / 64 * 64);
      free_sized(NULL, size);
      free_aligned_sized(NULL, 64, size);
    } else {
      free(block);
      free(aligned);
    }
    CHECK_EQUAL(errno, 77);
  }
  leave();
  check_books("sized", 2 * 429, 2 * 429);
  puts("done");
  return 0;
}
