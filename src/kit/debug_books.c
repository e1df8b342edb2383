/*
 * debug_books.c: a table of chains that doubles, two lists, and the bytes round a block.
 */
#include "kit/debug_books.h"

#include <errno.h>
#include <string.h>

#include "base/hash.h"

#define BUCKETS ((size_t)64)

static int grow(struct ration_debug *debug);

static size_t bucket_of(const struct ration_debug *debug, const void *block) {
  return hash_word((uintptr_t)block) & (debug->buckets - 1);
}

static void append(struct ration_debug_list *list, struct ration_debug_record *record) {
  record->previous = list->last;
  record->next = NULL;
  if (list->last)
    list->last->next = record;
  else
    list->first = record;
  list->last = record;
  list->count++;
}

static void unlink_from(struct ration_debug_list *list, struct ration_debug_record *record) {
  if (record->next)
    record->next->previous = record->previous;
  else
    list->last = record->previous;
  if (record->previous)
    record->previous->next = record->next;
  else
    list->first = record->next;
  list->count--;
}

struct ration_debug_record *books_find(const struct ration_debug *debug, const void *block) {
  struct ration_debug_record *record = debug->buckets ? debug->table[bucket_of(debug, block)] : NULL;
  while (record && record->block != block) record = record->in_bucket;
  return record;
}

struct ration_debug_record *books_make(struct ration_debug *debug) {
  if (debug->live.count + debug->released.count >= debug->buckets && grow(debug) && !debug->buckets)
    return NULL;
  struct ration_debug_record *record =
      ration_memory_allocate(debug->settings.books, sizeof *record, _Alignof(struct ration_debug_record));
  if (record) memset(record, 0, sizeof *record);
  return record;
}

/* -ENOMEM: the table stays as it is; but for the first, that does no harm. */
static int grow(struct ration_debug *debug) {
  size_t buckets = debug->buckets ? debug->buckets * 2 : BUCKETS, old = debug->buckets;
  int kept_errno = errno;
  struct ration_debug_record **table =
      ration_memory_allocate_array(debug->settings.books, buckets, sizeof *table, _Alignof(void *));
  if (!table) {
    if (old) errno = kept_errno;
    return -ENOMEM;
  }
  memset(table, 0, buckets * sizeof *table);
  struct ration_debug_record **before = debug->table;
  debug->table = table;
  debug->buckets = buckets;
  for (size_t i = 0; i < old; i++)
    for (struct ration_debug_record *record = before[i], *next, **end; record; record = next) {
      next = record->in_bucket; /* to the end: of two with one address, the newest stays the first */
      for (end = &table[bucket_of(debug, record->block)]; *end;) end = &(*end)->in_bucket;
      record->in_bucket = NULL;
      *end = record;
    }
  if (before) ration_memory_release(debug->settings.books, before, old * sizeof *before, _Alignof(void *));
  return 0;
}

void books_unmake(struct ration_debug *debug, struct ration_debug_record *record) {
  ration_memory_release(debug->settings.books, record, sizeof *record, _Alignof(struct ration_debug_record));
}

static void put(struct ration_debug *debug, struct ration_debug_record *record) {
  struct ration_debug_record **bucket = &debug->table[bucket_of(debug, record->block)];
  record->in_bucket = *bucket;
  *bucket = record;
}

void books_add(struct ration_debug *debug, struct ration_debug_record *record) {
  put(debug, record);
  append(&debug->live, record);
  debug->live_bytes += record->size;
}

void books_release(struct ration_debug *debug, struct ration_debug_record *record) {
  unlink_from(&debug->live, record);
  debug->live_bytes -= record->size;
  record->is_released = 1;
  if (record->is_held) debug->held_bytes += record->size;
  append(&debug->released, record);
}

void books_remove(struct ration_debug *debug, struct ration_debug_record *record) {
  struct ration_debug_record **place = &debug->table[bucket_of(debug, record->block)];
  while (*place != record) place = &(*place)->in_bucket;
  *place = record->in_bucket;
  unlink_from(record->is_released ? &debug->released : &debug->live, record);
  if (!record->is_released)
    debug->live_bytes -= record->size;
  else if (record->is_held)
    debug->held_bytes -= record->size;
}

struct ration_debug_record *books_around(const struct ration_debug *debug, const void *address) {
  struct ration_debug_record *record = debug->live.first;
  while (record && (uintptr_t)address - (uintptr_t)record->block >= record->size) record = record->next;
  return record;
}

void books_done(struct ration_debug *debug) {
  if (debug->table)
    ration_memory_release(debug->settings.books, debug->table, debug->buckets * sizeof *debug->table,
                          _Alignof(void *));
  debug->table = NULL;
  debug->buckets = 0;
}

/* The bytes of guards, repeated: they differ from block to block, so one that was copied with its guards is told. Each is
   even and above 0x7f, so that one byte of text, a zero or 0xff never is the guard that it is written over. */
static uint64_t guard_of(const struct ration_debug_record *record) {
  uint64_t hash = hash_word((uintptr_t)record->block + hash_word(record->serial));
  return (hash | UINT64_C(0x8080808080808080)) & UINT64_C(0xfefefefefefefefe);
}

static unsigned char guard_byte(uint64_t guard, size_t at) {
  return (unsigned char)(guard >> (8 * (at % 8)));
}

void books_guard(const struct ration_debug_record *record) {
  uint64_t guard = guard_of(record);
  size_t front = books_front(record->alignment);
  unsigned char *outer = (unsigned char *)record->block - front,
                *behind = (unsigned char *)record->block + record->size;
  for (size_t i = 0; i < front; i++) outer[i] = guard_byte(guard, i);
  for (size_t i = 0; i < RATION_DEBUG_GUARD; i++) behind[i] = guard_byte(guard, i);
}

int books_check(const struct ration_debug_record *record, ptrdiff_t *ret_offset, const char **ret_text) {
  uint64_t guard = guard_of(record);
  size_t front = books_front(record->alignment), at = front;
  const unsigned char *block = (const unsigned char *)record->block, *outer = block - front;
  while (at && outer[at - 1] == guard_byte(guard, at - 1)) at--;
  if (at) {
    *ret_offset = (ptrdiff_t)at - 1 - (ptrdiff_t)front;
    *ret_text = "written before its start";
    return -EBADMSG;
  }
  while (record->is_released && at < record->size && block[at] == RATION_DEBUG_RELEASED) at++;
  if (record->is_released && at < record->size) {
    *ret_offset = (ptrdiff_t)at;
    *ret_text = "written after its release";
    return -EBADMSG;
  }
  for (at = 0; at < RATION_DEBUG_GUARD && block[record->size + at] == guard_byte(guard, at);) at++;
  if (at == RATION_DEBUG_GUARD) return 0;
  *ret_offset = (ptrdiff_t)(record->size + at);
  *ret_text = "written behind its end";
  return -EBADMSG;
}
