/*
 * request.c: aligned blocks of an allocator that lacks some of the functions for them.
 *
 * What the library of the next malloc lacks is made from what it has; where it has nothing of the kind, the
 * next definition in link order is called, as the program itself would have: that is right for an interposer
 * that forwards, and no worse than without the shim for any other.
 */
#include "heap/request.h"

#include "os/memory.h"

static int is_power_of_two(size_t number) {
  return number && (number & (number - 1)) == 0;
}

static void *from_family(size_t alignment, size_t size) {
  void *block = NULL;
  if (next.own.memalign) return next.own.memalign(alignment, size);
  if (next.own.aligned_alloc) return next.own.aligned_alloc(alignment, size);
  int error = next.own.posix_memalign(&block, alignment < sizeof block ? sizeof block : alignment, size);
  if (error) errno = error;
  return error ? NULL : block;
}

/* posix_memalign says what went wrong by its result alone. */
static void *from_family_as_posix(struct request request, int *ret_error) {
  *ret_error = EINVAL;
  if (!is_power_of_two(request.alignment) || request.alignment % sizeof(void *)) return NULL;
  int kept_errno = errno;
  void *block = from_family(request.alignment, request.size);
  errno = kept_errno;
  *ret_error = block ? 0 : ENOMEM;
  return block;
}

static void *from_family_as(struct request request, int *ret_error) {
  size_t page = memory_page_bytes(), rounded;
  switch (request.kind) {
  case REQUEST_VALLOC:
    return from_family(page, request.size);
  case REQUEST_PVALLOC:
    if (__builtin_add_overflow(request.size, page - 1, &rounded)) {
      errno = ENOMEM;
      return NULL;
    }
    return from_family(page, rounded & ~(page - 1));
  case REQUEST_POSIX_MEMALIGN:
    return from_family_as_posix(request, ret_error);
  default:
    return from_family(request.alignment, request.size);
  }
}

void *request_give_aligned(struct request request, int *ret_error) {
  if (next.own.memalign || next.own.aligned_alloc || next.own.posix_memalign)
    return from_family_as(request, ret_error);
  void *block = NULL;
  switch (request.kind) {
  case REQUEST_ALIGNED_ALLOC:
    return next.any.aligned_alloc(request.alignment, request.size);
  case REQUEST_POSIX_MEMALIGN:
    *ret_error = next.any.posix_memalign(&block, request.alignment, request.size);
    return *ret_error ? NULL : block;
  case REQUEST_VALLOC:
    return next.any.valloc(request.size);
  case REQUEST_PVALLOC:
    return next.any.pvalloc(request.size);
  default:
    return next.any.memalign(request.alignment, request.size);
  }
}
