/*
 * entries.h: the segments that a recorder knows: those that it has open, each with what it makes of it, and by their names
 * alone those that it is done with.
 */
#ifndef RATION_TOOL_RECORD_ENTRIES_H
#define RATION_TOOL_RECORD_ENTRIES_H

#include "reader/places.h"
#include "record/followed.h"

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

struct entry {
  struct place_name name;
  struct segment_file file;  /* of one that could not be read yet */
  struct followed *followed; /* else */
  bool is_unreadable;        /* and counted as such */
  uint64_t resident_due_at;
  UT_hash_handle hh;
};

/* All zero: none. */
struct entries {
  struct entry *open;
  struct past *past;
};

void entries_free(struct entries *entries);

/* In the order in which they came; one that is gone through may be dropped once the next one is known. NULL: no more. */
struct entry *entries_first(const struct entries *entries);
struct entry *entries_next(const struct entry *entry);

/* NULL: it is not open. */
struct entry *entries_find(const struct entries *entries, const struct place_name *name);

/* Opens it. Returns 0 or -errno: it cannot be opened, for want of descriptors, say. */
int entries_add(struct entries *entries, const struct place *place, struct entry **ret_entry);

/* They are closed. */
void entries_drop(struct entries *entries, struct entry *entry);
void entries_drop_all(struct entries *entries);

/* That it is done with. Where there is no memory it might be recorded a second time, if its file stays. */
void entries_remember(struct entries *entries, const struct place_name *name);
bool entries_has_past(const struct entries *entries, const struct place_name *name);

#endif
