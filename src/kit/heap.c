/*
 * heap.c: the caches of threads. For each size a list that is taken from and given to, and a full batch to spare, so that
 * a thread that goes to and fro at a boundary does not go to the store each time. What a cache has too much of, or
 * lacks, is the store's (heap_store.h).
 *
 * A released block says so: its second word is the heap's key until it is taken again, so that to release it once more
 * is noticed, wherever it lies. (The first of a batch in the store holds a link there: it alone is missed.)
 *
 * Figures are counted in the caches, each by its own thread alone, and summed by whoever asks; what a thread has
 * counted is added to the heap's own when it ends.
 */
#include <ration/kit/heap.h>

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "base/atomics.h"
#include "base/hash.h"
#include "kit/fail.h"
#include "kit/heap_store.h"

#define CHUNK_BYTES ((size_t)64 << 10)
#define CHUNK_LEAST ((size_t)4 << 10)

struct counts {
  uint64_t taken[HEAP_SIZES + 1], given[HEAP_SIZES + 1]; /* the last: larger ones */
  uint64_t large_bytes;                                  /* taken - given, modulo 2^64 */
};

struct magazine {
  void *loaded;   /* what is taken from, and given to */
  void *spare;    /* NULL, or a batch */
  uint32_t count; /* of loaded: at most a batch */
};

struct cache {
  struct magazine magazines[HEAP_SIZES];
  struct counts counts;
  struct ration_heap_state *state;
  struct cache *previous, *next;
};

struct ration_heap_state {
  struct heap_store store; /* its lock is that of what follows, too */
  pthread_key_t key;
  struct counts ended; /* of threads that are gone */
  struct cache *caches;
};

static const struct ration_memory_type type;
static uint64_t numbers; /* of heaps made in the process so far */

/* The cache that this thread used last. Numbers are never used again, so it cannot be of a heap that is gone. */
static __thread STATIC_TLS struct {
  uint64_t number;
  struct cache *cache;
} recent;

static struct cache *find_cache(const struct ration_heap *heap);
static struct cache *make_cache(struct ration_heap_state *state);
static void end_cache(void *cache);
static void *refill(struct ration_heap_state *state, struct magazine *magazine, unsigned index);
static void *allocate_large(struct ration_heap *heap, size_t size, size_t alignment);
static int release_large(struct ration_heap *heap, void *block, size_t size, size_t alignment);
static int is_small(size_t size, size_t alignment);
static void *allocate_checked(struct ration_heap *heap, size_t size, size_t alignment);
static int release_checked(struct ration_heap *heap, void *block, size_t size, size_t alignment);
static void *allocate(struct ration_memory *memory, size_t size, size_t alignment);
static int release(struct ration_memory *memory, void *block, size_t size, size_t alignment);
static void *take(struct cache *cache, unsigned index);
static void *allocate_slowly(const struct ration_heap *heap, unsigned index);
static void give(const struct ration_heap *heap, struct cache *cache, void *block, unsigned index);
static void spare(struct ration_heap_state *state, struct magazine *magazine, unsigned index);
static int check_small(const struct ration_heap *heap, const void *block, size_t alignment);
static int release_slowly(const struct ration_heap *heap, void *block, unsigned index);

static int is_made(const struct ration_heap *heap) {
  return heap && heap->memory.type == &type;
}

/* NULL and errno. */
ALWAYS_INLINE struct cache *cache_of(const struct ration_heap *heap) {
  return LIKELY(recent.number == heap->number) ? recent.cache : find_cache(heap);
}

void *ration_heap_allocate(struct ration_heap *heap, size_t size, size_t alignment) {
  if (LIKELY(is_made(heap) && is_small(size, alignment))) return allocate(&heap->memory, size, alignment);
  return allocate_checked(heap, size, alignment);
}

SLOW_PATH static void *allocate_checked(struct ration_heap *heap, size_t size, size_t alignment) {
  int error = is_made(heap) ? ration_memory_check(size, alignment) : -EINVAL;
  return error ? fail(error) : allocate(&heap->memory, size, alignment);
}

