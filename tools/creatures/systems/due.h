/*
 * due.h: the creatures whose turn it is, by position, in the order of the store. One knows whose turn is a while ahead, so
 * that what a turn reads can be fetched into the cache while others have theirs, in stages where one leads to the next:
 *
 *     struct due due;
 *     due_begin(&due, creatures, frame, first, last);
 *     for (uint32_t position; (position = due_ahead(&due, 0)) != NOTHING; due_pass(&due)) {
 *       fetch ... of due_ahead(&due, 16) ...
 *       the turn of position ...
 *     }
 *
 * The same as creatures_is_due of each, but that the places are read from the records' own array, one after another, and
 * without a branch: whose turn it is cannot be guessed.
 */
#ifndef CREATURES_SYSTEMS_DUE_H
#define CREATURES_SYSTEMS_DUE_H

#include "store/creatures.h"

#define DUE_AHEAD 32u  /* the most that may be asked for */
#define DUE_SCAN  128u /* positions looked at, at once */
#define DUE_QUEUE 256u

_Static_assert(DUE_AHEAD + DUE_SCAN < DUE_QUEUE, "a scan finds room for all");

struct due {
  const uint32_t *places; /* of the ids, by position */
  size_t next, last;      /* not yet looked at */
  uint32_t frame;
  uint32_t head, tail; /* of the queue; they wrap */
  uint32_t queue[DUE_QUEUE];
};

static inline void due_scan(struct due *due) {
  while (due->tail - due->head <= DUE_AHEAD && due->next < due->last) {
    size_t end = due->last - due->next > DUE_SCAN ? due->next + DUE_SCAN : due->last;
    uint32_t tail = due->tail;
    for (size_t i = due->next; i < end; i++) {
      due->queue[tail % DUE_QUEUE] = (uint32_t)i;
      tail += (due->places[i] + due->frame) % AI_FRAMES == 0;
    }
    due->tail = tail;
    due->next = end;
  }
}

/* Of positions from first to last - 1. */
static inline void due_begin(struct due *due, const struct creatures *creatures, uint32_t frame, size_t first,
                             size_t last) {
  due->places = (const uint32_t *)ration_vector_data(&creatures->records.records.owners);
  due->next = first;
  due->last = last;
  due->frame = frame;
  due->head = due->tail = 0;
  due_scan(due);
}

/* Whose turn is so many turns ahead, at most DUE_AHEAD; 0: now. NOTHING: there are not so many more. */
static inline uint32_t due_ahead(const struct due *due, uint32_t turns) {
  return due->tail - due->head > turns ? due->queue[(due->head + turns) % DUE_QUEUE] : NOTHING;
}

/* The turn is over. */
static inline void due_pass(struct due *due) {
  due->head++;
  due_scan(due);
}

/* The low half of the id: of one array, so that it costs less than the id to tell two apart. */
static inline uint32_t due_place(const struct creatures *creatures, size_t position) {
  const uint32_t *places = (const uint32_t *)ration_vector_data(&creatures->records.records.owners);
  return places[position];
}

#endif
