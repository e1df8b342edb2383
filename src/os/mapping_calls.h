/*
 * mapping_calls.h: mmap and its family: what the program's calls go to, and what comes below the shim.
 *
 * A page of its own, sealed once it is settled, so that no stray store of the program can turn mmap elsewhere. Until
 * then both are the plain system calls, which is what the loader, other allocators as they start, and library
 * constructors need: a look-up on the way could call mmap again, or wait for the loader's lock.
 */
#ifndef RATION_OS_MAPPING_CALLS_H
#define RATION_OS_MAPPING_CALLS_H

#include <stddef.h>

#include "base/compiler.h"

#define MAPPING_CALLS_PAGE 4096 /* a page of its own, where pages are that small; else it stays writable */

/* As libc's: MAP_FAILED or -1, and errno. Of mremap the last argument counts only where its flags say so. */
typedef void *mapping_map(void *address, size_t bytes, int protection, int flags, int descriptor,
                          long offset);
typedef int mapping_unmap(void *address, size_t bytes);
typedef void *mapping_remap(void *address, size_t bytes, size_t new_bytes, int flags, void *new_address);

struct mapping_functions {
  mapping_map *map;
  mapping_map *map64;
  mapping_unmap *unmap;
  mapping_remap *remap;
};

struct mapping_calls {
  struct mapping_functions first; /* what the program's calls go to */
  struct mapping_functions next;  /* the next definitions in link order */
} __attribute__((aligned(MAPPING_CALLS_PAGE)));

extern struct mapping_calls mapping_calls INTERNAL;

/*
 * Once: finds the next definitions, sends the program's calls to `counting`, or, where that is NULL, to those at once,
 * and seals. Takes the loader's lock.
 */
void mapping_calls_open(const struct mapping_functions *counting);

/* How many bytes a mapping of so many has: whole pages, or huge ones if its flags say so. */
size_t mapping_round(size_t bytes, int flags);

#endif
