/*
 * sparse_array.c: chunks by their number, in a hash table for access, and in a list by number for walking.
 *
 * The list is sorted when it must be: chunks mostly come to be in order, so that nothing is to do. A chunk that ends
 * leaves its number behind, so that the others keep their places, until half of the list are such. Those at the front are
 * not looked at again; another takes on the number before it once a walk has passed over it.
 */
#include <ration/kit/sparse_array.h>

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/hash.h"
#include "kit/fail.h"
#include "kit/sparse_chunk.h"

static struct ration_sparse_chunk *chunk_of(const struct ration_sparse_array *array, uint64_t index);
static uint32_t place_of(const struct ration_sparse_array *array, uint64_t index);
static struct ration_sparse_chunk *make_chunk(struct ration_sparse_array *array, uint64_t number);
static int open_element(struct ration_sparse_array *array, uint64_t index,
                        struct ration_sparse_chunk **ret_chunk);
static void end_chunk(struct ration_sparse_array *array, struct ration_sparse_chunk *chunk);
static int grow_lists(struct ration_sparse_array *array);
static size_t slot_of(const struct ration_sparse_array *array, uint64_t number);
static void leave_table(struct ration_sparse_array *array, uint64_t number);
static void compact(struct ration_sparse_array *array);
static void sort(struct ration_sparse_array *array);

static int is_usable(const struct ration_sparse_array *array, uint64_t index) {
  return array && array->size && index != UINT64_MAX;
}

static int are_settings_wrong(const struct ration_sparse_array_settings *settings) {
  const struct ration_compression *compression = settings->compression;
  return settings->chunk & (settings->chunk - 1) || settings->chunk < 64 || settings->chunk > 65536 ||
         settings->tick_most > INT_MAX ||
         (compression && (!compression->compress || !compression->decompress));
}

int ration_sparse_array_init(struct ration_sparse_array *array, struct ration_memory *memory, size_t size,
                             size_t alignment, const struct ration_sparse_array_settings *settings) {
  struct ration_sparse_array made = {.memory = memory, .size = size, .alignment = alignment};
  size_t bytes;
  if (settings) made.settings = *settings;
  if (!made.settings.chunk) made.settings.chunk = 1024;
  if (!made.settings.open_most) made.settings.open_most = 64;
  if (!made.settings.tick_most) made.settings.tick_most = 8;
  if (!made.settings.maximum) made.settings.maximum = SIZE_MAX;
  if (!array || !size || ration_memory_check(1, alignment) || size % alignment ||
      are_settings_wrong(&made.settings))
    return -EINVAL;
  if (__builtin_mul_overflow(size, made.settings.chunk, &bytes) || bytes > RATION_BYTES_MOST)
    return -EOVERFLOW;
  made.shift = (uint32_t)__builtin_ctzll(made.settings.chunk);
  *array = made;
  return 0;
}

void ration_sparse_array_done(struct ration_sparse_array *array) {
  if (!array || !array->size) return;
  ration_sparse_array_clear(array);
  sparse_chunk_release_scratch(array);
  if (array->table)
    ration_memory_release(array->memory, array->table, array->table_size * sizeof(void *), sizeof(void *));
  if (array->order)
    ration_memory_release(array->memory, array->order, array->order_capacity * sizeof *array->order,
                          sizeof(uint64_t));
  memset(array, 0, sizeof *array);
}

int ration_sparse_array_set(struct ration_sparse_array *array, uint64_t index, const void *element) {
  if (!is_usable(array, index) || !element) return -EINVAL;
  struct ration_sparse_chunk *chunk = chunk_of(array, index);
  uint32_t place = place_of(array, index);
  int is_new = !chunk || !sparse_chunk_has(chunk, place);
  if (is_new && array->count >= array->settings.maximum) return -ENOSPC;
  int error = chunk ? sparse_chunk_open(array, chunk) : 0;
  if (error) return error;
  if (!chunk) chunk = make_chunk(array, index >> array->shift);
  if (!chunk) return -errno;
  sparse_chunk_spoil(array, chunk);
  memcpy(chunk->open + place * array->size, element, array->size);
  chunk->bits[place / 64] |= UINT64_C(1) << place % 64;
  chunk->count += is_new;
  array->count += is_new;
  return 0;
}

int ration_sparse_array_get(struct ration_sparse_array *array, uint64_t index, void *ret_element) {
  struct ration_sparse_chunk *chunk;
  if (!ret_element) return -EINVAL;
  int error = open_element(array, index, &chunk);
  if (!error) memcpy(ret_element, chunk->open + place_of(array, index) * array->size, array->size);
  return error;
}

