/*
 * malloc.c: the malloc family. Each is its request, handed to the hot path of track/track.h.
 *
 * Any of these may be the program's first call into the shim, in any thread, before any constructor.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "shim/surface.h"
#include "track/measuring.h"
#include "track/paged.h"
#include "track/resize.h"
#include "track/track.h"

/* Declared here, since the headers that declare them vary with the C library's version. */
EXPORT void free_sized(void *block, size_t size);
EXPORT void free_aligned_sized(void *block, size_t alignment, size_t size);
EXPORT void *memalign(size_t alignment, size_t size);
EXPORT void *valloc(size_t size);
EXPORT void *pvalloc(size_t size);
EXPORT size_t malloc_usable_size(void *block);
EXPORT void __libc_free(void *block);

/*
 * The four that programs call most take a fast path here, over the system heap or over the page heap, and leave it by a tail
 * call that builds the request out of line.
 */
static SLOW_PATH void *malloc_slow(size_t size, uintptr_t caller) {
  struct request request = {.kind = REQUEST_MALLOC, .size = size, .count = 1};
  if (measuring_is_near(thread.record)) RETURN_ON_FRAME(measuring_allocate(request, ASKER_BY_JUMP(caller)));
  RETURN_ON_FRAME(track_allocate(request, ASKER_BY_JUMP(caller), NULL));
}

ALWAYS_INLINE void *count_fast(void *block, size_t requested, uintptr_t caller) {
  struct record *record = thread_record_afresh();
  if (UNLIKELY(!track_may_count_cached(block, requested, caller, record)))
    return track_count_by_jump(block, requested, caller);
  return heartbeat_if_due(block, requested, caller, record);
}

/* Both by a jump, so that what the one has to save over its call costs the other nothing. */
static FAST_PATH void *malloc_of_system(size_t size) {
  void *block = next.malloc(size);
  return LIKELY(block != NULL) ? count_fast(block, size, CALLER) : NULL;
}

static FAST_PATH void *malloc_refilled(size_t size, uintptr_t caller) {
  struct record *record = thread.record;
  void *block = paged_may_take_refilled(size, caller, record);
  if (LIKELY(block != NULL)) return heartbeat_if_due(block, size, caller, record);
  block = paged_may_take_ahead(size, caller, record);
  return LIKELY(block != NULL) ? heartbeat_if_due(block, size, caller, thread.record)
                               : malloc_slow(size, caller);
}

static FAST_PATH void *malloc_classed(size_t size, uintptr_t caller) {
  struct record *record = thread.record;
  void *block = paged_may_take_classed(size, caller, record);
  return LIKELY(block != NULL) ? heartbeat_if_due(block, size, caller, record)
                               : malloc_refilled(size, caller);
}

EXPORT void *malloc(size_t size) {
  struct record *record = thread.record;
  if (track_is_fast(record)) return malloc_of_system(size);
  struct ration_segment_tally *tallies = paged_tallies(record);
  uintptr_t caller = CALLER;
  if (UNLIKELY(!tallies)) return malloc_slow(size, caller);
  if (UNLIKELY(size > PAGED_SMALL_MOST)) return malloc_classed(size, caller);
  void *block = paged_may_take_small(size, caller, record, tallies);
  return LIKELY(block != NULL) ? heartbeat_if_due(block, size, caller, record)
                               : malloc_refilled(size, caller);
}

static SLOW_PATH void *calloc_slow(size_t count, size_t size, uintptr_t caller) {
  struct request request = {.kind = REQUEST_CALLOC, .size = size, .count = count};
  if (measuring_is_near(thread.record)) RETURN_ON_FRAME(measuring_allocate(request, ASKER_BY_JUMP(caller)));
  RETURN_ON_FRAME(track_allocate(request, ASKER_BY_JUMP(caller), NULL));
}

static FAST_PATH void *calloc_paged(size_t count, size_t size, uintptr_t caller) {
  struct record *record = thread.record;
  size_t bytes;
  if (UNLIKELY(!paged_tallies(record)) || UNLIKELY(__builtin_mul_overflow(count, size, &bytes)))
    return calloc_slow(count, size, caller);
  void *block = paged_may_take_classed(bytes, caller, record);
  if (UNLIKELY(!block)) return calloc_slow(count, size, caller);
  memset(block, 0, size_class_bytes(size_class_of(bytes)));
  return heartbeat_if_due(block, bytes, caller, record);
}

