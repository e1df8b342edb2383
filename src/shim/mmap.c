/*
 * mmap.c: mmap and its family: one jump each, to the next definition, or with mmap=1 to where mappings are counted
 * (track/mapped.h). What is jumped to is known before the first instruction: see os/mapping_calls.h.
 *
 * The pointers are read plainly, which makes one instruction of it: each is written whole, once, at start, and whichever
 * value a call finds then is right. No libc header declares these here: mremap is declared with an ellipsis, whose
 * argument comes where it would without one.
 */
#include <stddef.h>

#include "os/mapping_calls.h"
#include "shim/surface.h"

EXPORT mapping_map mmap, mmap64;
EXPORT mapping_unmap munmap;
EXPORT mapping_remap mremap;

EXPORT void *mmap(void *address, size_t bytes, int protection, int flags, int descriptor, long offset) {
  return mapping_calls.first.map(address, bytes, protection, flags, descriptor, offset);
}

EXPORT void *mmap64(void *address, size_t bytes, int protection, int flags, int descriptor, long offset) {
  return mapping_calls.first.map64(address, bytes, protection, flags, descriptor, offset);
}

EXPORT int munmap(void *address, size_t bytes) {
  return mapping_calls.first.unmap(address, bytes);
}

EXPORT void *mremap(void *address, size_t bytes, size_t new_bytes, int flags, void *new_address) {
  return mapping_calls.first.remap(address, bytes, new_bytes, flags, new_address);
}