const void *ration_sparse_array_find(struct ration_sparse_array *array, uint64_t index) {
  struct ration_sparse_chunk *chunk;
  int error = open_element(array, index, &chunk);
  if (error) return fail(error);
  return chunk->open + place_of(array, index) * array->size;
}

void *ration_sparse_array_change(struct ration_sparse_array *array, uint64_t index) {
  struct ration_sparse_chunk *chunk;
  int error = open_element(array, index, &chunk);
  if (error) return fail(error);
  sparse_chunk_spoil(array, chunk);
  return chunk->open + place_of(array, index) * array->size;
}

int ration_sparse_array_remove(struct ration_sparse_array *array, uint64_t index) {
  if (!is_usable(array, index)) return -EINVAL;
  struct ration_sparse_chunk *chunk = chunk_of(array, index);
  uint32_t place = place_of(array, index);
  if (!chunk || !sparse_chunk_has(chunk, place)) return -ENOENT;
  if (chunk->count == 1) return ration_sparse_array_drop(array, index, NULL);
  int error = sparse_chunk_open(array, chunk);
  if (error) return error;
  sparse_chunk_spoil(array, chunk);
  chunk->bits[place / 64] &= ~(UINT64_C(1) << place % 64);
  chunk->count--;
  array->count--;
  return 0;
}

int ration_sparse_array_has(const struct ration_sparse_array *array, uint64_t index) {
  if (!is_usable(array, index)) return 0;
  const struct ration_sparse_chunk *chunk = chunk_of(array, index);
  return chunk && sparse_chunk_has(chunk, place_of(array, index));
}

size_t ration_sparse_array_count(const struct ration_sparse_array *array) {
  return array ? array->count : 0;
}

/* The lowest place of the chunk, from `place` on, that has an element: or -1. */
static int64_t find_place(const struct ration_sparse_array *array, const struct ration_sparse_chunk *chunk,
                          uint32_t place) {
  for (uint32_t word = place / 64; word < array->settings.chunk / 64; word++, place = 0) {
    uint64_t left = chunk->bits[word] >> place % 64;
    if (left) return (int64_t)word * 64 + place % 64 + __builtin_ctzll(left);
  }
  return -1;
}

int ration_sparse_array_next(struct ration_sparse_array *array, uint64_t *index) {
  if (!array || !array->size || !index) return -EINVAL;
  if (array->is_unsorted) sort(array);
  uint64_t number = *index >> array->shift;
  size_t low = array->order_begin, high = array->order_count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (array->order[middle].number < number)
      low = middle + 1;
    else
      high = middle;
  }
  for (; low < array->order_count; low++) {
    const struct ration_sparse_chunk *chunk = array->order[low].chunk;
    if (!chunk) { /* the next search for what lies behind it shall not find it again */
      array->order[low].number = array->order[low - 1].number;
      continue;
    }
    int64_t place = find_place(array, chunk, chunk->number == number ? place_of(array, *index) : 0);
    if (place < 0) continue;
    *index = (chunk->number << array->shift) + (uint64_t)place;
    return 0;
  }
  return -ENOENT;
}

int ration_sparse_array_drop(struct ration_sparse_array *array, uint64_t index, size_t *ret_count) {
  if (!is_usable(array, index)) return -EINVAL;
  struct ration_sparse_chunk *chunk = chunk_of(array, index);
  if (!chunk) return -ENOENT;
  if (ret_count) *ret_count = chunk->count;
  end_chunk(array, chunk);
  return 0;
}

int ration_sparse_array_tick(struct ration_sparse_array *array, uint64_t now) {
  if (!array || !array->size || now < array->now) return -EINVAL;
  array->now = now;
  int closed = 0;
  while (array->oldest && (size_t)closed < array->settings.tick_most &&
         now - array->oldest->accessed > array->settings.idle) {
    int error = sparse_chunk_close(array, array->oldest);
    if (error) return error;
    closed++;
  }
  return closed;
}

int ration_sparse_array_close(struct ration_sparse_array *array) {
  if (!array || !array->size) return -EINVAL;
  int error = 0;
  while (array->oldest && !error) error = sparse_chunk_close(array, array->oldest);
  if (!error) sparse_chunk_release_scratch(array);
  return error;
}

int ration_sparse_array_clear(struct ration_sparse_array *array) {
  if (!array || !array->size) return -EINVAL;
  for (size_t i = 0; i < array->order_count; i++)
    if (array->order[i].chunk) sparse_chunk_end(array, array->order[i].chunk);
  if (array->table) memset(array->table, 0, array->table_size * sizeof(void *));
  array->order_begin = array->order_count = array->chunks = array->count = 0;
  array->is_unsorted = 0;
  return 0;
}

