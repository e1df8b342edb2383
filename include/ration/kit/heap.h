/*
 * heap.h: a heap for small blocks of many threads. Each thread has a cache of free blocks by size, so that to allocate
 * and to release take no lock and no atomic instruction that locks; what a thread has too much of goes on to the others
 * in batches, through a list for each size. A block may be released by any thread.
 *
 *     struct ration_heap heap;
 *     ration_heap_init(&heap, NULL, NULL);
 *     struct node *node = ration_heap_allocate(&heap, sizeof *node, _Alignof(struct node));
 *     ...
 *     ration_heap_release(&heap, node, sizeof *node, _Alignof(struct node));
 *
 * There are 20 sizes of blocks up to RATION_HEAP_SMALL_MOST bytes, at most a quarter above what was asked for (of those
 * over 64 bytes; below, multiples of 16); aligned to 16, or to 64 if asked for. Since release is told the size, blocks
 * have no headers. Larger requests, and alignments above 64, go on to the memory below as they are.
 *
 * Ownership: small blocks are carved from chunks, which go back to the memory below with done, and not before: what a
 * program has once needed in blocks of a size is kept for blocks of that size. `memory` of the heap is the heap as a
 * ration_memory. The heap may be moved while no thread is in a call.
 *
 * Threads: all functions from any at any time, but init and done, for which no thread may be in a call, nor just ending
 * if it has ever used the heap. The memory below is asked for chunks and caches by one thread at a time, with a lock held:
 * it must not call the heap; for larger requests it must be thread-safe. When a thread ends, its cache goes to the others.
 * After fork(2) the child has the heap as it was, if no other thread was in a call of it, or ending; what those had cached
 * lies idle in the child until done. Each heap takes one of the process's keys for thread data (there are 1,024).
 *
 * Wrong releases: an address that cannot be a block's is -EFAULT, a block that is free already -EALREADY, as a rule: it
 * bears a mark, which one in 8 to 64 blocks loses that lie in the common lists, and each with being given out again. What
 * else can be wrong is not noticed, as there are no headers: wrap the heap by debug.h for that.
 *
 * Complexity: O(1). Caches and batches are the magazines of Bonwick and Adams, "Magazines and Vmem" (USENIX 2001).
 */
#ifndef RATION_KIT_HEAP_H
#define RATION_KIT_HEAP_H

#include <ration/kit/memory.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RATION_HEAP_SMALL_MOST ((size_t)1024)

struct ration_heap_settings {
  size_t chunk_bytes; /* what is asked of the memory below at once; 0: 64 KiB; from 4 KiB */
  size_t bytes_most;  /* of chunks and caches together; 0: no maximum */
};

struct ration_heap_state; /* private */

/* Private but for `memory`. */
struct ration_heap {
  struct ration_memory memory;
  uint64_t number; /* unique in the process */
  uintptr_t key;   /* marks free blocks */
  struct ration_heap_state *state;
};

struct ration_heap_figures {
  uint64_t allocations, releases; /* so far, larger ones included */
  size_t used_blocks;             /* given out now */
  size_t used_bytes;   /* of those: small ones by the size of their kind, larger ones as asked for */
  size_t large_blocks; /* of those: passed on to the memory below */
  size_t large_bytes;
  size_t reserved; /* taken from below, without larger requests: chunks, caches, the heap's own */
  size_t threads;  /* that have a cache */
};

/* settings NULL: the defaults. -EINVAL: heap is NULL, chunk_bytes too small, or bytes_most too small for one chunk;
   -EOVERFLOW: chunk_bytes is over RATION_BYTES_MOST; -ENOMEM; -ENOSPC: the process has no key left. */
int ration_heap_init(struct ration_heap *heap, struct ration_memory *memory,
                     const struct ration_heap_settings *settings);

/* Gives all chunks and caches back. Larger blocks that are still out are the memory's below, and stay. */
void ration_heap_done(struct ration_heap *heap);

/* EINVAL also: heap is NULL or not made. ENOMEM; ENOSPC: bytes_most is reached. */
void *ration_heap_allocate(struct ration_heap *heap, size_t size, size_t alignment);

/* size and alignment as they were asked for; any thread; NULL is nothing, 0. -EFAULT, -EALREADY: see above; -EINVAL. What
   the memory below says of a larger block. */
int ration_heap_release(struct ration_heap *heap, void *block, size_t size, size_t alignment);

/* The calling thread's cache to the others, as when it ends: before it goes idle. -EINVAL. */
int ration_heap_flush(struct ration_heap *heap);

/* Exact while no thread is in a call. O(threads). -EINVAL. */
int ration_heap_stats(struct ration_heap *heap, struct ration_heap_figures *ret_figures);

/* The bytes that a small block of this request takes; 0: it goes on to the memory below, or cannot be. */
size_t ration_heap_block_bytes(size_t size, size_t alignment);

/* The heap behind a ration_memory; NULL if it is none. */
struct ration_heap *ration_heap_of(struct ration_memory *memory);

/* For tests, while no thread is in a call: 1 if of each size carved == used + free, and all lists are as long as they
   say. */
int ration_heap_is_valid(struct ration_heap *heap);

#ifdef __cplusplus
}
#endif
#endif