/* As most requests are: valid, and not to be passed on. */
ALWAYS_INLINE int is_small(size_t size, size_t alignment) {
  return size - 1 < RATION_HEAP_SMALL_MOST && alignment - 1 < HEAP_LINE && !(alignment & (alignment - 1));
}

static void *allocate(struct ration_memory *memory, size_t size, size_t alignment) {
  struct ration_heap *heap = (struct ration_heap *)(void *)memory;
  unsigned index = heap_index_of(size, alignment);
  if (UNLIKELY(index == HEAP_LARGE)) return allocate_large(heap, size, alignment);
  if (UNLIKELY(recent.number != heap->number)) return allocate_slowly(heap, index);
  struct cache *cache = recent.cache;
  return LIKELY(cache->magazines[index].loaded) ? take(cache, index) : allocate_slowly(heap, index);
}

/* From a list that is not empty. */
ALWAYS_INLINE void *take(struct cache *cache, unsigned index) {
  struct magazine *magazine = &cache->magazines[index];
  void *block = magazine->loaded;
  magazine->loaded = *heap_next_of(block);
  magazine->count--;
  ((uintptr_t *)block)[1] = 0;
  add_owned(&cache->counts.taken[index], 1);
  return block;
}

/* Where the thread has no cache, or used another heap before, or its list is empty. */
SLOW_PATH static void *allocate_slowly(const struct ration_heap *heap, unsigned index) {
  struct cache *cache = cache_of(heap);
  if (!cache) return NULL;
  struct magazine *magazine = &cache->magazines[index];
  return magazine->loaded || refill(heap->state, magazine, index) ? take(cache, index) : NULL;
}

int ration_heap_release(struct ration_heap *heap, void *block, size_t size, size_t alignment) {
  if (LIKELY(block && is_made(heap) && is_small(size, alignment)))
    return release(&heap->memory, block, size, alignment);
  return release_checked(heap, block, size, alignment);
}

SLOW_PATH static int release_checked(struct ration_heap *heap, void *block, size_t size, size_t alignment) {
  if (!block) return 0;
  int error = is_made(heap) ? ration_memory_check(size, alignment) : -EINVAL;
  return error ? error : release(&heap->memory, block, size, alignment);
}

static int release(struct ration_memory *memory, void *block, size_t size, size_t alignment) {
  struct ration_heap *heap = (struct ration_heap *)(void *)memory;
  unsigned index = heap_index_of(size, alignment);
  if (UNLIKELY(index == HEAP_LARGE)) return release_large(heap, block, size, alignment);
  int error = check_small(heap, block, alignment);
  if (UNLIKELY(error)) return error;
  if (UNLIKELY(recent.number != heap->number)) return release_slowly(heap, block, index);
  give(heap, recent.cache, block, index);
  return 0;
}

/* What can be told of a small block: that it cannot be one, or is free. */
ALWAYS_INLINE int check_small(const struct ration_heap *heap, const void *block, size_t alignment) {
  size_t least = alignment > HEAP_ALIGNMENT ? HEAP_LINE : HEAP_ALIGNMENT;
  if (UNLIKELY((uintptr_t)block & (least - 1))) return -EFAULT;
  return UNLIKELY(((const uintptr_t *)block)[1] == heap->key) ? -EALREADY : 0;
}

ALWAYS_INLINE void give(const struct ration_heap *heap, struct cache *cache, void *block, unsigned index) {
  struct magazine *magazine = &cache->magazines[index];
  if (UNLIKELY(magazine->count == heap_batches[index])) spare(heap->state, magazine, index);
  magazine->count++;
  ((uintptr_t *)block)[1] = heap->key;
  *heap_next_of(block) = magazine->loaded;
  magazine->loaded = block;
  add_owned(&cache->counts.given[index], 1);
}