int ration_sparse_array_stats(const struct ration_sparse_array *array,
                              struct ration_sparse_array_figures *ret_figures) {
  if (!array || !array->size || !ret_figures) return -EINVAL;
  *ret_figures = (struct ration_sparse_array_figures){.elements = array->count,
                                                      .chunks = array->chunks,
                                                      .open = array->open,
                                                      .compressed = array->compressed,
                                                      .plain_bytes = (uint64_t)array->count * array->size,
                                                      .open_bytes = (uint64_t)array->open *
                                                                    array->settings.chunk * array->size,
                                                      .stored_bytes = array->stored_bytes,
                                                      .hits = array->hits,
                                                      .misses = array->misses,
                                                      .corrupt = array->corrupt};
  return 0;
}

/* ---- chunks ---------------------------------------------------------------------------------------------- */

static uint32_t place_of(const struct ration_sparse_array *array, uint64_t index) {
  return (uint32_t)(index & (array->settings.chunk - 1));
}

static struct ration_sparse_chunk *chunk_of(const struct ration_sparse_array *array, uint64_t index) {
  uint64_t number = index >> array->shift;
  if (array->newest && array->newest->number == number) return array->newest;
  return array->table ? array->table[slot_of(array, number)] : NULL;
}

static int open_element(struct ration_sparse_array *array, uint64_t index,
                        struct ration_sparse_chunk **ret_chunk) {
  if (!is_usable(array, index)) return -EINVAL;
  struct ration_sparse_chunk *chunk = chunk_of(array, index);
  if (!chunk || !sparse_chunk_has(chunk, place_of(array, index))) return -ENOENT;
  int error = sparse_chunk_open(array, chunk);
  if (!error) *ret_chunk = chunk;
  return error;
}

/* NULL and errno. */
static struct ration_sparse_chunk *make_chunk(struct ration_sparse_array *array, uint64_t number) {
  int error = grow_lists(array);
  if (error) return fail(error);
  struct ration_sparse_chunk *chunk = sparse_chunk_make(array, number);
  if (!chunk) return NULL;
  if (array->order_count && array->order[array->order_count - 1].number > number) array->is_unsorted = 1;
  chunk->place = (uint32_t)array->order_count;
  array->order[array->order_count++] = (struct ration_sparse_order){number, chunk};
  array->table[slot_of(array, number)] = chunk;
  array->chunks++;
  return chunk;
}

static void end_chunk(struct ration_sparse_array *array, struct ration_sparse_chunk *chunk) {
  leave_table(array, chunk->number);
  array->order[chunk->place].chunk = NULL;
  array->chunks--;
  array->count -= chunk->count;
  sparse_chunk_end(array, chunk);
  while (array->order_begin < array->order_count && !array->order[array->order_begin].chunk)
    array->order_begin++;
  if (array->order_count > 2 * array->chunks + 16) compact(array);
}

/* ---- the table: linear probing, at most half full -------------------------------------------------------- */

/* Where it is, or would be. */
static size_t slot_of(const struct ration_sparse_array *array, uint64_t number) {
  size_t slot = hash_word(number) & (array->table_size - 1);
  while (array->table[slot] && array->table[slot]->number != number)
    slot = (slot + 1) & (array->table_size - 1);
  return slot;
}

/* Those that follow move up where the gap would cut them off from where their search begins. */
static void leave_table(struct ration_sparse_array *array, uint64_t number) {
  size_t mask = array->table_size - 1, gap = slot_of(array, number);
  for (size_t slot = (gap + 1) & mask; array->table[slot]; slot = (slot + 1) & mask) {
    size_t begin = hash_word(array->table[slot]->number) & mask;
    if (((slot - begin) & mask) < ((slot - gap) & mask)) continue;
    array->table[gap] = array->table[slot];
    gap = slot;
  }
  array->table[gap] = NULL;
}

static int grow_table(struct ration_sparse_array *array) {
  size_t size = array->table_size ? 2 * array->table_size : 16;
  struct ration_sparse_chunk **table = (struct ration_sparse_chunk **)ration_memory_allocate_array(
      array->memory, size, sizeof *table, sizeof *table);
  if (!table) return -errno;
  memset(table, 0, size * sizeof *table);
  if (array->table)
    ration_memory_release(array->memory, array->table, array->table_size * sizeof *table, sizeof *table);
  array->table = table;
  array->table_size = size;
  for (size_t i = 0; i < array->order_count; i++)
    if (array->order[i].chunk) table[slot_of(array, array->order[i].number)] = array->order[i].chunk;
  return 0;
}

