/*
 * system_heap.c: the system heap's start: how fine its blocks lie.
 */
#include "heap/heap.h"

/* libc's blocks lie at multiples of 16; jemalloc, tcmalloc and mimalloc hand out 8-aligned small ones. */
static uint32_t granule_shift(void) {
  return next.is_libc ? HEAP_LIBC_SHIFT : 3;
}

int heap_prepare(void) {
  return tag_map_prepare(granule_shift());
}

uint64_t heap_reservation(void) {
  return tag_map_reservation(granule_shift());
}