/* The loaded list is a batch: it is to spare from now on, and what was goes to the store. */
SLOW_PATH static void spare(struct ration_heap_state *state, struct magazine *magazine, unsigned index) {
  if (magazine->spare) heap_store_put(&state->store, index, magazine->spare);
  magazine->spare = magazine->loaded;
  magazine->loaded = NULL;
  magazine->count = 0;
}

/* To take a block back must not fail: where there is no memory for a cache, it goes to its shelf. */
SLOW_PATH static int release_slowly(const struct ration_heap *heap, void *block, unsigned index) {
  struct ration_heap_state *state = heap->state;
  int kept_errno = errno;
  struct cache *cache = find_cache(heap);
  errno = kept_errno;
  if (cache) {
    give(heap, cache, block, index);
    return 0;
  }
  ((uintptr_t *)block)[1] = heap->key;
  *heap_next_of(block) = NULL;
  heap_store_put_loose(&state->store, index, block);
  pthread_mutex_lock(&state->store.lock);
  state->ended.given[index]++;
  pthread_mutex_unlock(&state->store.lock);
  return 0;
}

/* Of one size in place; of two larger ones as the memory below does; else by a move, before which a free block is refused:
   its mark would be copied. */
static void *reallocate(struct ration_memory *memory, void *block, size_t size, size_t new_size,
                        size_t alignment) {
  struct ration_heap *heap = (struct ration_heap *)(void *)memory;
  unsigned index = heap_index_of(size, alignment), new_index = heap_index_of(new_size, alignment);
  int error = index == HEAP_LARGE ? 0 : check_small(heap, block, alignment);
  if (error) return fail(error);
  if (index == new_index && index != HEAP_LARGE) return block;
  if (index == new_index) {
    struct cache *cache = cache_of(heap);
    void *moved =
        cache ? ration_memory_reallocate(heap->state->store.below, block, size, new_size, alignment) : NULL;
    if (moved) add_owned(&cache->counts.large_bytes, new_size - size);
    return moved;
  }
  void *moved = allocate(memory, new_size, alignment);
  if (!moved) return NULL;
  memcpy(moved, block, size < new_size ? size : new_size);
  error = release(memory, block, size, alignment);
  if (!error) return moved;
  release(memory, moved, new_size, alignment);
  return fail(error);
}

static const struct ration_memory_type type = {
    .name = "heap", .allocate = allocate, .reallocate = reallocate, .release = release};

/* Something for a magazine whose loaded list is empty; NULL and errno. */
SLOW_PATH static void *refill(struct ration_heap_state *state, struct magazine *magazine, unsigned index) {
  magazine->loaded = magazine->spare;
  magazine->spare = NULL;
  if (magazine->loaded)
    magazine->count = heap_batches[index];
  else
    magazine->loaded = heap_store_take(&state->store, index, &magazine->count);
  return magazine->loaded;
}

SLOW_PATH static void *allocate_large(struct ration_heap *heap, size_t size, size_t alignment) {
  struct cache *cache = cache_of(heap);
  void *block = cache ? ration_memory_allocate(heap->state->store.below, size, alignment) : NULL;
  if (!block) return NULL;
  add_owned(&cache->counts.taken[HEAP_LARGE], 1);
  add_owned(&cache->counts.large_bytes, size);
  return block;
}

SLOW_PATH static int release_large(struct ration_heap *heap, void *block, size_t size, size_t alignment) {
  struct ration_heap_state *state = heap->state;
  int error = ration_memory_release(state->store.below, block, size, alignment), kept_errno = errno;
  if (error) return error;
  struct cache *cache = cache_of(heap);
  if (!cache) pthread_mutex_lock(&state->store.lock);
  struct counts *counts = cache ? &cache->counts : &state->ended;
  add_owned(&counts->given[HEAP_LARGE], 1);
  add_owned(&counts->large_bytes, 0 - (uint64_t)size);
  if (!cache) pthread_mutex_unlock(&state->store.lock);
  errno = kept_errno;
  return 0;
}

SLOW_PATH static struct cache *find_cache(const struct ration_heap *heap) {
  struct cache *cache = pthread_getspecific(heap->state->key);
  if (!cache) cache = make_cache(heap->state);
  if (!cache) return NULL;
  recent.number = heap->number;
  recent.cache = cache;
  return cache;
}

