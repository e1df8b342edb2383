/*
 * mappings.h: which stretches of address space belong to which category: a sorted table. Pure: the memory is given, and
 * one thread at a time is at it.
 */
#ifndef RATION_MODEL_MAPPINGS_H
#define RATION_MODEL_MAPPINGS_H

#include <stddef.h>
#include <stdint.h>

/* Bytes [start, end). */
struct mapping {
  uint64_t start;
  uint64_t end;
  uint32_t category;
  uint32_t reserved;
};

/*
 * Invariant: start < end of each row; rows are sorted, and do not overlap; two that touch differ in category.
 */
struct mappings {
  struct mapping *rows;
  size_t count;
  size_t room;
};

/* There is room for one row more: what either of the two below may need. */
static inline int mappings_have_room(const struct mappings *mappings) {
  return mappings->count < mappings->room;
}

/* Puts in a stretch of which nothing is there yet. Needs room. */
void mappings_put(struct mappings *mappings, struct mapping mapping);

/*
 * Takes out what lies in [start, end), cutting what lies in it in part: at most `most` pieces, from the lowest on.
 * Returns their number; as long as that is `most`, there may be more. Needs room.
 */
size_t mappings_take(struct mappings *mappings, uint64_t start, uint64_t end, size_t most,
                     struct mapping ret_pieces[]);

/* The category that `address` lies in; 0: in none. */
uint32_t mappings_category(const struct mappings *mappings, uint64_t address);

int mappings_is_valid(const struct mappings *mappings);

#endif