/* Room for one more in both. */
static int grow_lists(struct ration_sparse_array *array) {
  if (2 * (array->chunks + 1) > array->table_size) {
    int error = grow_table(array);
    if (error) return error;
  }
  if (array->order_count < array->order_capacity) return 0;
  if (array->order_count == UINT32_MAX) return -ENOSPC; /* a chunk's place has 32 bits */
  size_t count = array->order_capacity ? 2 * array->order_capacity : 16;
  void *grown =
      ration_memory_reallocate(array->memory, array->order, array->order_capacity * sizeof *array->order,
                               count * sizeof *array->order, sizeof(uint64_t));
  if (!grown) return -errno;
  array->order = (struct ration_sparse_order *)grown;
  array->order_capacity = count;
  return 0;
}

/* ---- the list by number ---------------------------------------------------------------------------------- */

static void compact(struct ration_sparse_array *array) {
  size_t count = 0;
  for (size_t i = 0; i < array->order_count; i++) {
    struct ration_sparse_order entry = array->order[i];
    if (!entry.chunk) continue;
    entry.chunk->place = (uint32_t)count;
    array->order[count++] = entry;
  }
  array->order_begin = 0;
  array->order_count = count;
}

static void sift(struct ration_sparse_order *order, size_t place, size_t count) {
  struct ration_sparse_order entry = order[place];
  for (size_t child; (child = 2 * place + 1) < count; place = child) {
    if (child + 1 < count && order[child + 1].number > order[child].number) child++;
    if (order[child].number <= entry.number) break;
    order[place] = order[child];
  }
  order[place] = entry;
}

/* By heap sort, which needs no memory. */
static void sort(struct ration_sparse_array *array) {
  compact(array);
  size_t count = array->order_count;
  for (size_t i = count / 2; i-- > 0;) sift(array->order, i, count);
  for (size_t i = count; i-- > 1;) {
    struct ration_sparse_order greatest = array->order[0];
    array->order[0] = array->order[i];
    array->order[i] = greatest;
    sift(array->order, 0, i);
  }
  for (size_t i = 0; i < count; i++) array->order[i].chunk->place = (uint32_t)i;
  array->is_unsorted = 0;
}

/* ---- validity -------------------------------------------------------------------------------------------- */

static int is_chunk_valid(const struct ration_sparse_array *array, const struct ration_sparse_chunk *chunk,
                          size_t place) {
  uint32_t bits = 0;
  for (size_t i = 0; i < array->settings.chunk / 64; i++)
    bits += (uint32_t)__builtin_popcountll(chunk->bits[i]);
  if (bits != chunk->count || !bits || chunk->place != place || array->order[place].number != chunk->number)
    return 0;
  if (!chunk->open && !chunk->stored) return 0;
  if (chunk->stored && (!chunk->stored_bytes || chunk->stored_bytes > chunk->count * array->size)) return 0;
  return array->table[slot_of(array, chunk->number)] == chunk;
}

int ration_sparse_array_is_valid(const struct ration_sparse_array *array) {
  if (!array || !array->size) return 0;
  size_t count = 0, chunks = 0, stored = 0, compressed = 0, open = 0;
  for (size_t i = 0; i < array->order_count; i++) {
    const struct ration_sparse_chunk *chunk = array->order[i].chunk;
    if (!array->is_unsorted && i && array->order[i - 1].number > array->order[i].number) return 0;
    if (!chunk && i == array->order_begin) return 0;
    if (!chunk) continue;
    if (i < array->order_begin) return 0;
    if (!is_chunk_valid(array, chunk, i)) return 0;
    chunks++;
    count += chunk->count;
    stored += chunk->stored ? chunk->stored_bytes : 0;
    compressed += chunk->stored && chunk->stored_bytes < chunk->count * array->size;
  }
  for (const struct ration_sparse_chunk *chunk = array->newest; chunk; chunk = chunk->older, open++) {
    if (!chunk->open || (chunk->older ? chunk->older->newer : array->oldest) != chunk) return 0;
    if (chunk->older && chunk->older->accessed > chunk->accessed) return 0;
  }
  return chunks == array->chunks && count == array->count && stored == array->stored_bytes &&
         compressed == array->compressed && open == array->open && open <= array->settings.open_most &&
         (!array->newest || !array->newest->newer);
}
