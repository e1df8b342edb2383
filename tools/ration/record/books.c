/*
 * books.c: the frees of all slabs, then charges, the slabs, and charges again, until these have not moved in between, a few
 * times: credit that a thread gives back is in no charge any more.
 */
#include "record/books.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/test_point.h"

#define TRIES 4

/* What is read, and read again, while threads run. */
struct moving {
  struct ration_segment_tally *tallies; /* of each slab its head, and a tally for each category */
  struct ration_segment_category *rows; /* from 1 on */
  struct ration_segment_category *rows_after;
  uint64_t row_count;
};

static int take_slabs(struct mirror *mirror, const struct books *books);
static int take_moving(struct mirror *mirror, const struct books *books);
static int read_until_unmoved(struct mirror *mirror, const struct books *books, struct moving *moving);
static int read_slabs(struct mirror *mirror, const struct books *books, struct moving *moving,
                      bool keeps_frees);
static int read_rows(struct mirror *mirror, struct moving *moving);
static void put_moving(struct mirror *mirror, const struct books *books, const struct moving *moving);
static uint64_t rows_used(const struct mirror *mirror, const struct books *books);

int books_begin(struct mirror *mirror, struct books *ret_books) {
  struct books books = {.categories = 0};
  const struct layout_table *table = mirror_table(mirror, RATION_TABLE_PROCESS);
  int error = mirror_copy(mirror, 0, &books.header, sizeof books.header);
  if (!error && table->rows) error = mirror_copy(mirror, table->offset, &books.process, sizeof books.process);
  if (error) return error;
  const struct layout *layout = &mirror->layout;
  uint32_t slabs = books.header.slab_count;
  if (books.header.magic != RATION_SEGMENT_MAGIC || slabs > RATION_SLABS_MOST ||
      slabs > layout->tables[RATION_TABLE_SLABS].rows)
    return -EBADMSG;
  uint32_t id = 1;
  while (id < RATION_CATEGORY_IDS && books.header.category_row[id]) id++;
  books.categories = id - 1;
  *ret_books = books;
  return 0;
}

/* Peaks are read before what was allocated. */
int books_take(struct mirror *mirror, const struct books *books, bool is_at_rest) {
  int error = mirror_take_rows(mirror, RATION_TABLE_CATEGORIES, 1, 1 + rows_used(mirror, books));
  if (error) return error;
  return is_at_rest ? take_slabs(mirror, books) : take_moving(mirror, books);
}

void books_put(struct mirror *mirror, const struct books *books) {
  const struct layout_table *table = mirror_table(mirror, RATION_TABLE_PROCESS);
  if (table->rows) mirror_put(mirror, table->offset, &books->process, sizeof books->process);
  mirror_put(mirror, 0, &books->header, sizeof books->header);
}

/* Each slab's tallies begin with its head. */
static size_t slab_cells(const struct books *books) {
  return books->categories + 1;
}

static uint64_t slab_offset(const struct mirror *mirror, uint32_t slab) {
  const struct layout_table *table = mirror_table(mirror, RATION_TABLE_SLABS);
  return table->offset + (uint64_t)slab * table->stride;
}

static int take_slabs(struct mirror *mirror, const struct books *books) {
  int error = 0;
  for (uint32_t slab = 0; slab < books->header.slab_count && !error; slab++)
    error = mirror_take(mirror, slab_offset(mirror, slab),
                        slab_cells(books) * sizeof(struct ration_segment_tally));
  return error;
}

static int take_moving(struct mirror *mirror, const struct books *books) {
  struct moving moving = {.row_count = rows_used(mirror, books)};
  size_t cells = books->header.slab_count * slab_cells(books);
  moving.tallies = malloc((cells + 1) * sizeof *moving.tallies);
  moving.rows = malloc((moving.row_count + 1) * sizeof *moving.rows);
  moving.rows_after = malloc((moving.row_count + 1) * sizeof *moving.rows_after);
  bool has_room = moving.tallies && moving.rows && moving.rows_after;
  int error = has_room ? read_until_unmoved(mirror, books, &moving) : -ENOMEM;
  if (!error) put_moving(mirror, books, &moving);
  free(moving.tallies);
  free(moving.rows);
  free(moving.rows_after);
  return error;
}

/* The rows are those from before the slabs. */
static int read_until_unmoved(struct mirror *mirror, const struct books *books, struct moving *moving) {
  size_t bytes = moving->row_count * sizeof *moving->rows;
  int error = read_slabs(mirror, books, moving, false);
  if (!error) error = read_rows(mirror, moving);
  bool has_moved = true;
  for (int try = 0; try < TRIES && has_moved && !error; try++) {
    memcpy(moving->rows, moving->rows_after, bytes);
    error = read_slabs(mirror, books, moving, true);
    TEST_POINT("books:slabs");
    if (!error) error = read_rows(mirror, moving);
    has_moved = memcmp(moving->rows, moving->rows_after, bytes) != 0;
  }
  return error;
}

/* keeps_frees: they were read before, of all slabs. */
static int read_slabs(struct mirror *mirror, const struct books *books, struct moving *moving,
                      bool keeps_frees) {
  struct ration_segment_tally read[RATION_CATEGORY_IDS], *to = moving->tallies;
  size_t cells = slab_cells(books);
  for (uint32_t slab = 0; slab < books->header.slab_count; slab++, to += cells) {
    int error = mirror_copy(mirror, slab_offset(mirror, slab), read, cells * sizeof *read);
    if (error) return error;
    for (size_t id = 1; id < cells && keeps_frees; id++) read[id].frees = to[id].frees;
    memcpy(to, read, cells * sizeof *read);
  }
  return 0;
}

static int read_rows(struct mirror *mirror, struct moving *moving) {
  const struct layout_table *table = mirror_table(mirror, RATION_TABLE_CATEGORIES);
  if (moving->row_count == 0) return 0;
  mirror->read_bytes += moving->row_count * sizeof *moving->rows_after;
  return layout_copy_rows(&mirror->file, table, 1, moving->row_count, moving->rows_after,
                          sizeof *moving->rows_after);
}

static void put_moving(struct mirror *mirror, const struct books *books, const struct moving *moving) {
  const struct layout_table *table = mirror_table(mirror, RATION_TABLE_CATEGORIES);
  const struct ration_segment_tally *from = moving->tallies;
  size_t cells = slab_cells(books);
  for (uint32_t slab = 0; slab < books->header.slab_count; slab++, from += cells)
    mirror_put(mirror, slab_offset(mirror, slab), from, cells * sizeof *from);
  for (uint64_t i = 0; i < moving->row_count; i++)
    mirror_put(mirror, table->offset + (i + 1) * table->stride, &moving->rows[i], sizeof moving->rows[i]);
}

/* Categories' rows stand in the order in which they came, mostly: from row 1 to the last that is in use. */
static uint64_t rows_used(const struct mirror *mirror, const struct books *books) {
  uint64_t last = 0, rows = mirror_table(mirror, RATION_TABLE_CATEGORIES)->rows;
  for (uint32_t id = 1; id <= books->categories; id++)
    if (books->header.category_row[id] > last) last = books->header.category_row[id];
  if (last >= rows) last = rows ? rows - 1 : 0;
  return last;
}
