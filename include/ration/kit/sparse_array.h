/*
 * sparse_array.h: an array by 64-bit index of which only what was set takes memory, and what was not used for a while is
 * compressed. For large, mostly cold data: memories of creatures, regions of a map, histories.
 *
 *     struct ration_sparse_array memories;
 *     const struct ration_sparse_array_settings settings = {.idle = 60, .compression = ration_compression_lz4()};
 *     ration_sparse_array_init(&memories, NULL, sizeof(struct memory), alignof(struct memory), &settings);
 *     ration_sparse_array_set(&memories, creature * 1000 + serial, &memory);
 *     ration_sparse_array_tick(&memories, seconds);           // each frame: compresses what was idle for a minute
 *
 * Elements are plain bytes of one size. `chunk` neighbours form a chunk. A chunk is open, as a plain array with gaps, or
 * closed: its elements packed without the gaps, and compressed, where that makes them smaller. What is accessed is
 * opened, and stays open until it is idle or, least recently used first, more than `open_most` are open. A closed form is
 * kept while nothing is changed, so that a chunk that was only read is closed for nothing.
 *
 * Time is the program's, in any unit: a number that does not fall, given to tick. Between two ticks it stands still.
 *
 * Each closed form has a checksum of its plain bytes. Where they come back otherwise, or not at all, what needed them
 * says EBADMSG; the chunk stays as it is, has and next know it still, and ration_sparse_array_drop takes it away. Of a
 * change in one 8-byte word the checksum is sure, of others but for one in 2^64. It is none against forgers.
 *
 * A pointer to an element is valid until the next call on the array but has, next, count, stats. From one thread at a
 * time: reading opens chunks.
 */
#ifndef RATION_KIT_SPARSE_ARRAY_H
#define RATION_KIT_SPARSE_ARRAY_H

#include <ration/kit/memory.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A way to compress, as functions of the program's or of ration/kit/compress.h. They may be called from several threads
 * if several arrays use them, and must leave alone the array that calls them.
 */
struct ration_compression {
  const char *name;

  /* Room with which compress does not fail for its lack; NULL or 0: not known, bytes are tried. */
  size_t (*bound)(size_t bytes, void *context);

  /* Writes at most `room` bytes: how many, or a negative errno, after which the bytes are stored as they are. */
  ptrdiff_t (*compress)(const void *from, size_t bytes, void *to, size_t room, void *context);

  /* Of any bytes: writes at most `room` bytes: how many, or a negative errno. */
  ptrdiff_t (*decompress)(const void *from, size_t bytes, void *to, size_t room, void *context);

  void *context;
};

struct ration_sparse_array_settings {
  size_t chunk;     /* elements of a chunk: a power of two, 64 to 65536; 0: 1024 */
  size_t open_most; /* chunks that are open at once, at most; 0: 64 */
  size_t tick_most; /* chunks that one tick closes, at most, so that no frame waits for more; 0: 8 */
  size_t maximum;   /* elements, at most; 0: no limit */
  uint64_t idle;    /* chunks not accessed for longer than that are closed */
  const struct ration_compression *compression; /* which must stay; NULL: closed chunks are packed only */
};

/* Private. */
struct ration_sparse_chunk;
struct ration_sparse_order {
  uint64_t number;
  struct ration_sparse_chunk *chunk; /* NULL: it is gone, and the number at most what it was */
};
struct ration_sparse_array {
  struct ration_memory *memory;
  struct ration_sparse_array_settings settings;
  size_t size, alignment;
  struct ration_sparse_chunk **table; /* by the hash of their number */
  size_t table_size;
  struct ration_sparse_order *order;               /* by number, unless is_unsorted */
  size_t order_begin, order_count, order_capacity; /* before order_begin, all are gone */
  int is_unsorted;
  uint32_t shift;                              /* chunk = 1 << shift */
  struct ration_sparse_chunk *newest, *oldest; /* open ones, by their last access */
  uint64_t now;
  unsigned char *packed, *squeezed; /* scratch, made when first needed */
  size_t squeezed_room;
  size_t count, chunks, open, stored_bytes, compressed, hits, misses, corrupt;
};

