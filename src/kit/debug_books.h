/*
 * debug_books.h: the records of a debugging wrapper: one for each block that is live, or released not long ago; in one
 * table by address, and in one of two lists. All under the wrapper's lock.
 *
 *     outer                    block
 *     | guard: 16 or alignment | size bytes | guard: 16 |
 *
 * Several records may have one address, when a memory below gives it out again: the newest is found first.
 */
#ifndef RATION_SRC_KIT_DEBUG_BOOKS_H
#define RATION_SRC_KIT_DEBUG_BOOKS_H

#include <ration/kit/debug.h>

struct ration_debug_record {
  struct ration_debug_record *in_bucket, *previous, *next;
  char *block;
  size_t size, alignment;
  uint64_t serial;
  int is_released;
  int is_held; /* its bytes are still this wrapper's */
  struct ration_debug_site allocated, released;
};

/* The bytes before the block. */
static inline size_t books_front(size_t alignment) {
  return alignment > RATION_DEBUG_GUARD ? alignment : RATION_DEBUG_GUARD;
}

static inline size_t books_bytes(size_t size, size_t alignment) {
  return books_front(alignment) + size + RATION_DEBUG_GUARD;
}

/* NULL: there is none. */
struct ration_debug_record *books_find(const struct ration_debug *debug, const void *block);

/* A record that is in no list; NULL and errno: there is no memory for it or for the table. */
struct ration_debug_record *books_make(struct ration_debug *debug);
void books_unmake(struct ration_debug *debug, struct ration_debug_record *record);

/* Into the table, by its address, and among the live. */
void books_add(struct ration_debug *debug, struct ration_debug_record *record);

/* From the live to the released. */
void books_release(struct ration_debug *debug, struct ration_debug_record *record);

/* Out of the table and its list. */
void books_remove(struct ration_debug *debug, struct ration_debug_record *record);

/* The record of the live block that the address lies in; NULL. O(blocks). */
struct ration_debug_record *books_around(const struct ration_debug *debug, const void *address);

/* Gives the table back. */
void books_done(struct ration_debug *debug);

/* Fills the guards. */
void books_guard(const struct ration_debug_record *record);

/* Of a block whose bytes are held. 0, or -EBADMSG: where, and in what way. */
int books_check(const struct ration_debug_record *record, ptrdiff_t *ret_offset, const char **ret_text);

#endif
