/*
 * interposition.c: who comes first in link order.
 */
#include "track/interposition.h"

#include <ration/segment.h>
#include <stddef.h>

#include "os/module.h"
#include "os/next.h"

/* Of the first definition in link order; NULL: there is none. */
static const void *first_module(const char *function) {
  void *first = next_first(function);
  return first ? module_handle(first) : NULL;
}

uint32_t interposition_fault(void) {
  static const char *const sanitizers[] = {"__asan_init", "__tsan_init", "__msan_init", "__lsan_init",
                                           "__hwasan_init"};
  static const char *const family[] = {"malloc",         "free",          "calloc",   "realloc",
                                       "posix_memalign", "aligned_alloc", "memalign", "malloc_usable_size"};
  const void *own = module_handle(family); /* they lie in the shim */
  for (size_t i = 0; i < sizeof sanitizers / sizeof *sanitizers; i++)
    if (next_first(sanitizers[i])) return RATION_PASSIVE_SANITIZER;
  for (size_t i = 0; i < sizeof family / sizeof *family; i++) {
    const void *first = first_module(family[i]);
    if (first == own) continue;
    return first && first == first_module("ration_version") ? RATION_PASSIVE_SECOND
                                                            : RATION_PASSIVE_OWN_MALLOC;
  }
  return 0;
}
