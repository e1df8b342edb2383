/*
 * request.h: what the program asked the allocator for, and how the next allocator is asked the same; likewise
 * for what it gives back.
 *
 * `kind` is a constant wherever a request is made, so that of each switch below one case is left in the code.
 */
#ifndef RATION_HEAP_REQUEST_H
#define RATION_HEAP_REQUEST_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "os/next.h"

enum request_kind {
  REQUEST_MALLOC,
  REQUEST_CALLOC,
  REQUEST_REALLOC,
  REQUEST_REALLOCARRAY,
  REQUEST_MEMALIGN,
  REQUEST_ALIGNED_ALLOC,
  REQUEST_POSIX_MEMALIGN,
  REQUEST_VALLOC,
  REQUEST_PVALLOC,
};

struct request {
  enum request_kind kind;
  size_t size;
  size_t count;     /* calloc, reallocarray; else 1 */
  size_t alignment; /* memalign and its like; else 0 */
};

/* Bytes asked for. An allocator that grants a request whose product overflows does not exist. */
ALWAYS_INLINE size_t request_bytes(struct request request) {
  return request.size * request.count;
}

/* An aligned block, for the kinds that the next allocator has no function for. */
void *request_give_aligned(struct request request, int *ret_error);

/* A new block from the next allocator. *ret_error is set by REQUEST_POSIX_MEMALIGN alone. */
ALWAYS_INLINE void *request_give(struct request request, int *ret_error) {
  void *block = NULL;
  switch (request.kind) {
  case REQUEST_MALLOC:
    return next.malloc(request.size);
  case REQUEST_CALLOC:
    return next.calloc(request.count, request.size);
  case REQUEST_REALLOC:
    return next.realloc(NULL, request.size);
  case REQUEST_REALLOCARRAY:
    return next.reallocarray(NULL, request.count, request.size);
  case REQUEST_MEMALIGN:
    if (next.own.memalign) return next.own.memalign(request.alignment, request.size);
    break;
  case REQUEST_ALIGNED_ALLOC:
    if (next.own.aligned_alloc) return next.own.aligned_alloc(request.alignment, request.size);
    break;
  case REQUEST_POSIX_MEMALIGN:
    if (!next.own.posix_memalign) break;
    *ret_error = next.own.posix_memalign(&block, request.alignment, request.size);
    return *ret_error ? NULL : block;
  case REQUEST_VALLOC:
    if (next.own.valloc) return next.own.valloc(request.size);
    break;
  case REQUEST_PVALLOC:
    if (next.own.pvalloc) return next.own.pvalloc(request.size);
    break;
  }
  return request_give_aligned(request, ret_error);
}

/* Resizes a block of the next allocator. */
ALWAYS_INLINE void *request_resize(void *block, struct request request) {
  return request.kind == REQUEST_REALLOCARRAY ? next.reallocarray(block, request.count, request.size)
                                              : next.realloc(block, request.size);
}

/*
 * How a block goes back: by a function that takes its address and 0 to 2 further words: free, free_sized, the
 * variants of operator delete. Sizes, alignments and the reference to std::nothrow each travel as one word on
 * the machines that we know (System V x86-64 ABI 3.2.3, AAPCS64 6.8.2).
 */
struct release {
  void *function; /* NULL: next.free */
  unsigned words;
  uintptr_t first, second;
};

ALWAYS_INLINE void release_take_back(void *block, struct release release) {
  if (!release.function) {
    next.free(block);
  } else if (release.words == 0) {
    ((void (*)(void *))release.function)(block);
  } else if (release.words == 1) {
    ((void (*)(void *, uintptr_t))release.function)(block, release.first);
  } else {
    ((void (*)(void *, uintptr_t, uintptr_t))release.function)(block, release.first, release.second);
  }
}

#endif
