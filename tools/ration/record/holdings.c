/*
 * holdings.c: one table, copied; and picking a few out of it.
 */
#include "record/holdings.h"

#include <stdlib.h>

#include "reader/sample_list.h"

#define SECOND_NS UINT64_C(1000000000)
#define STRETCH   1024 /* rows that are looked at at once */

/* The largest so far, the largest first. */
struct choice {
  struct recording_block blocks[RECORDING_LARGEST_BLOCKS];
  size_t count;
};

static uint64_t rows_used(const struct mirror *mirror, const struct books *books);
static uint64_t next_due(uint64_t now, uint64_t bytes, uint64_t bytes_a_second);
static void offer(struct choice *choice, const struct ration_segment_sample *row);
static int find_categories(struct mirror *mirror, struct choice *choice);

int holdings_take(struct holdings *holdings, struct mirror *mirror, const struct books *books, uint64_t now,
                  bool is_last) {
  if (now < holdings->due_at && !is_last) return 0;
  const struct layout_table *table = mirror_table(mirror, RATION_TABLE_SAMPLES);
  uint64_t rows = rows_used(mirror, books);
  uint64_t due_at = next_due(now, rows * table->stride, HOLDINGS_BYTES_A_SECOND);
  holdings->due_at = due_at > now + SECOND_NS ? due_at : now + SECOND_NS;
  return mirror_take_rows(mirror, RATION_TABLE_SAMPLES, 1, rows);
}

int holdings_take_largest(struct holdings *holdings, struct mirror *mirror, const struct books *books,
                          uint64_t now, bool is_last) {
  if (now < holdings->largest_due_at && !is_last) return 0;
  const struct layout_table *table = mirror_table(mirror, RATION_TABLE_SAMPLES);
  uint64_t end = rows_used(mirror, books);
  holdings->largest_due_at = next_due(now, end * table->stride, HOLDINGS_LARGEST_BYTES_A_SECOND);
  static struct ration_segment_sample rows[STRETCH];
  struct choice choice = {.count = 0};
  int error = 0;
  for (uint64_t first = 1, count; first < end && !error; first += count) {
    count = end - first < STRETCH ? end - first : STRETCH;
    error = layout_copy_rows(&mirror->file, table, first, count, rows, sizeof *rows);
    mirror->read_bytes += count * sizeof *rows;
    for (uint64_t i = 0; i < count && !error; i++) offer(&choice, &rows[i]);
  }
  if (!error) error = find_categories(mirror, &choice);
  if (error) return error;
  recording_largest(mirror->writer, mirror->image, choice.blocks, choice.count); /* its errors stay there */
  return 0;
}

/* One past the last. */
static uint64_t rows_used(const struct mirror *mirror, const struct books *books) {
  const struct layout_table *table = mirror_table(mirror, RATION_TABLE_SAMPLES);
  uint64_t rows = books->process.sample_count < table->rows ? books->process.sample_count : table->rows;
  return rows < SAMPLE_LIST_MOST ? rows : SAMPLE_LIST_MOST;
}

/* So that no more is read than that. */
static uint64_t next_due(uint64_t now, uint64_t bytes, uint64_t bytes_a_second) {
  return now + bytes * 1000 / bytes_a_second * (SECOND_NS / 1000);
}

static void offer(struct choice *choice, const struct ration_segment_sample *row) {
  if (!row->address || !row->usable) return; /* free, or being written */
  size_t at = choice->count;
  while (at > 0 && choice->blocks[at - 1].bytes < row->usable) at--;
  if (at == RECORDING_LARGEST_BLOCKS) return;
  if (choice->count < RECORDING_LARGEST_BLOCKS) choice->count++;
  for (size_t i = choice->count - 1; i > at; i--) choice->blocks[i] = choice->blocks[i - 1];
  choice->blocks[at] = (struct recording_block){.bytes = row->usable, .at = row->at, .site = row->site};
}

/* By their sites; what has none is left out. */
static int find_categories(struct mirror *mirror, struct choice *choice) {
  const struct layout_table *table = mirror_table(mirror, RATION_TABLE_SITES);
  size_t kept = 0;
  for (size_t i = 0; i < choice->count; i++) {
    struct recording_block *block = &choice->blocks[i];
    uint64_t key = 0;
    int error =
        block->site < table->rows ? layout_copy_row(&mirror->file, table, block->site, &key, sizeof key) : 0;
    if (error) return error;
    block->category = RATION_SITE_CATEGORY(key);
    if (block->category) choice->blocks[kept++] = *block;
  }
  choice->count = kept;
  return 0;
}