EXPORT void *calloc(size_t count, size_t size) {
  if (UNLIKELY(!track_is_fast(thread.record))) return calloc_paged(count, size, CALLER);
  void *block = next.calloc(count, size);
  return LIKELY(block != NULL) ? count_fast(block, count * size, CALLER) : NULL;
}

static SAMPLE_PATH void free_slow(void *block) {
  if (!block && track_is_fast(thread.record))
    next.free(NULL);
  else if (measuring_is_near(thread.record))
    measuring_free(block);
  else
    track_free(block, (struct release){0});
}

/* Of another thread's stock, or large. */
static FAST_PATH void free_any(void *block) {
  if (!block || UNLIKELY(!paged_may_give_any(block))) free_slow(block);
}

/* Programs free NULL often; nothing is to be counted, and over the page heap there is nobody to be told. */
ALWAYS_INLINE void free_paged(void *block, const struct record *record) {
  int given = paged_may_give(block, record);
  if (LIKELY(given > 0) || (given < 0 && !block)) return;
  free_any(block);
}

EXPORT void free(void *block) {
  const struct record *record = thread.record;
  struct ration_segment_tally *tallies = track_fast_tallies(record);
  if (LIKELY(tallies != NULL)) {
    if (UNLIKELY(!track_may_uncount(block, tallies))) return free_slow(block);
    next.free(block);
  } else {
    free_paged(block, record);
  }
}

EXPORT void *realloc(void *block, size_t size) {
  void *resized = region_holds(block) ? paged_may_resize(block, size, ASKER) : NULL;
  if (LIKELY(resized != NULL)) return resized;
  RETURN_ON_FRAME(
      track_resize(block, (struct request){.kind = REQUEST_REALLOC, .size = size, .count = 1}, ASKER));
}

/* libc's own calls realloc by name, so it is made here of realloc unless the next allocator has one. */
EXPORT void *reallocarray(void *block, size_t count, size_t size) {
  struct request request = {.kind = REQUEST_REALLOCARRAY, .size = size, .count = count};
  size_t bytes;
  if (next.reallocarray) RETURN_ON_FRAME(track_resize(block, request, ASKER));
  if (__builtin_mul_overflow(count, size, &bytes)) {
    errno = ENOMEM;
    return NULL;
  }
  RETURN_ON_FRAME(
      track_resize(block, (struct request){.kind = REQUEST_REALLOC, .size = bytes, .count = 1}, ASKER));
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
  void *block = track_allocate(request, ASKER, &error);
  if (error == 0) *ret_block = block;
  return error;
}

EXPORT void *aligned_alloc(size_t alignment, size_t size) {
  struct request request = {.kind = REQUEST_ALIGNED_ALLOC, .size = size, .count = 1, .alignment = alignment};
  RETURN_ON_FRAME(track_allocate(request, ASKER, NULL));
}

EXPORT void *memalign(size_t alignment, size_t size) {
  struct request request = {.kind = REQUEST_MEMALIGN, .size = size, .count = 1, .alignment = alignment};
  RETURN_ON_FRAME(track_allocate(request, ASKER, NULL));
}

EXPORT void *valloc(size_t size) {
  RETURN_ON_FRAME(
      track_allocate((struct request){.kind = REQUEST_VALLOC, .size = size, .count = 1}, ASKER, NULL));
}

EXPORT void *pvalloc(size_t size) {
  RETURN_ON_FRAME(
      track_allocate((struct request){.kind = REQUEST_PVALLOC, .size = size, .count = 1}, ASKER, NULL));
}

/* NULL: libc has none by this name. */
static void (*find_libc_free(void))(void *) {
  static void (*function)(void *);
  void (*found)(void *) = load_relaxed(&function); /* the same for whoever looks */
  if (found) return found;
  *(void **)&found = next_find_after(&function, "__libc_free"); /* without a word to dlerror() */
  store_relaxed(&function, found);
  return found;
}

/* By its own name libc's is passed by the shim; but what is the page heap's it could not take. */
EXPORT void __libc_free(void *block) {
  struct heap_page *page = page_heap_find(block);
  if (page) {
    paged_free(page, block);
  } else {
    void (*libc_free)(void *) = find_libc_free();
    if (libc_free) libc_free(block);
  }
}

EXPORT size_t malloc_usable_size(void *block) {
  return track_usable(block);
}
