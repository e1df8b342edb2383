/*
 * sparse_chunk.c: opens and closes chunks: packing, compression, checksums, and the list of open ones.
 */
#include "kit/sparse_chunk.h"

#include <errno.h>
#include <string.h>

#include "kit/checksum.h"
#include "kit/fail.h"

static int make_room(struct ration_sparse_array *array);
static int reserve_scratch(struct ration_sparse_array *array);
static int read_stored(struct ration_sparse_array *array, const struct ration_sparse_chunk *chunk);
static int store(struct ration_sparse_array *array, struct ration_sparse_chunk *chunk);
static void pack(const struct ration_sparse_array *array, const struct ration_sparse_chunk *chunk);
static void unpack(const struct ration_sparse_array *array, struct ration_sparse_chunk *chunk);
static size_t squeeze(const struct ration_sparse_array *array, size_t bytes);
static void link_newest(struct ration_sparse_array *array, struct ration_sparse_chunk *chunk);
static void unlink_open(struct ration_sparse_array *array, struct ration_sparse_chunk *chunk);

static size_t chunk_bytes(const struct ration_sparse_array *array) {
  return sizeof(struct ration_sparse_chunk) + array->settings.chunk / 8;
}

static size_t open_bytes(const struct ration_sparse_array *array) {
  return array->settings.chunk * array->size;
}

static int is_compressed(const struct ration_sparse_array *array, const struct ration_sparse_chunk *chunk) {
  return chunk->stored && chunk->stored_bytes < chunk->count * array->size;
}

struct ration_sparse_chunk *sparse_chunk_make(struct ration_sparse_array *array, uint64_t number) {
  int error = make_room(array);
  if (error) return fail(error);
  struct ration_sparse_chunk *chunk = (struct ration_sparse_chunk *)ration_memory_allocate(
      array->memory, chunk_bytes(array), sizeof(uint64_t));
  if (!chunk) return NULL;
  memset(chunk, 0, chunk_bytes(array));
  chunk->open = (unsigned char *)ration_memory_allocate(array->memory, open_bytes(array), array->alignment);
  if (!chunk->open) {
    error = -errno;
    ration_memory_release(array->memory, chunk, chunk_bytes(array), sizeof(uint64_t));
    return fail(error);
  }
  chunk->number = number;
  chunk->accessed = array->now;
  array->open++;
  link_newest(array, chunk);
  return chunk;
}

static void drop_open(struct ration_sparse_array *array, struct ration_sparse_chunk *chunk) {
  if (!chunk->open) return;
  unlink_open(array, chunk);
  array->open--;
  ration_memory_release(array->memory, chunk->open, open_bytes(array), array->alignment);
  chunk->open = NULL;
}

void sparse_chunk_end(struct ration_sparse_array *array, struct ration_sparse_chunk *chunk) {
  drop_open(array, chunk);
  sparse_chunk_spoil(array, chunk);
  ration_memory_release(array->memory, chunk, chunk_bytes(array), sizeof(uint64_t));
}

void sparse_chunk_spoil(struct ration_sparse_array *array, struct ration_sparse_chunk *chunk) {
  if (!chunk->stored) return;
  array->compressed -= is_compressed(array, chunk);
  array->stored_bytes -= chunk->stored_bytes;
  ration_memory_release(array->memory, chunk->stored, chunk->stored_bytes, 1);
  chunk->stored = NULL;
}

int sparse_chunk_open(struct ration_sparse_array *array, struct ration_sparse_chunk *chunk) {
  chunk->accessed = array->now;
  if (chunk->open) {
    array->hits++;
    if (array->newest == chunk) return 0;
    unlink_open(array, chunk);
    link_newest(array, chunk);
    return 0;
  }
  array->misses++;
  int error = make_room(array);
  if (!error) error = read_stored(array, chunk);
  if (error) return error;
  chunk->open = (unsigned char *)ration_memory_allocate(array->memory, open_bytes(array), array->alignment);
  if (!chunk->open) return -errno;
  unpack(array, chunk);
  array->open++;
  link_newest(array, chunk);
  return 0;
}

int sparse_chunk_close(struct ration_sparse_array *array, struct ration_sparse_chunk *chunk) {
  int error = chunk->stored ? 0 : store(array, chunk);
  if (!error) drop_open(array, chunk);
  return error;
}

void sparse_chunk_release_scratch(struct ration_sparse_array *array) {
  ration_memory_release(array->memory, array->packed, open_bytes(array), 1);
  if (array->squeezed) ration_memory_release(array->memory, array->squeezed, array->squeezed_room, 1);
  array->packed = array->squeezed = NULL;
}

/* ---- closed and open ------------------------------------------------------------------------------------- */

/* For one more open chunk. */
static int make_room(struct ration_sparse_array *array) {
  return array->open < array->settings.open_most ? 0 : sparse_chunk_close(array, array->oldest);
}

