/*
 * due.h: the creatures whose turn it is, by position, in the order of the store, a few at a time: so the next few can be
 * fetched into the cache while one has its turn: who fetches has a batch for each stage, one behind the other.
 *
 *     struct due due = due_begin(creatures, frame, first, last);
 *     struct due_batch batch;
 *     while (due_next(&due, &batch)) ...
 *
 * The same as creatures_is_due of each, but that the places are read from the records' own array, one after another.
 */
#ifndef CREATURES_SYSTEMS_DUE_H
#define CREATURES_SYSTEMS_DUE_H

#include "store/creatures.h"

#define DUE_AT_ONCE 16u

struct due_batch {
  uint32_t positions[DUE_AT_ONCE];
  size_t count;
};

struct due {
  const uint32_t *places; /* of the ids, by position */
  size_t next, last;
  uint32_t frame;
};

static inline struct due due_begin(const struct creatures *creatures, uint32_t frame, size_t first,
                                   size_t last) {
  const void *places = ration_vector_data(&creatures->records.records.owners);
  return (struct due){.places = places, .next = first, .last = last, .frame = frame};
}

/* The low half of the id: of one array, so that it costs less than the id to tell two apart. */
static inline uint32_t due_place(const struct creatures *creatures, size_t position) {
  const uint32_t *places = (const uint32_t *)ration_vector_data(&creatures->records.records.owners);
  return places[position];
}

/* How many are in the batch now; 0: no more. */
static inline size_t due_next(struct due *due, struct due_batch *ret_batch) {
  size_t count = 0, next = due->next;
  for (; next < due->last && count < DUE_AT_ONCE; next++) {
    ret_batch->positions[count] = (uint32_t)next;
    count += (due->places[next] + due->frame) % AI_FRAMES == 0;
  }
  due->next = next;
  ret_batch->count = count;
  return count;
}

#endif
