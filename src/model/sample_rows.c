/*
 * sample_rows.c: chains of rows that pass from thread to thread. Whoever takes a word's chain away has it alone, so that
 * whatever comes between two steps here finds each row in one place.
 */
#include "model/sample_rows.h"

static uint32_t take_all(const struct segment *segment, struct sample_shelf *shelf, uint64_t *word);
static uint32_t take_shelved(struct segment *segment);
static void shelve(struct segment *segment, uint32_t chain);
static uint32_t chain_of_new(struct segment *segment);

SAMPLE_PATH uint32_t sample_rows_take_from_chain(struct segment *segment, struct sample_shelf *shelf) {
  uint32_t chain = take_all(segment, shelf, &shelf->full);
  if (!chain) chain = take_shelved(segment);
  if (!chain) chain = chain_of_new(segment);
  uint32_t rest = chain ? load_relaxed(&segment->samples[chain].position) : 0; /* one's own */
  if (!rest) return chain;
  uint64_t word = load_relaxed(&shelf->open); /* only a guess: the swap checks it */
  int is_empty = SHELF_ROW(word) == 0;
  if (!is_empty || !shelf_swap(segment, shelf, &shelf->open, &word, shelf_word(word, rest, SHELF - 1)))
    shelve(segment, rest); /* a signal handler, or another thread, has given one meanwhile */
  return chain;
}

/* All but the row that was given last: it is the next to be taken, and would bring the others back. */
SAMPLE_PATH void sample_rows_pass_on(struct segment *segment, struct sample_shelf *shelf) {
  uint32_t row = take_all(segment, shelf, &shelf->open);
  uint32_t rest = row ? load_relaxed(&segment->samples[row].position) : 0; /* one's own */
  uint64_t word = load_relaxed(&shelf->full); /* only a guess: the swap checks it */
  while (rest && !shelf_swap(segment, shelf, &shelf->full, &word, shelf_word(word, rest, SHELF))) {
  }
  if (rest && SHELF_ROW(word)) shelve(segment, SHELF_ROW(word));
  if (row) sample_rows_give(segment, shelf, row);
}

void sample_rows_clear(struct segment *segment, struct sample_shelf *shelf) {
  uint32_t open = take_all(segment, shelf, &shelf->open), full = take_all(segment, shelf, &shelf->full);
  if (open) shelve(segment, open);
  if (full) shelve(segment, full);
}

/* All of a chain; its word has none then. */
static uint32_t take_all(const struct segment *segment, struct sample_shelf *shelf, uint64_t *word) {
  uint64_t before = load_relaxed(word); /* only a guess: the swap checks it */
  while ((SHELF_ROW(before) || SHELF_COUNT(before)) &&
         !shelf_swap(segment, shelf, word, &before, shelf_word(before, 0, 0))) {
  }
  return SHELF_ROW(before);
}

static uint32_t take_shelved(struct segment *segment) {
  uint64_t word = load_acquire(&segment->shelved), next; /* pairs with shelve */
  uint32_t chain;
  do {
    chain = SHELF_ROW(word);
    if (!chain) return 0;
    next = shelf_word(word, load_relaxed(&segment->samples[chain].site), 0);
  } while (!cas_acq_rel(&segment->shelved, &word, next)); /* pairs with shelve */
  return chain;
}

static void shelve(struct segment *segment, uint32_t chain) {
  uint64_t word = load_relaxed(&segment->shelved); /* only a guess: the swap checks it */
  do store_relaxed(&segment->samples[chain].site, SHELF_ROW(word));
  while (!cas_acq_rel(&segment->shelved, &word, shelf_word(word, chain, 0))); /* pairs with take_shelved */
}

/* In ascending order, since they are taken so. Where there is no memory for them they are lost. */
static uint32_t chain_of_new(struct segment *segment) {
  uint64_t *count = &segment->process->sample_count, first = load_relaxed(count), end;
  uint64_t rows = segment_rows(segment, RATION_TABLE_SAMPLES);
  do {
    if (first >= rows) return 0;
    end = first + SHELF < rows ? first + SHELF : rows;
  } while (!cas_relaxed(count, &first, end)); /* rows are zero until they are taken */
  if (segment_make_present(segment, &segment->samples[first], (end - first) * sizeof *segment->samples) < 0)
    return 0;
  for (uint64_t row = first; row < end; row++)
    store_relaxed(&segment->samples[row].position, row + 1 < end ? (uint32_t)row + 1 : 0);
  return (uint32_t)first;
}