static int reserve_scratch(struct ration_sparse_array *array) {
  const struct ration_compression *compression = array->settings.compression;
  size_t bytes = open_bytes(array);
  if (!array->packed) array->packed = (unsigned char *)ration_memory_allocate(array->memory, bytes, 1);
  if (!array->packed) return -errno;
  if (!compression || array->squeezed) return 0;
  size_t bound = compression->bound ? compression->bound(bytes, compression->context) : 0;
  array->squeezed_room = bound && bound <= RATION_BYTES_MOST ? bound : bytes;
  array->squeezed = (unsigned char *)ration_memory_allocate(array->memory, array->squeezed_room, 1);
  return array->squeezed ? 0 : -errno;
}

/* The packed elements, into the scratch. */
static int read_stored(struct ration_sparse_array *array, const struct ration_sparse_chunk *chunk) {
  const struct ration_compression *compression = array->settings.compression;
  size_t bytes = chunk->count * array->size;
  int error = reserve_scratch(array);
  if (error) return error;
  if (is_compressed(array, chunk)) {
    ptrdiff_t plain = compression->decompress(chunk->stored, chunk->stored_bytes, array->packed, bytes,
                                              compression->context);
    if (plain == -ENOMEM) return -ENOMEM;
    if (plain < 0 || (size_t)plain != bytes) error = -EBADMSG;
  } else {
    memcpy(array->packed, chunk->stored, bytes);
  }
  if (!error && checksum_of(array->packed, bytes) != chunk->checksum) error = -EBADMSG;
  if (error) array->corrupt++;
  return error;
}

static int store(struct ration_sparse_array *array, struct ration_sparse_chunk *chunk) {
  int error = reserve_scratch(array);
  if (error) return error;
  size_t bytes = chunk->count * array->size;
  pack(array, chunk);
  size_t squeezed = squeeze(array, bytes);
  const unsigned char *from = squeezed ? array->squeezed : array->packed;
  size_t stored = squeezed ? squeezed : bytes;
  chunk->stored = (unsigned char *)ration_memory_allocate(array->memory, stored, 1);
  if (!chunk->stored) return -errno;
  memcpy(chunk->stored, from, stored);
  chunk->stored_bytes = stored;
  chunk->checksum = checksum_of(array->packed, bytes);
  array->stored_bytes += stored;
  array->compressed += squeezed != 0;
  return 0;
}

/* The scratch, compressed: bytes; 0 where that makes it no smaller. */
static size_t squeeze(const struct ration_sparse_array *array, size_t bytes) {
  const struct ration_compression *compression = array->settings.compression;
  if (!compression) return 0;
  ptrdiff_t squeezed = compression->compress(array->packed, bytes, array->squeezed, array->squeezed_room,
                                             compression->context);
  int is_smaller = squeezed > 0 && (size_t)squeezed < bytes && (size_t)squeezed <= array->squeezed_room;
  return is_smaller ? (size_t)squeezed : 0;
}

/* Calls for each run of set bits, so that a full chunk is one copy. */
static uint32_t next_run(const struct ration_sparse_chunk *chunk, uint32_t from, uint32_t end,
                         uint32_t *ret_length) {
  while (from < end && !(chunk->bits[from / 64] >> (from % 64))) from = (from / 64 + 1) * 64;
  if (from >= end) return end;
  from += (uint32_t)__builtin_ctzll(chunk->bits[from / 64] >> (from % 64));
  uint32_t stop = from;
  while (stop < end && sparse_chunk_has(chunk, stop)) {
    uint64_t zeros = ~(chunk->bits[stop / 64] >> (stop % 64));
    uint32_t left = 64 - stop % 64, ones = zeros ? (uint32_t)__builtin_ctzll(zeros) : 64;
    stop += ones < left ? ones : left;
  }
  *ret_length = stop - from;
  return from;
}

static void pack(const struct ration_sparse_array *array, const struct ration_sparse_chunk *chunk) {
  uint32_t end = (uint32_t)array->settings.chunk, length = 0;
  unsigned char *to = array->packed;
  for (uint32_t at = 0; (at = next_run(chunk, at, end, &length)) < end; at += length) {
    memcpy(to, chunk->open + at * array->size, length * array->size);
    to += length * array->size;
  }
}

static void unpack(const struct ration_sparse_array *array, struct ration_sparse_chunk *chunk) {
  uint32_t end = (uint32_t)array->settings.chunk, length = 0;
  const unsigned char *from = array->packed;
  for (uint32_t at = 0; (at = next_run(chunk, at, end, &length)) < end; at += length) {
    memcpy(chunk->open + at * array->size, from, length * array->size);
    from += length * array->size;
  }
}

/* ---- the list of open ones ------------------------------------------------------------------------------- */

static void link_newest(struct ration_sparse_array *array, struct ration_sparse_chunk *chunk) {
  chunk->newer = NULL;
  chunk->older = array->newest;
  if (array->newest)
    array->newest->newer = chunk;
  else
    array->oldest = chunk;
  array->newest = chunk;
}

static void unlink_open(struct ration_sparse_array *array, struct ration_sparse_chunk *chunk) {
  if (chunk->newer)
    chunk->newer->older = chunk->older;
  else
    array->newest = chunk->older;
  if (chunk->older)
    chunk->older->newer = chunk->newer;
  else
    array->oldest = chunk->newer;
}
