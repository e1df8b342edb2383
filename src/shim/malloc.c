/*
 * malloc.c: the malloc family. Each is its request, handed to the hot path of track/track.h.
 *
 * Any of these may be the program's first call into the shim, in any thread, before any constructor.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "shim/surface.h"
#include "track/resize.h"
#include "track/track.h"

/* Declared here, since the headers that declare them vary with the C library's version. */
EXPORT void free_sized(void *block, size_t size);
EXPORT void free_aligned_sized(void *block, size_t alignment, size_t size);
EXPORT void *memalign(size_t alignment, size_t size);
EXPORT void *valloc(size_t size);
EXPORT void *pvalloc(size_t size);
EXPORT size_t malloc_usable_size(void *block);

ALWAYS_INLINE void *allocate(struct request request, uintptr_t caller) {
  int no_error = 0;
  return track_allocate(request, caller, &no_error);
}

EXPORT void *malloc(size_t size) {
  return allocate((struct request){.kind = REQUEST_MALLOC, .size = size, .count = 1}, CALLER);
}

EXPORT void free(void *block) {
  track_free(block, (struct release){0});
}

EXPORT void *calloc(size_t count, size_t size) {
  return allocate((struct request){.kind = REQUEST_CALLOC, .size = size, .count = count}, CALLER);
}

EXPORT void *realloc(void *block, size_t size) {
  return track_resize(block, (struct request){.kind = REQUEST_REALLOC, .size = size, .count = 1}, CALLER);
}

/* libc's own calls realloc by name, so it is made here of realloc unless the next allocator has one. */
EXPORT void *reallocarray(void *block, size_t count, size_t size) {
  struct request request = {.kind = REQUEST_REALLOCARRAY, .size = size, .count = count};
  size_t bytes;
  if (next.reallocarray) return track_resize(block, request, CALLER);
  if (__builtin_mul_overflow(count, size, &bytes)) {
    errno = ENOMEM;
    return NULL;
  }
  return track_resize(block, (struct request){.kind = REQUEST_REALLOC, .size = bytes, .count = 1}, CALLER);
}

EXPORT void free_sized(void *block, size_t size) {
  track_free(block, (struct release){.function = (void *)next.free_sized, .words = 1, .first = size});
}

EXPORT void free_aligned_sized(void *block, size_t alignment, size_t size) {
  track_free(block, (struct release){.function = (void *)next.free_aligned_sized,
                                     .words = 2,
                                     .first = alignment,
                                     .second = size});
}

EXPORT int posix_memalign(void **ret_block, size_t alignment, size_t size) {
  struct request request = {.kind = REQUEST_POSIX_MEMALIGN, .size = size, .count = 1, .alignment = alignment};
  int error = 0;
  void *block = track_allocate(request, CALLER, &error);
  if (error == 0) *ret_block = block;
  return error;
}

EXPORT void *aligned_alloc(size_t alignment, size_t size) {
  struct request request = {.kind = REQUEST_ALIGNED_ALLOC, .size = size, .count = 1, .alignment = alignment};
  return allocate(request, CALLER);
}

EXPORT void *memalign(size_t alignment, size_t size) {
  struct request request = {.kind = REQUEST_MEMALIGN, .size = size, .count = 1, .alignment = alignment};
  return allocate(request, CALLER);
}

EXPORT void *valloc(size_t size) {
  return allocate((struct request){.kind = REQUEST_VALLOC, .size = size, .count = 1}, CALLER);
}

EXPORT void *pvalloc(size_t size) {
  return allocate((struct request){.kind = REQUEST_PVALLOC, .size = size, .count = 1}, CALLER);
}

EXPORT size_t malloc_usable_size(void *block) {
  return track_usable(block);
}
