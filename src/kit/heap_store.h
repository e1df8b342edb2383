/*
 * heap_store.h: what the threads of a heap have in common, below their caches: free blocks of each size on a shelf,
 * and the chunks that new ones are carved from.
 *
 *     shelf of a size       full batches; single blocks that threads have left               its lock
 *     chunks                the rest of the last one; then the memory below                  the store's lock
 *
 * A free block holds the next of its list in its first word; the first block of a batch on the shelf, the next batch in
 * its second. No two locks are held together. All functions from any thread, but init, done and is_valid.
 */
#ifndef RATION_SRC_KIT_HEAP_STORE_H
#define RATION_SRC_KIT_HEAP_STORE_H

#include <ration/kit/heap.h>

#include <pthread.h>

#include "base/atomics.h"

#define HEAP_SIZES     20
#define HEAP_LARGE     HEAP_SIZES /* not of a size: passed on */
#define HEAP_LINE      ((size_t)64)
#define HEAP_ALIGNMENT ((size_t)16)

struct heap_shelf {
  pthread_mutex_t lock;
  void *batches;
  void *loose;
  uint32_t loose_count; /* below the batch */
} __attribute__((aligned(64)));

struct heap_chunk {
  struct heap_chunk *next;
};

struct heap_store {
  struct heap_shelf shelves[HEAP_SIZES];
  struct ration_memory *below;
  struct ration_heap_settings settings;
  pthread_mutex_t lock; /* of all that follows */
  struct heap_chunk *chunks;
  char *free, *end; /* of the last chunk */
  size_t reserved;  /* taken from below: chunks, caches, and what init was told */
  uint64_t carved[HEAP_SIZES];
};

/* What blocks of a size take, and how many are a batch: 8 KiB, but 8 to 64. */
extern INTERNAL const uint16_t heap_sizes[HEAP_SIZES];
extern INTERNAL const uint8_t heap_batches[HEAP_SIZES];
/* The smallest size that holds 16 x i bytes. */
extern INTERNAL const uint8_t heap_indices[RATION_HEAP_SMALL_MOST / 16 + 1];

static inline void **heap_next_of(void *block) {
  return (void **)block;
}

/* The size for a request that has been checked. Blocks of a multiple of 64 bytes are carved at multiples of 64. */
ALWAYS_INLINE unsigned heap_index_of(size_t size, size_t alignment) {
  if (UNLIKELY(size > RATION_HEAP_SMALL_MOST || alignment > HEAP_LINE)) return HEAP_LARGE;
  if (alignment > HEAP_ALIGNMENT) size = (size + HEAP_LINE - 1) & ~(HEAP_LINE - 1);
  return heap_indices[(size + 15) / 16];
}

/* Settings that have been checked; own: the bytes that the caller took for itself. */
void heap_store_init(struct heap_store *store, struct ration_memory *below,
                     const struct ration_heap_settings *settings, size_t own);
void heap_store_done(struct heap_store *store);

/* So many free blocks of a size, as a list: from the shelf, or new ones; NULL and errno ENOMEM or ENOSPC. */
void *heap_store_take(struct heap_store *store, unsigned index, uint32_t *ret_count);

/* Puts a full batch on its shelf; a list of any length. */
void heap_store_put(struct heap_store *store, unsigned index, void *batch);
void heap_store_put_loose(struct heap_store *store, unsigned index, void *list);

/* Under the store's lock, so that the memory below is asked by one thread at a time: chunks and caches, at most
   bytes_most. NULL and errno. */
void *heap_store_acquire(struct heap_store *store, size_t bytes);
void heap_store_release(struct heap_store *store, void *block, size_t bytes);

/* How many blocks of a size lie on the shelf; UINT64_MAX: a list is not as long as it says. */
uint64_t heap_store_count(const struct heap_store *store, unsigned index);
uint64_t heap_list_length(void *list);

#endif