/* NULL and errno. */
static struct cache *make_cache(struct ration_heap_state *state) {
  struct heap_store *store = &state->store;
  pthread_mutex_lock(&store->lock);
  struct cache *cache = heap_store_acquire(store, sizeof *cache);
  if (cache && pthread_setspecific(state->key, cache)) {
    heap_store_release(store, cache, sizeof *cache);
    cache = fail(-ENOMEM);
  }
  if (cache) {
    *cache = (struct cache){.state = state, .next = state->caches};
    if (cache->next) cache->next->previous = cache;
    state->caches = cache;
  }
  pthread_mutex_unlock(&store->lock);
  return cache;
}

/* All that it holds to the shelves, and its figures to the heap's. By its own thread, at the end of that or before. */
static void end_cache(void *argument) {
  struct cache *cache = argument;
  struct ration_heap_state *state = cache->state;
  for (unsigned i = 0; i < HEAP_SIZES; i++) {
    if (cache->magazines[i].spare) heap_store_put(&state->store, i, cache->magazines[i].spare);
    if (cache->magazines[i].loaded) heap_store_put_loose(&state->store, i, cache->magazines[i].loaded);
  }
  pthread_mutex_lock(&state->store.lock);
  for (unsigned i = 0; i <= HEAP_SIZES; i++) {
    state->ended.taken[i] += cache->counts.taken[i];
    state->ended.given[i] += cache->counts.given[i];
  }
  state->ended.large_bytes += cache->counts.large_bytes;
  if (cache->next) cache->next->previous = cache->previous;
  if (cache->previous)
    cache->previous->next = cache->next;
  else
    state->caches = cache->next;
  heap_store_release(&state->store, cache, sizeof *cache);
  pthread_mutex_unlock(&state->store.lock);
  if (recent.cache == cache) recent.number = 0, recent.cache = NULL;
}

int ration_heap_flush(struct ration_heap *heap) {
  if (!is_made(heap)) return -EINVAL;
  struct cache *cache = pthread_getspecific(heap->state->key);
  if (!cache) return 0;
  pthread_setspecific(heap->state->key, NULL);
  end_cache(cache);
  return 0;
}

int ration_heap_init(struct ration_heap *heap, struct ration_memory *memory,
                     const struct ration_heap_settings *settings) {
  struct ration_heap_settings set = settings ? *settings : (struct ration_heap_settings){0};
  struct ration_heap_state *state;
  size_t own = sizeof *state + sizeof(struct cache);
  if (!set.chunk_bytes) set.chunk_bytes = CHUNK_BYTES;
  if (!heap || set.chunk_bytes < CHUNK_LEAST) return -EINVAL;
  if (set.chunk_bytes > RATION_BYTES_MOST) return -EOVERFLOW;
  if (set.bytes_most && (set.bytes_most < own || set.bytes_most - own < set.chunk_bytes)) return -EINVAL;
  if (!memory) memory = ration_memory_system();
  state = ration_memory_allocate(memory, sizeof *state, HEAP_LINE);
  if (!state) return -errno;
  memset(state, 0, sizeof *state);
  if (pthread_key_create(&state->key, end_cache)) {
    ration_memory_release(memory, state, sizeof *state, HEAP_LINE);
    return -ENOSPC;
  }
  heap_store_init(&state->store, memory, &set, sizeof *state);
  *heap = (struct ration_heap){.memory = {&type}, .number = add_relaxed(&numbers, 1) + 1, .state = state};
  heap->key =
      (uintptr_t)hash_word((uintptr_t)state ^ hash_word(heap->number)) | 1; /* no address, and not 0 */
  return 0;
}

