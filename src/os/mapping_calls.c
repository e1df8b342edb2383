/*
 * mapping_calls.c: the plain system calls, and the look-up of what comes next.
 */
#include "os/mapping_calls.h"

#include <sys/mman.h>

#include "base/atomics.h"
#include "os/memory.h"
#include "os/next.h"
#include "os/system.h"

#define HUGE_PAGE_BITS 21 /* where the flags name no size: the default of most machines */

static mapping_map kernel_map;
static mapping_unmap kernel_unmap;
static mapping_remap kernel_remap;

#define KERNEL                                                                                               \
  { .map = kernel_map, .map64 = kernel_map, .unmap = kernel_unmap, .remap = kernel_remap }
struct mapping_calls mapping_calls = {.first = KERNEL, .next = KERNEL};

_Static_assert(sizeof mapping_calls == MAPPING_CALLS_PAGE, "the sealed page holds nothing else");

/* These set errno, as libc's do. */
static void *kernel_map(void *address, size_t bytes, int protection, int flags, int descriptor, long offset) {
  return (void *)SYSTEM_CALL(SYS_mmap, address, bytes, protection, flags, descriptor, offset, 0);
}

static int kernel_unmap(void *address, size_t bytes) {
  return (int)SYSTEM_CALL(SYS_munmap, address, bytes, 0, 0, 0, 0, 0);
}

static void *kernel_remap(void *address, size_t bytes, size_t new_bytes, int flags, void *new_address) {
  return (void *)SYSTEM_CALL(SYS_mremap, address, bytes, new_bytes, flags, new_address, 0, 0);
}

/* Relaxed: whichever of both a call finds is right, and what is next is stored before it is needed or not. */
#define SET(place, name)                                                                                     \
  do {                                                                                                       \
    void *found = next_find(name);                                                                           \
    if (found) store_relaxed((void **)&(place), found);                                                      \
  } while (0)

void mapping_calls_open(const struct mapping_functions *counting) {
  struct mapping_functions *first = &mapping_calls.first, *below = &mapping_calls.next;
  SET(below->map, "mmap");
  SET(below->map64, "mmap64");
  SET(below->unmap, "munmap");
  SET(below->remap, "mremap");
  if (!counting) counting = below;
  store_relaxed(&first->map, counting->map);
  store_relaxed(&first->map64, counting->map64);
  store_relaxed(&first->unmap, counting->unmap);
  store_relaxed(&first->remap, counting->remap);
  memory_seal(&mapping_calls, sizeof mapping_calls);
}

size_t mapping_round(size_t bytes, int flags) {
  size_t page = memory_page_bytes();
  if (flags & MAP_HUGETLB) {
    unsigned bits = (unsigned)flags >> MAP_HUGE_SHIFT & MAP_HUGE_MASK;
    page = (size_t)1 << (bits ? bits : HUGE_PAGE_BITS);
  }
  return (bytes + page - 1) & ~(page - 1);
}
