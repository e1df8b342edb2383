/*
 * sample_rows.h: rows of the table of samples that are free, and who has them.
 *
 * Each thread has a shelf of them, from which it takes the row that it put there last: it is still in the processor's
 * cache. A full shelf is passed on to all threads, an empty one filled from there, or with rows that nobody has had. No
 * lock; a thread's signal handlers may take and give at any moment.
 *
 *   shelf.open   a chain of free rows, which come and go at its head
 *   shelf.full   a chain of at most SHELF rows, or none: so taking and giving by turns never needs other threads
 *   shelved      of the segment: chains that are anybody's
 *
 * A free row has in `position` the next one of its chain, and the first of a chain in `site` that of the next chain; 0:
 * there is none. A word that begins a chain has its first row, how many there are at most, and how often it was written, so
 * that a swap fails where the row has gone and come back meanwhile.
 */
#ifndef RATION_MODEL_SAMPLE_ROWS_H
#define RATION_MODEL_SAMPLE_ROWS_H

#include "base/compiler.h"
#include "model/segment.h"

#define SHELF             64
#define SHELF_ROW_BITS    24
#define SHELF_ROW(word)   ((uint32_t)((word) & ((1u << SHELF_ROW_BITS) - 1)))
#define SHELF_COUNT(word) ((uint32_t)((word) >> SHELF_ROW_BITS & 0xff))
#define SHELF_WRITES      (UINT64_C(1) << 32)
_Static_assert(SEGMENT_SAMPLES_MOST < 1 << SHELF_ROW_BITS && SHELF < 0xff, "both have room in a word");

/* In-malloc, as all here. A shelf is the calling thread's, or the segment's shared one. 0: there is no row, or no memory. */
SAMPLE_PATH uint32_t sample_rows_take_from_chain(struct segment *segment, struct sample_shelf *shelf);
SAMPLE_PATH void sample_rows_pass_on(struct segment *segment, struct sample_shelf *shelf);

/* Gives all of it to whoever needs them: a thread has ended. */
void sample_rows_clear(struct segment *segment, struct sample_shelf *shelf);

static inline uint64_t shelf_word(uint64_t before, uint32_t row, uint32_t count) {
  return (before & ~(SHELF_WRITES - 1)) + SHELF_WRITES + ((uint64_t)count << SHELF_ROW_BITS) + row;
}

static inline int shelf_swap(const struct segment *segment, struct sample_shelf *shelf, uint64_t *word,
                             uint64_t *expected, uint64_t value) {
  if (LIKELY(shelf != &segment->shared_shelf)) return swap_owned(word, expected, value);
  return cas_acq_rel(word, expected, value); /* pairs with shelf_swap, in other threads */
}

/* The number of a row that is the caller's from now on. */
static inline uint32_t sample_rows_take(struct segment *segment, struct sample_shelf *shelf) {
  uint64_t word = load_acquire(&shelf->open), after; /* pairs with shelf_swap */
  uint32_t row;
  do {
    row = SHELF_ROW(word);
    if (UNLIKELY(!row)) return sample_rows_take_from_chain(segment, shelf);
    after = shelf_word(word, load_relaxed(&segment->samples[row].position), SHELF_COUNT(word) - 1);
  } while (UNLIKELY(!shelf_swap(segment, shelf, &shelf->open, &word, after)));
  return row;
}

/* A row of one's own, whose address is 0. It is at hand for the next take, also where the shelf was full. */
static inline void sample_rows_give(struct segment *segment, struct sample_shelf *shelf, uint32_t row) {
  uint64_t word = load_relaxed(&shelf->open); /* only a guess: the swap checks it */
  do store_relaxed(&segment->samples[row].position, SHELF_ROW(word));
  while (UNLIKELY(
      !shelf_swap(segment, shelf, &shelf->open, &word, shelf_word(word, row, SHELF_COUNT(word) + 1))));
  if (UNLIKELY(SHELF_COUNT(word) >= SHELF)) sample_rows_pass_on(segment, shelf);
}

#endif
