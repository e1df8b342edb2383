/*
 * pool.h: the bootstrap pool. Whatever libc and the loader allocate on the shim's behalf (dlsym, dlerror,
 * pthread_setspecific) comes from here, so that the heap below never sees it.
 *
 * Works from the first instruction, in any thread and in signal handlers: no lock, no libc. A block is known
 * by its address for ever. 64 KiB of static memory, then one region of 64 MiB, of which only used pages cost.
 */
#ifndef RATION_OS_POOL_H
#define RATION_OS_POOL_H

#include <stddef.h>

/* A block of at least `bytes` bytes, aligned to 16 or to `alignment` (a power of two), zeroed. NULL: full. */
void *pool_allocate(size_t bytes, size_t alignment);

void pool_free(void *block);

/* How many bytes the block has. */
size_t pool_usable(const void *block);

/* The address lies in the pool. */
int pool_has(const void *address);

#endif
