/*
 * entries.c: two tables by name.
 */
#include "record/entries.h"

#include <errno.h>
#include <stdlib.h>

#include "launch/taking.h"
#include "reader/monotonic.h"

/* One that is done with. */
struct past {
  struct place_name name;
  UT_hash_handle hh;
};

static void free_entry(struct entry *entry);

void entries_free(struct entries *entries) {
  entries_drop_all(entries);
  struct past *past = entries->past, *next;
  HASH_CLEAR(hh, entries->past);
  for (; past; past = next) {
    next = past->hh.next;
    free(past);
  }
  *entries = (struct entries){.open = NULL};
}

struct entry *entries_first(const struct entries *entries) {
  return entries->open;
}

struct entry *entries_next(const struct entry *entry) {
  return entry->hh.next;
}

struct entry *entries_find(const struct entries *entries, const struct place_name *name) {
  struct entry *entry;
  HASH_FIND(hh, entries->open, name, sizeof *name, entry);
  return entry;
}

int entries_add(struct entries *entries, const struct place *place, struct entry **ret_entry) {
  struct fault fault;
  struct segment_file file;
  int error = segment_file_open(place->path, place->is_memfd, &file, &fault);
  if (error) return error;
  struct entry *entry = malloc(sizeof *entry);
  if (!entry) {
    segment_file_close(&file);
    return -ENOMEM;
  }
  *entry =
      (struct entry){.name = place->name, .file = file, .resident_due_at = monotonic_ns() + TAKING_FIRST_NS};
  HASH_ADD(hh, entries->open, name, sizeof entry->name, entry);
  if (entry->hh.tbl) {
    *ret_entry = entry;
    return 0;
  }
  free_entry(entry); /* uthash says so that it has no memory */
  return -ENOMEM;
}

void entries_drop(struct entries *entries, struct entry *entry) {
  HASH_DEL(entries->open, entry);
  free_entry(entry);
}

void entries_drop_all(struct entries *entries) {
  struct entry *entry = entries->open, *next;
  HASH_CLEAR(hh, entries->open);
  for (; entry; entry = next) {
    next = entry->hh.next;
    free_entry(entry);
  }
}

void entries_remember(struct entries *entries, const struct place_name *name) {
  struct past *past = calloc(1, sizeof *past);
  if (!past) return;
  past->name = *name;
  HASH_ADD(hh, entries->past, name, sizeof past->name, past);
  if (!past->hh.tbl) free(past);
}

bool entries_has_past(const struct entries *entries, const struct place_name *name) {
  const struct past *past;
  HASH_FIND(hh, entries->past, name, sizeof *name, past);
  return past;
}

static void free_entry(struct entry *entry) {
  if (entry->followed) {
    followed_close(entry->followed);
    free(entry->followed);
  } else {
    segment_file_close(&entry->file);
  }
  free(entry);
}
