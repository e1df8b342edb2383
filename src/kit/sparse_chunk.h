/*
 * sparse_chunk.h: one chunk of a sparse array, and its two forms.
 *
 *     open:   elements[i] is that of index number * chunk + i, where bit i is set; elsewhere anything
 *     stored: the same elements packed, in stored_bytes = count x size, or compressed, in fewer
 *
 * One of them at least is there; both, while nothing was changed since it was opened.
 */
#ifndef RATION_SRC_KIT_SPARSE_CHUNK_H
#define RATION_SRC_KIT_SPARSE_CHUNK_H

#include <ration/kit/sparse_array.h>

struct ration_sparse_chunk {
  uint64_t number;
  uint64_t accessed;
  struct ration_sparse_chunk *newer, *older; /* of the open ones */
  unsigned char *open;
  unsigned char *stored;
  size_t stored_bytes;
  uint64_t checksum; /* of the packed bytes, while stored */
  uint32_t count;
  uint32_t place;  /* in the array's order */
  uint64_t bits[]; /* chunk / 64 */
};

static inline int sparse_chunk_has(const struct ration_sparse_chunk *chunk, uint32_t place) {
  return (chunk->bits[place / 64] >> (place % 64) & 1) != 0;
}

/* A new one, open, without elements, in no list but that of the open ones. NULL and errno. */
struct ration_sparse_chunk *sparse_chunk_make(struct ration_sparse_array *array, uint64_t number);

/* Gives all of it back. */
void sparse_chunk_end(struct ration_sparse_array *array, struct ration_sparse_chunk *chunk);

/* Opens it, and closes the oldest for it where too many are open. 0, -ENOMEM, -EBADMSG. Counts hits and misses. */
int sparse_chunk_open(struct ration_sparse_array *array, struct ration_sparse_chunk *chunk);

/* It is open and will be changed: the stored form holds no longer. */
void sparse_chunk_spoil(struct ration_sparse_array *array, struct ration_sparse_chunk *chunk);

/* Closes an open one. 0, -ENOMEM. */
int sparse_chunk_close(struct ration_sparse_array *array, struct ration_sparse_chunk *chunk);

/* Gives the scratch back. */
void sparse_chunk_release_scratch(struct ration_sparse_array *array);

#endif
