/*
 * heap_store.c: shelves and chunks.
 */
#include "kit/heap_store.h"

#include <errno.h>
#include <string.h>

#include "kit/fail.h"

const uint16_t heap_sizes[HEAP_SIZES] = {16,  32,  48,  64,  80,  96,  112, 128, 160, 192,
                                         224, 256, 320, 384, 448, 512, 640, 768, 896, 1024};
const uint8_t heap_batches[HEAP_SIZES] = {64, 64, 64, 64, 64, 64, 64, 64, 51, 42,
                                          36, 32, 25, 21, 18, 16, 12, 10, 9,  8};
const uint8_t heap_indices[RATION_HEAP_SMALL_MOST / 16 + 1] = {
    0,  0,  1,  2,  3,  4,  5,  6,  7,  8,  8,  9,  9,  10, 10, 11, 11, 12, 12, 12, 12, 13,
    13, 13, 13, 14, 14, 14, 14, 15, 15, 15, 15, 16, 16, 16, 16, 16, 16, 16, 16, 17, 17, 17,
    17, 17, 17, 17, 17, 18, 18, 18, 18, 18, 18, 18, 18, 19, 19, 19, 19, 19, 19, 19, 19};

static void *take_batch(struct heap_store *store, unsigned index, uint32_t *ret_count);
static void *carve(struct heap_store *store, unsigned index, uint32_t *ret_count);
static int add_chunk(struct heap_store *store);

static void **next_batch_of(void *batch) {
  return (void **)batch + 1;
}

void heap_store_init(struct heap_store *store, struct ration_memory *below,
                     const struct ration_heap_settings *settings, size_t own) {
  memset(store, 0, sizeof *store);
  store->below = below;
  store->settings = *settings;
  store->reserved = own;
  pthread_mutex_init(&store->lock, NULL);
  for (unsigned i = 0; i < HEAP_SIZES; i++) pthread_mutex_init(&store->shelves[i].lock, NULL);
}

void heap_store_done(struct heap_store *store) {
  for (struct heap_chunk *chunk = store->chunks, *next; chunk; chunk = next) {
    next = chunk->next;
    ration_memory_release(store->below, chunk, store->settings.chunk_bytes, HEAP_LINE);
  }
  for (unsigned i = 0; i < HEAP_SIZES; i++) pthread_mutex_destroy(&store->shelves[i].lock);
  pthread_mutex_destroy(&store->lock);
}

void *heap_store_take(struct heap_store *store, unsigned index, uint32_t *ret_count) {
  void *list = take_batch(store, index, ret_count);
  return list ? list : carve(store, index, ret_count);
}

/* A batch, or the loose blocks; NULL: the shelf is empty. */
static void *take_batch(struct heap_store *store, unsigned index, uint32_t *ret_count) {
  struct heap_shelf *shelf = &store->shelves[index];
  pthread_mutex_lock(&shelf->lock);
  void *batch = shelf->batches;
  if (batch) {
    shelf->batches = *next_batch_of(batch);
    *ret_count = heap_batches[index];
  } else if (shelf->loose) {
    batch = shelf->loose;
    *ret_count = shelf->loose_count;
    shelf->loose = NULL;
    shelf->loose_count = 0;
  }
  pthread_mutex_unlock(&shelf->lock);
  return batch;
}

/* New blocks, a batch or what the chunk still has; NULL and errno. */
static void *carve(struct heap_store *store, unsigned index, uint32_t *ret_count) {
  size_t size = heap_sizes[index], alignment = size % HEAP_LINE ? HEAP_ALIGNMENT : HEAP_LINE, count = 0;
  char *first = NULL;
  pthread_mutex_lock(&store->lock);
  do {
    size_t padding = (size_t)(0 - (uintptr_t)store->free) & (alignment - 1);
    size_t room = (size_t)(store->end - store->free);
    if (room < padding + size) continue;
    first = store->free + padding;
    count = (room - padding) / size;
  } while (!count && !add_chunk(store)); /* a chunk holds a block of any size */
  if (count > heap_batches[index]) count = heap_batches[index];
  if (count) store->free = first + count * size;
  store->carved[index] += count;
  pthread_mutex_unlock(&store->lock);
  for (size_t i = 0; i < count; i++)
    *heap_next_of(first + i * size) = i + 1 < count ? first + (i + 1) * size : NULL;
  if (count) *ret_count = (uint32_t)count;
  return first;
}

/* What is left of the last chunk is less than a block of the size that asks. 0; -1 and errno. */
static int add_chunk(struct heap_store *store) {
  size_t bytes = store->settings.chunk_bytes;
  struct heap_chunk *chunk = heap_store_acquire(store, bytes);
  if (!chunk) return -1;
  chunk->next = store->chunks;
  store->chunks = chunk;
  store->free = (char *)chunk + HEAP_LINE;
  store->end = (char *)chunk + bytes;
  return 0;
}

void *heap_store_acquire(struct heap_store *store, size_t bytes) {
  size_t most = store->settings.bytes_most;
  if (most && most - store->reserved < bytes) return fail(-ENOSPC);
  void *block = ration_memory_allocate(store->below, bytes, HEAP_LINE);
  if (block) store->reserved += bytes;
  return block;
}

void heap_store_release(struct heap_store *store, void *block, size_t bytes) {
  ration_memory_release(store->below, block, bytes, HEAP_LINE);
  store->reserved -= bytes;
}

void heap_store_put(struct heap_store *store, unsigned index, void *batch) {
  struct heap_shelf *shelf = &store->shelves[index];
  pthread_mutex_lock(&shelf->lock);
  *next_batch_of(batch) = shelf->batches;
  shelf->batches = batch;
  pthread_mutex_unlock(&shelf->lock);
}

void heap_store_put_loose(struct heap_store *store, unsigned index, void *list) {
  struct heap_shelf *shelf = &store->shelves[index];
  pthread_mutex_lock(&shelf->lock);
  for (void *next; list; list = next) {
    next = *heap_next_of(list);
    *heap_next_of(list) = shelf->loose;
    shelf->loose = list;
    if (++shelf->loose_count < heap_batches[index]) continue;
    *next_batch_of(list) = shelf->batches;
    shelf->batches = list;
    shelf->loose = NULL;
    shelf->loose_count = 0;
  }
  pthread_mutex_unlock(&shelf->lock);
}

uint64_t heap_list_length(void *list) {
  uint64_t length = 0;
  for (; list; list = *heap_next_of(list)) length++;
  return length;
}

uint64_t heap_store_count(const struct heap_store *store, unsigned index) {
  const struct heap_shelf *shelf = &store->shelves[index];
  uint64_t count = shelf->loose_count;
  if (heap_list_length(shelf->loose) != count || count >= heap_batches[index]) return UINT64_MAX;
  for (void *batch = shelf->batches; batch; batch = *next_batch_of(batch)) {
    if (heap_list_length(batch) != heap_batches[index]) return UINT64_MAX;
    count += heap_batches[index];
  }
  return count;
}