void ration_heap_done(struct ration_heap *heap) {
  if (!is_made(heap)) return;
  struct ration_heap_state *state = heap->state;
  struct ration_memory *below = state->store.below;
  pthread_key_delete(state->key);
  for (struct cache *cache = state->caches, *next; cache; cache = next) {
    next = cache->next;
    ration_memory_release(below, cache, sizeof *cache, HEAP_LINE);
  }
  heap_store_done(&state->store);
  ration_memory_release(below, state, sizeof *state, HEAP_LINE);
  memset(heap, 0, sizeof *heap);
}

/* Relaxed: each word has one writer, and the sum is exact once no thread writes. */
static void add_counts(struct counts *sum, const struct counts *counts) {
  for (unsigned i = 0; i <= HEAP_SIZES; i++) {
    sum->taken[i] += load_relaxed(&counts->taken[i]);
    sum->given[i] += load_relaxed(&counts->given[i]);
  }
  sum->large_bytes += load_relaxed(&counts->large_bytes);
}

int ration_heap_stats(struct ration_heap *heap, struct ration_heap_figures *ret_figures) {
  if (!is_made(heap) || !ret_figures) return -EINVAL;
  struct ration_heap_state *state = heap->state;
  struct ration_heap_figures found = {0};
  struct counts sum = {.large_bytes = 0};
  pthread_mutex_lock(&state->store.lock);
  add_counts(&sum, &state->ended);
  for (const struct cache *cache = state->caches; cache; cache = cache->next) {
    add_counts(&sum, &cache->counts);
    found.threads++;
  }
  found.reserved = state->store.reserved;
  pthread_mutex_unlock(&state->store.lock);
  for (unsigned i = 0; i <= HEAP_SIZES; i++) {
    uint64_t used = sum.taken[i] - sum.given[i];
    found.allocations += sum.taken[i], found.releases += sum.given[i], found.used_blocks += used;
    found.used_bytes += i < HEAP_SIZES ? used * heap_sizes[i] : sum.large_bytes;
  }
  found.large_blocks = sum.taken[HEAP_LARGE] - sum.given[HEAP_LARGE];
  found.large_bytes = sum.large_bytes;
  *ret_figures = found;
  return 0;
}

size_t ration_heap_block_bytes(size_t size, size_t alignment) {
  if (ration_memory_check(size, alignment)) return 0;
  unsigned index = heap_index_of(size, alignment);
  return index == HEAP_LARGE ? 0 : heap_sizes[index];
}

struct ration_heap *ration_heap_of(struct ration_memory *memory) {
  return memory && memory->type == &type ? (struct ration_heap *)(void *)memory : NULL;
}

/* used + free == carved; free: what lies on the shelf and in the caches. */
static int is_size_valid(const struct ration_heap_state *state, unsigned index) {
  uint64_t used = state->ended.taken[index] - state->ended.given[index];
  uint64_t idle = heap_store_count(&state->store, index), batch = heap_batches[index];
  if (idle == UINT64_MAX) return 0;
  for (const struct cache *cache = state->caches; cache; cache = cache->next) {
    const struct magazine *magazine = &cache->magazines[index];
    if (heap_list_length(magazine->loaded) != magazine->count || magazine->count > batch) return 0;
    if (magazine->spare && heap_list_length(magazine->spare) != batch) return 0;
    idle += magazine->count + (magazine->spare ? batch : 0);
    used += cache->counts.taken[index] - cache->counts.given[index];
  }
  return used + idle == state->store.carved[index];
}

int ration_heap_is_valid(struct ration_heap *heap) {
  if (!is_made(heap)) return 0;
  const struct ration_heap_state *state = heap->state;
  const struct heap_store *store = &state->store;
  size_t reserved = sizeof *state;
  for (const struct cache *cache = state->caches; cache; cache = cache->next) reserved += sizeof *cache;
  for (const struct heap_chunk *chunk = store->chunks; chunk; chunk = chunk->next)
    reserved += store->settings.chunk_bytes;
  for (unsigned i = 0; i < HEAP_SIZES; i++)
    if (!is_size_valid(state, i)) return 0;
  return reserved == store->reserved &&
         (!store->settings.bytes_most || reserved <= store->settings.bytes_most);
}
