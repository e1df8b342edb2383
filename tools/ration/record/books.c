/*
 * books.c: charges, the slabs, and charges again, until these have not moved in between, a few times: credit that a thread
 * gives back is in no charge any more.
 */
#include "record/books.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/test_point.h"

#include "reader/charges.h"

#define TRIES 4

/* More rows than that will not stand still the next time either. */
#define ROWS_THAT_MAY_REST 8

/* What is read, and read again, while threads run. */
struct moving {
  struct counting counting;
  struct ration_segment_category *rows; /* from 1 on */
  struct ration_segment_category *rows_after;
  uint64_t row_count;
};

static int take_moving(struct mirror *mirror, struct moving *moving);
static int read_until_unmoved(struct mirror *mirror, struct moving *moving);
static int read_rows(struct mirror *mirror, struct moving *moving);
static bool may_rest(const struct moving *moving);
static void put_rows(struct mirror *mirror, const struct moving *moving);
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
int books_take_at_rest(struct mirror *mirror, const struct books *books, struct counts *counts) {
  int error = mirror_take_rows(mirror, RATION_TABLE_CATEGORIES, 1, 1 + rows_used(mirror, books));
  return error ? error : counts_take_at_rest(counts, mirror, books->header.slab_count, books->categories);
}

int books_take(struct mirror *mirror, struct books *books, struct counts *counts,
               const struct counts_look *look) {
  struct moving moving = {.row_count = rows_used(mirror, books)};
  int error =
      counting_begin(counts, mirror, books->header.slab_count, books->categories, look, &moving.counting);
  if (error) return error;
  error = take_moving(mirror, &moving);
  if (!error) books->header.slab_count = moving.counting.recorded;
  counting_end(&moving.counting);
  return error;
}

void books_put(struct mirror *mirror, const struct books *books) {
  const struct layout_table *table = mirror_table(mirror, RATION_TABLE_PROCESS);
  if (table->rows) mirror_put(mirror, table->offset, &books->process, sizeof books->process);
  mirror_put(mirror, 0, &books->header, sizeof books->header);
}

static int take_moving(struct mirror *mirror, struct moving *moving) {
  moving->rows = malloc((moving->row_count + 1) * sizeof *moving->rows);
  moving->rows_after = malloc((moving->row_count + 1) * sizeof *moving->rows_after);
  int error = moving->rows && moving->rows_after ? read_until_unmoved(mirror, moving) : -ENOMEM;
  if (!error) {
    counting_put(&moving->counting);
    put_rows(mirror, moving);
  }
  free(moving->rows);
  free(moving->rows_after);
  return error;
}

/* The rows are those from before the slabs. */
static int read_until_unmoved(struct mirror *mirror, struct moving *moving) {
  int error = read_rows(mirror, moving);
  bool is_again = true;
  for (int try = 0; try < TRIES && is_again && !error; try++) {
    memcpy(moving->rows, moving->rows_after, moving->row_count * sizeof *moving->rows);
    error = counting_read(&moving->counting);
    TEST_POINT("books:slabs");
    if (!error) error = read_rows(mirror, moving);
    is_again = may_rest(moving);
  }
  return error;
}

static int read_rows(struct mirror *mirror, struct moving *moving) {
  const struct layout_table *table = mirror_table(mirror, RATION_TABLE_CATEGORIES);
  if (moving->row_count == 0) return 0;
  mirror->read_bytes += moving->row_count * sizeof *moving->rows_after;
  return layout_copy_rows(&mirror->file, table, 1, moving->row_count, moving->rows_after,
                          sizeof *moving->rows_after);
}

/* Whether some have moved, but so few that they may stand still while all is read once more. */
static bool may_rest(const struct moving *moving) {
  uint64_t moved = charges_moved(moving->rows, moving->rows_after, moving->row_count);
  return moved > 0 && moved <= ROWS_THAT_MAY_REST;
}

static void put_rows(struct mirror *mirror, const struct moving *moving) {
  const struct layout_table *table = mirror_table(mirror, RATION_TABLE_CATEGORIES);
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