/*
 * -EINVAL: NULL, size 0 or no multiple of the alignment, a setting outside its range, a compression without functions;
 * -EOVERFLOW: a chunk would be too large.
 */
int ration_sparse_array_init(struct ration_sparse_array *array, struct ration_memory *memory, size_t size,
                             size_t alignment, const struct ration_sparse_array_settings *settings);
void ration_sparse_array_done(struct ration_sparse_array *array);

/*
 * What follows: O(1) besides opening and closing a chunk. Any index but UINT64_MAX. All may fail with -EINVAL: NULL, that
 * index; what opens a chunk, with -EBADMSG, and with -ENOMEM or -ENOSPC, as the memory below has it.
 */

/* Copies the element, which must not lie in the array, to that index, where one may be already. Opens. -ENOSPC: the
   maximum is reached. */
int ration_sparse_array_set(struct ration_sparse_array *array, uint64_t index, const void *element);

/* Copies it out. Opens. -ENOENT. */
int ration_sparse_array_get(struct ration_sparse_array *array, uint64_t index, void *ret_element);

/* The element in place: to read, or to change. Opens. NULL and errno: as get. */
const void *ration_sparse_array_find(struct ration_sparse_array *array, uint64_t index);
void *ration_sparse_array_change(struct ration_sparse_array *array, uint64_t index);

/* Takes it away. Opens, unless it is the chunk's last. -ENOENT. */
int ration_sparse_array_remove(struct ration_sparse_array *array, uint64_t index);

int ration_sparse_array_has(const struct ration_sparse_array *array, uint64_t index);
size_t ration_sparse_array_count(const struct ration_sparse_array *array);

/*
 * The lowest index not below *index that has an element, in *index: -ENOENT if there is none. Opens nothing. To walk all:
 * for (uint64_t i = 0; !ration_sparse_array_next(array, &i); i++). O(log chunks), also after many were dropped, but for
 * the first call that passes over these; after chunks came to be out of order, the first call sorts them.
 */
int ration_sparse_array_next(struct ration_sparse_array *array, uint64_t *index);

/* Takes the whole chunk of that index away, without opening it; how many elements that were: *ret_count (may be NULL).
   -ENOENT: it has none. */
int ration_sparse_array_drop(struct ration_sparse_array *array, uint64_t index, size_t *ret_count);

/*
 * It is `now`: closes chunks that have been idle, longest first, at most tick_most. How many were closed; -EINVAL: NULL,
 * or time fell; -ENOMEM: no room for a closed form; the chunk stays open.
 */
int ration_sparse_array_tick(struct ration_sparse_array *array, uint64_t now);

/* Closes all, and gives back what memory can be: when memory is short. -EINVAL, -ENOMEM as tick. */
int ration_sparse_array_close(struct ration_sparse_array *array);

/* Takes all elements away. -EINVAL. */
int ration_sparse_array_clear(struct ration_sparse_array *array);

struct ration_sparse_array_figures {
  uint64_t elements;
  uint64_t chunks;
  uint64_t open;         /* chunks */
  uint64_t compressed;   /* chunks whose closed form is compressed */
  uint64_t plain_bytes;  /* elements x size */
  uint64_t open_bytes;   /* of the open chunks, with their gaps */
  uint64_t stored_bytes; /* of the closed forms */
  uint64_t hits, misses; /* accesses to a chunk that was open, that was not */
  uint64_t corrupt;      /* accesses that ended in EBADMSG */
};

/* -EINVAL: NULL, or the array not made. */
int ration_sparse_array_stats(const struct ration_sparse_array *array,
                              struct ration_sparse_array_figures *ret_figures);

/* For tests: each chunk is found by its number, has a form, and as many elements as bits; the list of open ones is in
   the order of their last access; the sums are right. O(chunks x chunk). */
int ration_sparse_array_is_valid(const struct ration_sparse_array *array);

#ifdef __cplusplus
}
#endif
#endif
